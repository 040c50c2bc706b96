"""Hold the marketplaces this service can talk to, one package each."""
