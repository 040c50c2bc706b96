"""The parts of a workbook that openpyxl does not keep, by looking into them.

Nothing of it is opened: names of parts and tags are enough (`unkept.csv`). On the way
every part is read once within the bounds of `catalog.spreadsheet.xml_part`, so that
openpyxl is never given a document type or an endless tag.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from catalog.spreadsheet.archive import Archive
from catalog.spreadsheet.xml_part import Attributes, XmlPart

MOST_KEPT: Final = 30_000_000
"""Bytes of XML in a workbook that is kept as it is. openpyxl takes ten times as much
memory: 400,000 cells are 25 MB, and took 290 MB and 15 s."""


@dataclass(frozen=True, slots=True)
class Unkept:
    """A kind of thing that is lost or changed."""

    vi: str
    en: str


_NAMESPACES: Final = {
    "main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "x14": "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main",
    "drawing": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
}


def _tag(text: str) -> str:
    """Return a tag as `XmlPart.seen` has it, by the short name of its namespace."""
    namespace, name = text.split()
    return f"{_NAMESPACES[namespace]} {name}"


_TABLE: Final = Path(__file__).with_name("unkept.csv").read_text("utf-8")
_ROWS: Final = [
    (Unkept(row["vi"], row["en"]), row) for row in csv.DictReader(_TABLE.splitlines())
]
_BY_PART: Final = {kind: row["parts"] for kind, row in _ROWS if row["parts"]}
"""A pattern of the names of its parts, by kind."""
_BY_TAG: Final = {
    _tag(tag): kind
    for kind, row in _ROWS
    for tag in filter(None, row["tags"].split("; "))
}
_MARKUP: Final = re.compile(r"(?!customxml/).*\.(?:xml|rels)")
"""Parts that are read; custom data are not, and may be in any encoding."""


def is_small(stream: BinaryIO) -> bool:
    """Say whether a workbook is small enough to be kept as it is.

    Raises:
        FeedError: It is no archive that can be read.
    """
    archive = Archive(stream)
    sizes = (archive.size(name) for name in archive.names if _MARKUP.fullmatch(name))
    return sum(sizes) <= MOST_KEPT


def unkept(stream: BinaryIO) -> list[Unkept]:
    """Return the kinds of parts that writing a workbook again loses, each once.

    Raises:
        FeedError: A part declares a document type, or is damaged.
    """
    archive = Archive(stream)
    found: dict[Unkept, None] = {}
    for kind, pattern in _BY_PART.items():
        if any(re.fullmatch(pattern, name) for name in archive.names):
            found[kind] = None
    for name in archive.names:
        if _MARKUP.fullmatch(name):
            tags = _Tags()
            tags.read(archive.chunks(name))
            found |= {kind: None for tag, kind in _BY_TAG.items() if tag in tags.seen}
    return list(found)


class _Tags(XmlPart):
    """A part of which only the names of its tags are looked at."""

    def start(self, name: str, attributes: Attributes) -> None:
        """Nothing is asked of a tag but its name."""
