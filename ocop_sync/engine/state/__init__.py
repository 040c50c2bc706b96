"""The state of a product at a marketplace, and the conclusions from it."""
