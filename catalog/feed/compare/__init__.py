"""Rows of one file held against each other, before any is believed."""
