"""Files of tables, from bytes to lines of text cells: XLSX, CSV and JSON.

What is decided here is what a file says: encodings, separators, cached values,
merged blocks, bounds. What its columns mean is decided in `catalog.feed`.
Nothing here evaluates a formula, follows a link, or runs anything.
"""
