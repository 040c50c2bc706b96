"""Carry a plan out through the port, and hand each outcome back."""
