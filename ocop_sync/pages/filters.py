"""The filters of a list: for each what may be chosen, and what is.

A form sends each of its choices, also "all". Addresses name only what narrows a list:
the page leads on to that one, so that it can be kept and passed on.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from catalog.eligibility import Text

ALL: Final = "all"
"""The choice that narrows nothing."""
EVERYTHING: Final = Text("Tất cả", "All")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list can be narrowed by.

    Attributes:
        name: The parameter in the address.
        words: What people call it.
        options: Each choice, as the address has it and in words.
        chosen: The one that holds.
    """

    name: str
    words: Text
    options: Sequence[tuple[str, Text]]
    chosen: str


def filter_of(
    name: str,
    words: Text,
    options: Iterable[tuple[str, Text]],
    chosen: object,
) -> Filter:
    """Return a filter that may be left out; *chosen* is None if it is."""
    return Filter(
        name=name,
        words=words,
        options=[(ALL, EVERYTHING), *options],
        chosen=ALL if chosen is None else str(chosen),
    )


def narrowed_address(request: web.Request, texts: Collection[str] = ()) -> str:
    """Return the address without what narrows nothing; "" if it is that already.

    *texts* are the fields that people type in: left empty, they narrow nothing.
    """
    sent = list(request.query.items())
    empty = {(name, "") for name in texts}
    left = [each for each in sent if each[1] != ALL and each not in empty]
    return "" if left == sent else str(request.rel_url.with_query(left))
