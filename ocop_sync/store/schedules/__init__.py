"""Schedules, the claims of their runs, and the ends that are watched."""
