"""What people decide: approvals, drift, mappings, doubles, retries."""
