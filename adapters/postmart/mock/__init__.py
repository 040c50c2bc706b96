"""Simulate Postmart as an HTTP server of its own."""
