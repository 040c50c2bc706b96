"""Give each part of a mock its own repeatable randomness."""

import random


def seeded(seed: int, *scope: str) -> random.Random:
    """Return a generator that depends on *seed* and *scope* alone.

    Parts with scopes of their own do not disturb each other: adding a draw to
    one leaves the others as they were, on every machine and Python version.
    """
    words = "/".join((str(seed), *scope))
    return random.Random(words)  # noqa: S311 - made-up data, no secret depends on it
