"""What producers see and do: their own products, and nobody else's."""
