"""Which product, producer, pack and certificate a row is about."""
