"""Notices: what must be told, recorded with the event, and sent until it arrives."""
