"""Hold the machinery that mock marketplaces share, and nothing of their APIs.

A mock brings its state, its routes and its rules; what is here runs it:
`clock` (a movable present), `statefile` (nothing acknowledged is lost), `quota`
(calls a second, as a server counts them), `calllog` (what was asked of it),
`faults` (answers that get lost) and `control` (the `/_mock/` pages by which a
test or a demonstration plays the marketplace's staff and buyers). `assembly`
puts them together.
"""
