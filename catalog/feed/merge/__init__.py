"""Imported rows: their changes, their permissions, their effect on buyers."""
