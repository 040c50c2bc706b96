"""Files of tables, from bytes to lines of text cells: XLSX, CSV and JSON.

The content of a file is decided here: encodings, separators, cached values, merged
blocks, bounds. The meaning of its columns is decided in `catalog.feed`. Nothing here
evaluates a formula, follows a link, or runs anything.
"""
