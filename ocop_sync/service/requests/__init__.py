"""Runs that people ask for: asked for and cancelled here, carried out by a worker."""
