"""Simulate Voso as an HTTP server of its own."""
