"""Help adapter authors: a marketplace in memory, and the parts that mocks share."""
