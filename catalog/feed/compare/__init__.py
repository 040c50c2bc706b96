"""Rows of one file held against each other."""
