"""Feeds written: CSV, JSON, workbooks, templates, annotated copies."""
