"""The adapter of ChoQue for ocop-sync."""
