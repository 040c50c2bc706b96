"""The texts that people read of holds, remedies, accounts and the clock, as data."""
