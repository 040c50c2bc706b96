"""The decisions of people: approvals, drift, mappings, doubles, retries."""
