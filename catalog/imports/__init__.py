"""Taking a feed in: questions, what it changes, what is kept of it."""
