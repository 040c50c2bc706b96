"""From what is wanted and what is remembered to a decision and its changes."""
