"""The columns of a feed, and what the headings of a sheet mean."""
