"""Define the port: all that the author of an adapter reads."""
