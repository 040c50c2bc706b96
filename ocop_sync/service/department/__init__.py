"""What the department sees of everything at once."""
