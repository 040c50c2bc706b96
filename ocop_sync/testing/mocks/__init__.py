"""Hold the machinery that mock marketplaces share, and nothing of their APIs.

A mock brings its state, its routes and its rules. The modules here run it: `clock` (a
movable present), `state_file` (nothing acknowledged is lost), `quota` (calls a second,
as a server counts them), `call_log` (the calls that it received), `faults` (which calls
go wrong), `hit_call` (one of them), `fault_actions` and `corruptions` (how), `lag`
(delayed reads), `reasons` (the words beside a status), `staff` and `staff_actions` (the
acts of the marketplace's people) and `control` (the `/_mock/` pages by which a test or
a demonstration asks for all of it). `app_factory` puts them together; `mock` is the
interface for whoever starts the result.
"""
