"""Single cells: numbers, days, stars, words."""
