"""What a marketplace should show of a product; where its words and claims come from."""
