"""Why a picture is not taken, in words for whoever has sent it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from catalog.errors import CatalogError

MOST_BYTES: Final = 16_000_000
"""Of a file that comes in: twice what a phone makes of 20 megapixels."""
MOST_PIXELS: Final = 20_000_000
"""Checked in the head of the file, before anything is decoded."""


class Unfit(StrEnum):
    """The fault of a picture that somebody has sent."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_A_PICTURE = "not_a_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    ANIMATED = "animated"
    DAMAGED = "damaged"
    TOO_COSTLY = "too_costly"
    """Decoding it took more time or memory than any picture of this size needs."""


WHY: Final[Mapping[Unfit, tuple[str, str]]] = MappingProxyType(
    {
        Unfit.EMPTY: ("tệp ảnh rỗng, hãy gửi lại", "the file is empty, send it again"),
        Unfit.TOO_LONG: (
            "tệp ảnh trên 16 MB, hãy chụp hoặc lưu ảnh nhỏ hơn",
            "the file has more than 16 MB, take or save a smaller one",
        ),
        Unfit.NOT_A_PICTURE: (
            "không phải ảnh JPEG, PNG, WebP (iPhone: Camera > Định dạng > Tương thích)",
            "no JPEG, PNG or WebP (an iPhone: Camera > Formats > Most Compatible)",
        ),
        Unfit.TOO_MANY_PIXELS: (
            "ảnh trên 20 megapixel, hãy chụp hoặc lưu ảnh nhỏ hơn",
            "it has more than 20 megapixels, take or save a smaller one",
        ),
        Unfit.ANIMATED: (
            "ảnh động: sàn chỉ nhận ảnh tĩnh, hãy gửi một ảnh chụp",
            "it moves: marketplaces take still pictures only, send one of those",
        ),
        Unfit.DAMAGED: (
            "tệp ảnh hỏng hoặc chưa tải xong, hãy mở thử rồi gửi lại",
            "the file is damaged or incomplete, open it to see, and send it again",
        ),
        Unfit.TOO_COSTLY: (
            "ảnh quá nặng để mở, hãy lưu lại thành JPEG rồi gửi",
            "it takes too much time or memory to open, save it as a JPEG and send that",
        ),
    }
)
"""The fault and the way out, in Vietnamese and in English."""


class UnfitPictureError(CatalogError):
    """A picture cannot be taken.

    Attributes:
        unfit: Why.
    """

    def __init__(self, unfit: Unfit) -> None:
        super().__init__(" / ".join(WHY[unfit]))
        self.unfit = unfit
