"""Decide what to change, as pure functions of what is given."""
