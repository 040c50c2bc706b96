"""Whatever bytes are sent as a picture, they are one or are refused with a reason.

What they may cost is limited from outside, by the process that decodes them
(tests/unit/catalog/test_reencoder.py).
"""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.pictures.reencode import LONGEST_SIDE, reencode
from catalog.pictures.unfit import UnfitPictureError
from tests.pictures import make_picture

KINDS = ("JPEG", "PNG", "WEBP")
MOST = 48


@cache
def whole(kind: str, lossless: bool) -> bytes:
    if kind == "WEBP":
        return make_picture(
            kind, (MOST, MOST), exif=b"Exif\0\0II*\0", lossless=lossless
        )
    if kind == "JPEG":
        return make_picture(kind, (MOST, MOST), progressive=lossless)
    mode = "RGBA" if lossless else "P"
    return make_picture(kind, (MOST, MOST), mode, (1, 2, 3, 4) if lossless else 1)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Draw a picture in which some bytes are others, are missing or come twice."""
    content = bytearray(whole(draw(st.sampled_from(KINDS)), draw(st.booleans())))
    places = st.integers(0, len(content) - 1)
    for place in draw(st.lists(places, max_size=6)):
        content[place] = draw(st.integers(0, 255))
    start, length = draw(places), draw(st.integers(0, 40))
    cut = draw(st.sampled_from(("keep", "cut out", "cut off", "repeat")))
    if cut == "cut out":
        del content[start : start + length]
    elif cut == "cut off":
        del content[start:]
    elif cut == "repeat":
        content[start:start] = content[start : start + length]
    return bytes(content)


@settings(max_examples=150)
@given(broken() | st.binary(max_size=200))
def test_broken_bytes_are_a_picture_or_a_refusal(content: bytes) -> None:
    try:
        made = reencode(content)
    except UnfitPictureError:
        return
    assert made.content.startswith(b"\xff\xd8\xff")
    assert 1 <= made.width <= LONGEST_SIDE
    assert 1 <= made.height <= LONGEST_SIDE
