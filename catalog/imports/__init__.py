"""Importing a feed: its questions, its changes, its record."""
