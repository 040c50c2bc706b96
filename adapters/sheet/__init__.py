"""Marketplaces without an API: what is due goes to people as a spreadsheet."""
