"""Reading accounts: whole, by event, by search."""
