"""Uploaded pictures, from the file to the product."""
