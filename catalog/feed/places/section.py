"""Sections that are called by a place: "II. Huyện Cẩm Giàng, tỉnh Hải Dương".

The rows below are of that place until another section names one. Sections of other
things ("Thực phẩm") change nothing.
"""

import re
from dataclasses import dataclass
from typing import Final

from catalog.feed.places.address import parts_of
from catalog.feed.places.whereabouts import Whereabouts
from catalog.spreadsheet.line import Line

_NUMBER: Final = re.compile(r"\s*(?:[IVXLC]{1,6}|[A-Z]|[0-9]{1,3})\s*[.):/-]\s*(?=\S)")


@dataclass(slots=True)
class Section:
    """The section of a sheet in which its reader is.

    Attributes:
        whereabouts: Tells our province from the others; None asks nothing.
        other_province: The other province that it names; "" if none.
    """

    whereabouts: Whereabouts | None = None
    other_province: str = ""

    def enter(self, line: Line) -> None:
        """Read the name of the section that begins with *line*."""
        texts = dict.fromkeys(_NUMBER.sub("", each, 1) for each in line.cells.values())
        text = ", ".join(texts)
        if self.whereabouts is None:
            return
        where = self.whereabouts.of_district(text)
        if where.ours or where.other_province:
            self.other_province = (
                where.other_province if where.names_other_province else ""
            )
        elif any(part.is_district for part in parts_of(text)):
            self.other_province = ""
