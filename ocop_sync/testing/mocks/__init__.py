"""Hold the machinery that mock marketplaces share, and nothing of their APIs.

A mock brings its state, its routes and its rules; what is here runs it:
`clock` (a movable present), `statefile` (nothing acknowledged is lost), `quota`
(calls a second, as a server counts them), `calllog` (what was asked of it),
`faults` (which calls go wrong), `plays` and `spoils` (how), `lag` (what readers
are shown late), `reasons` (the words beside a status), `staff` and `acts` (what
the marketplace's people do) and `control` (the `/_mock/` pages by which a test or
a demonstration asks for all of it). `assembly` puts them together.
"""
