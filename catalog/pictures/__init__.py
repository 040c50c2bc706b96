"""Uploaded pictures: what comes in is decoded once, in a process of its own."""
