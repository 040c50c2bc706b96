"""Speak to Voso: signed calls, batches, one account per shop."""
