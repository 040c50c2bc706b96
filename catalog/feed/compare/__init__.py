"""Rows of one file held against each other, and merged into the stored values."""
