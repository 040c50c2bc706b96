"""One run at the accounts: its parts, its gate, its cache, its report."""
