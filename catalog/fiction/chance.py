"""Where made-up values get their chance from."""

from random import Random


def chance(*key: object) -> Random:
    """Return a generator of its own for *key*: the same key, the same values.

    Each product and each producer has its own, so that any of them can be made
    without those before it.
    """
    return Random("/".join(map(str, key)))  # noqa: S311  (nothing here is secret)
