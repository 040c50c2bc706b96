"""Entries: a product with its producer, as they are read, compared and written."""

from catalog.producer import Producer
from catalog.product import Product

Entry = tuple[Product, Producer | None]
"""A product and its producer, if that is known."""
