"""Names of producers, taken apart and brought into one form."""
