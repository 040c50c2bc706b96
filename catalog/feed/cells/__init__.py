"""Single cells: numbers, days, stars, words, and texts that nobody wrote."""
