"""Plans: the changes of the next sync, as values and as files."""
