"""Views of the whole catalog for people: as a file, and as worklists."""
