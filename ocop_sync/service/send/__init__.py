"""Sending changes, the most urgent first, slice by slice."""
