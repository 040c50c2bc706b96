"""Schedules, and the claims of their runs."""
