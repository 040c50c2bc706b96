"""JSON of any size, written and read piece by piece: of results, and of plan files."""
