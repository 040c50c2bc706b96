"""The use cases, where catalog, engine, apply and store meet.

`sync` keeps marketplaces right, `plan` only says what it would do, `coverage`
counts, and `people` is what a person may decide.
"""
