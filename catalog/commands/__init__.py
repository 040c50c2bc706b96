"""The acts of people on named products, and the sales of marketplaces."""
