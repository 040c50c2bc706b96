"""The codes that trace a pack and a product: GS1 numbers, traceability pages.

Nothing is looked up, neither the owner of a number nor the content of a page.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

KNOWN_HOSTS: Final = ("qn.check.net.vn",)
"""Hosts whose traceability pages are shown unless the settings name others: the one
that the province's report of June 2022 names."""

_LENGTHS: Final = frozenset({8, 12, 13, 14})
_PAGE: Final = re.compile(r"https://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?:[/?#]\S*)?")
"""No port, user or backslash: a browser could not take the text after the host for a
part of another host's name."""


@lru_cache(maxsize=8_192)
def is_gtin(text: str) -> bool:
    """Say whether *text* is a GTIN-8, -12, -13 or -14 with a right check digit."""
    if len(text) not in _LENGTHS or not (text.isascii() and text.isdigit()):
        return False
    return check_digit(text[:-1]) == text[-1]


def check_digit(digits: str) -> str:
    """Return the check digit of a GS1 number without one.

    From the right, each other digit counts three times, the last one first.
    """
    weighed = 3 * sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2]))
    return str(-weighed % 10)


def host_of(page: str) -> str | None:
    """Return the host of a traceability page, in lower case.

    None if *page* is no plain https address.
    """
    found = _PAGE.fullmatch(page)
    return found[1].lower() if found else None


def shown_page(page: str, known: Collection[str]) -> str:
    """Return *page* if buyers may be shown it: https, at a *known* host; else ""."""
    return page if page and host_of(page) in known else ""
