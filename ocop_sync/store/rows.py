"""Entries as rows of the table whose columns are called as their fields."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def values_of(entry: "DataclassInstance") -> dict[str, Any]:
    """Return the fields of *entry* by name, each as it is."""
    return {each.name: getattr(entry, each.name) for each in fields(entry)}
