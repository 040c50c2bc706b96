"""The operations of the API, a module for each subject; `OPERATIONS` lists them.

`marketplaces` is the plainest one. CONTRIBUTING.md says how a route is written.
"""
