"""Remember the runs and their changes, in SQLite or PostgreSQL."""
