"""How results are shown: tables, progress, lines to people and to machines."""
