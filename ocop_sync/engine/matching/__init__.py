"""Whether a listing that somebody made is one of our products."""
