"""All that a call to a marketplace passes through: batches, retries, breaker, stop."""
