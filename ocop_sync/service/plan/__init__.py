"""Plans: what a sync would do, as values and as files."""
