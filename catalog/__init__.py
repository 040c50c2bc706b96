"""Hold the domain: products, producers, certificates, eligibility, import."""
