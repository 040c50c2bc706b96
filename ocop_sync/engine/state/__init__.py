"""What is remembered of a product at a marketplace, and what can be said of it."""
