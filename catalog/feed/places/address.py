"""An address, taken apart: commune, district and province, each as it is written.

This module does not know which places exist: a part has the kind that it names ("xã",
"huyện", "tỉnh"), or is bare.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from msgspec import Struct

from catalog.places.place_name import (
    COMMUNE_KINDS,
    DISTRICT_KINDS,
    PROVINCE_KINDS,
    says_kind,
)
from catalog.text import clean

_BETWEEN: Final = re.compile(r"[,;–—()\[\]\n]|\s-\s")
_START: Final = re.compile(
    r"\b(?=(?:thị trấn|thi tran|thị xã|thi xa|thành phố|thanh pho|đặc khu|dac khu"
    r"|phường|phuong|huyện|huyen|quận|tỉnh|tinh|tp|tx)\b\.?\s*\S"
    r"|(?<!tác )(?<!tac )(?<!thị )(?<!thi )(?:xã|xa)\b\s+\S)",
    re.IGNORECASE,
)
_NOW: Final = re.compile(
    r"^(?:nay là|nay thuộc|cũ là|trước là|trước đây là|thuộc|nay la|nay thuoc)\s+",
    re.IGNORECASE,
)
_COUNTRY: Final = frozenset({"việt nam", "viet nam", "vietnam", "vn"})
_JOINED: Final = re.compile(
    r"\b(bà rịa|ba ria|thừa thiên|thua thien)\s*[-–]\s*(?=vũng|vung|huế|hue)",
    re.IGNORECASE,
)
"""Names of provinces with a dash inside."""
_VILLAGE: Final = re.compile(
    r"(?:thôn|thon|xóm|xom|khu|tổ|to|bản|ban|ấp|ap|khe|làng|lang)\b", re.IGNORECASE
)
_LONGEST: Final = 500
"""Characters of an address that are read, as many as an address may have."""


class AddressPart(Struct, frozen=True):
    """A part of an address.

    Attributes:
        text: It, as it is written.
        is_commune: It begins with a kind of commune ("xã", "phường", "P.").
        is_district: It begins with a kind of district ("huyện", "TP.").
        is_province: It begins with a kind of province ("tỉnh", "TP.").
    """

    text: str
    is_commune: bool
    is_district: bool
    is_province: bool

    @property
    def is_village(self) -> bool:
        """Whether it is smaller than a commune for certain ("thôn", "khu", "tổ")."""
        return _VILLAGE.match(self.text) is not None

    @property
    def is_bare(self) -> bool:
        """Whether it says no kind at all."""
        return not (self.is_commune or self.is_district or self.is_province)


@lru_cache(maxsize=8192)
def parts_of(address: str) -> tuple[AddressPart, ...]:
    """Return the parts of *address*, from the house to the province."""
    return tuple(
        AddressPart(
            text,
            says_kind(text, COMMUNE_KINDS),
            says_kind(text, DISTRICT_KINDS),
            says_kind(text, PROVINCE_KINDS),
        )
        for text in _texts(address[:_LONGEST])
    )


def _texts(address: str) -> Iterator[str]:
    for piece in _BETWEEN.split(_JOINED.sub(r"\1 ", address)):
        for text in _START.split(clean(piece)):
            said = _NOW.sub("", text).strip(" .:")
            if said and said.casefold() not in _COUNTRY:
                yield said
