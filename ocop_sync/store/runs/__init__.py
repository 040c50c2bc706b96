"""Accounts and their leases, runs, and the ledger of what was sent."""
