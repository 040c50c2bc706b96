"""Entries as rows of the table whose columns are called as their fields."""

from typing import Any

from catalog.values import names_of


def values_of(entry: object) -> dict[str, Any]:
    """Return the fields of *entry* by name, each as it is."""
    return {name: getattr(entry, name) for name in names_of(type(entry))}
