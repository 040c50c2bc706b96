"""Taking an import back: what goes back, and what stays."""
