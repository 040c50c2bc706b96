"""Rows taken in: what each changes, may change, and takes from buyers."""
