"""The form of each value that is shown: the API answers it, commands print it.

There is one for each value, with a function that makes it of the use case's result. A
command with `--json` and the route for the same question write the same keys and the
same values (`tests/e2e/test_same_values.py`); who asks and in how many pages is theirs.
"""
