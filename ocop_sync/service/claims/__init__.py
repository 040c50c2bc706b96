"""Work that any process may carry out: whose it is, and until when."""
