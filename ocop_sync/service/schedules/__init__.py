"""Schedules: what people have done at set times, and what was done of it."""
