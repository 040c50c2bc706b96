"""The columns of a feed, and the meaning of a sheet's headings."""
