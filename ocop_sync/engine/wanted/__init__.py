"""The wanted listing of a product; the origin of its words and claims."""
