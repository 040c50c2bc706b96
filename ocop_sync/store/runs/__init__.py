"""Accounts and their leases, runs, and the ledger of sent changes."""
