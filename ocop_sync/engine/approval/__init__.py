"""The budget for removals, and the contents of an approval."""
