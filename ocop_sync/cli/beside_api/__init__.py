"""The processes of `serve` beside the API: the worker, and one for long work.

Python computes on one processor at a time in each process, and a sync or an import
computes a lot: in the API's own process its callers waited for them. Each is this
program anew (`child`), ends with the API's process whatever becomes of that
(`life_line`), and shares nothing with it but the database.
"""
