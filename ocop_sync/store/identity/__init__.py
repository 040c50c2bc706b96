"""People, keys, links and sessions: every statement on their tables."""
