"""What may be taken from buyers at once, and what a person is shown before deciding."""
