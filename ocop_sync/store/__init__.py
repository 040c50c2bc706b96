"""Remember what was done and when, in SQLite or PostgreSQL."""
