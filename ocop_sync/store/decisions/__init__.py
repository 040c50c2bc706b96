"""What waits for a person, and what persons have decided."""
