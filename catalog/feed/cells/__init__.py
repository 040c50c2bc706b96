"""Single cells: numbers, days, stars, words, and what nobody wrote."""
