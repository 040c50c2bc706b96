"""Taking an import back: the values that go back, and those that stay."""
