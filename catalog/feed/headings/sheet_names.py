"""A sheet's own names of its columns, put into messages about it.

A message names a column `[[price_vnd]]`; whoever reads it finds the heading and
the letter of the sheet there, or the heading that our own sheets have where the
sheet has no such column. A record of JSON has fields.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalog.feed.headings.heading import (
    COMMUNE_CODE,
    NEW_COMMUNE,
    OLD_COMMUNE,
    heading_of,
)

_COLUMN: Final = re.compile(r"\[\[([a-z_0-9]+)\]\]")


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """Where a column stands in a sheet.

    Attributes:
        letter: Its letter, as spreadsheets show it; "" if it has none.
        heading: Its heading, as it is written there.
    """

    letter: str = ""
    heading: str = ""


_FROM: Final = {
    "decided_on": ("decision",),
    "revoked_on": ("revoked_by",),
    "body": ("decision",),
    "potential_5": ("stars",),
    "old_commune_code": (OLD_COMMUNE, COMMUNE_CODE),
    "commune_code": (NEW_COMMUNE, COMMUNE_CODE),
}
"""From which columns another one may be filled."""


class Filled(dict[str, ColumnPlace]):
    """Places that know where a column that is no own one was filled from."""

    def get(self, name: str, default: ColumnPlace | None = None) -> ColumnPlace:  # type: ignore[override]
        """Return the place of *name*, or of the column it was filled from."""
        for each in (name, *_FROM.get(name, ())):
            if found := super().get(each):
                return found
        return default or ColumnPlace()


NOWHERE: Final[Mapping[str, ColumnPlace]] = {}
"""Where the columns of no sheet stand."""


def sheet_name_of(
    column: str, places: Mapping[str, ColumnPlace], *, record: bool = False
) -> str:
    """Return the sheet's name of *column*: its letter, if any, and its heading."""
    place = places.get(column)
    if place and place.heading:
        return f"{place.letter} “{place.heading}”".lstrip()
    return f"“{column if record else heading_of(column)}”"


def in_vietnamese(
    text: str, places: Mapping[str, ColumnPlace] = NOWHERE, *, record: bool = False
) -> str:
    """Return *text* with the columns that it names as the sheet calls them."""
    word = "trường" if record else "cột"
    return _named(text, places, word, "thêm cột này", record=record)


def in_english(
    text: str, places: Mapping[str, ColumnPlace] = NOWHERE, *, record: bool = False
) -> str:
    """Return the same of an English text."""
    word = "field" if record else "column"
    return _named(text, places, word, "add it", record=record)


def _named(
    text: str, places: Mapping[str, ColumnPlace], word: str, add: str, *, record: bool
) -> str:
    if "[[" not in text:
        return text

    def name(found: re.Match[str]) -> str:
        try:
            named = f"{word} {sheet_name_of(found[1], places, record=record)}"
        except KeyError:  # no column of ours: a product may be called so
            return found[0]
        place = places.get(found[1])
        lacks = bool(places) and not record and not (place and place.heading)
        return f"{named} ({add})" if lacks else named

    return _COLUMN.sub(name, text)
