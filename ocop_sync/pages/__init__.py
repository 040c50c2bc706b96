"""What people look at: pages, rendered here from the use cases' own values.

A driver like the command line and the API: a page parses, asks a use case, and shows
its value in a template. It decides nothing and has no SQL.
"""
