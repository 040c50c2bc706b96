"""Keep certified OCOP products correctly on sale on marketplaces."""
