"""Each product at each marketplace, and all else that stands there."""
