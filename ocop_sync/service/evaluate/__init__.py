"""The state of each product at a marketplace, and its evaluation."""
