"""What is known of each product at a marketplace, and what follows from it."""
