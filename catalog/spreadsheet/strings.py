"""The texts that cells of a workbook share, kept small.

A large catalog has millions of them: they are held as bytes, one after the
other, and not as an object each.
"""

import re
from array import array
from collections.abc import Iterable
from typing import Final

from catalog.spreadsheet.archive import broken
from catalog.spreadsheet.xml_part import Attributes, XmlPart

MAX_TEXT: Final = 40_000
"""Characters of one cell that are kept; spreadsheets allow 32,767."""
MAX_BYTES: Final = 300_000_000

_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")


class Collected:
    """The text of one cell, out of its pieces."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> None:
        """Add a piece; the text beyond `MAX_TEXT` is dropped."""
        if self._length < MAX_TEXT:
            self._pieces.append(piece[: MAX_TEXT - self._length])
            self._length += len(piece)

    def take(self) -> str:
        """Return the collected text, and begin anew."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        return text


def unescape(text: str) -> str:
    """Return *text* without the escapes that Excel writes for control characters.

    They are units of UTF-16: two may be one character.
    """
    if "_x" not in text:
        return text
    units = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


class Strings(XmlPart):
    """The part `sharedStrings.xml`.

    Raises:
        FeedError: It is damaged, or holds more than `MAX_BYTES`.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._bytes = bytearray()
        self._ends = array("L")
        self._text = Collected()
        self._phonetic = 0
        for _ in self.feed(chunks):
            if len(self._bytes) + self._ends.itemsize * len(self._ends) > MAX_BYTES:
                raise broken(
                    vi="quá nhiều chữ, hãy chia nhỏ", en="too much text, split it"
                )

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        start = self._ends[place - 1] if place else 0
        text = self._bytes[start : self._ends[place]].decode("utf-8", "surrogatepass")
        return unescape(text)

    def start(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002 (XmlPart's signature)
        """Collect text inside `t`, but not how it is pronounced."""
        if name == "t" and not self._phonetic:
            self.listen(self._text.add)
        elif name == "rPh":
            self._phonetic += 1

    def end(self, name: str) -> None:
        """Keep a string that is complete."""
        if name == "t":
            self.listen(None)
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "si":
            self._bytes += self._text.take().encode("utf-8", "surrogatepass")
            self._ends.append(len(self._bytes))
