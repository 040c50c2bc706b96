"""Decide the changes, as pure functions of their arguments."""
