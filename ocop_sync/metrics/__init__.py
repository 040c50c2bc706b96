"""Metrics for Prometheus: which there are, and the port at which they are asked for."""
