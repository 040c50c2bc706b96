"""What people do to named products, and what marketplaces sell of them."""
