"""Communes and provinces before and since 1 July 2025."""
