"""Fetch, decode and measure the pictures of a listing, as real marketplaces do.

An address is not believed: it is fetched, from this computer only, within limits of
time and bytes; the picture is decoded, within a limit of pixels. The least size of a
picture, and the code of a refusal, are decided by each mock.
"""

import asyncio
import io
import warnings
from collections.abc import Sequence
from enum import Enum

import aiohttp
from yarl import URL

from ocop_sync.testing.mocks.loopback import leads_to_loopback

MOST_BYTES = 5_000_000
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
_TIMEOUT = aiohttp.ClientTimeout(total=5)


class Flaw(Enum):
    """The fault of a picture."""

    UNREACHABLE = "unreachable"
    TOO_LARGE = "too large"
    NOT_A_PICTURE = "not a picture"
    TOO_SMALL = "too small"

    def told(self, least: int) -> str:
        """Return it in words, of a picture of *least* pixels at least."""
        words = {
            Flaw.UNREACHABLE: "Không tải được ảnh.",
            Flaw.TOO_LARGE: "Ảnh quá lớn.",
            Flaw.NOT_A_PICTURE: "Tệp không phải ảnh JPEG, PNG hoặc WEBP.",
            Flaw.TOO_SMALL: f"Ảnh phải từ {least} × {least} điểm ảnh.",
        }
        return words[self]


class Pictures:
    """Looks at pictures.

    Args:
        least: Pixels that the shorter side must have.
        checks: False to believe every address.
    """

    def __init__(self, *, least: int, checks: bool) -> None:
        self.least = least
        self._checks = checks

    async def flaws(self, urls: Sequence[str]) -> list[tuple[int, Flaw]]:
        """Return the places of the pictures that will not do, with why."""
        if not self._checks or not urls:
            return []
        async with aiohttp.ClientSession(
            trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), timeout=_TIMEOUT
        ) as session:
            found = await asyncio.gather(*(self._flaw(session, url) for url in urls))
        return [(place, flaw) for place, flaw in enumerate(found) if flaw]

    async def _flaw(self, session: aiohttp.ClientSession, url: str) -> Flaw | None:
        if not leads_to_loopback(url):
            return Flaw.UNREACHABLE
        try:
            body = await _fetch(session, url)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return Flaw.UNREACHABLE
        if body is None:
            return Flaw.TOO_LARGE
        size = await asyncio.to_thread(measure, body)
        if isinstance(size, Flaw):
            return size
        return Flaw.TOO_SMALL if min(size) < self.least else None


async def _fetch(session: aiohttp.ClientSession, url: str) -> bytes | None:
    """Return the bytes at *url*; None if they are too many.

    Raises:
        ClientError: There is nothing.
    """
    async with session.get(URL(url), allow_redirects=False) as response:
        response.raise_for_status()
        if response.status != 200:  # noqa: PLR2004 - the number is the name
            raise aiohttp.ClientError(response.status)
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > MOST_BYTES:
                return None
    return bytes(body)


def measure(body: bytes) -> tuple[int, int] | Flaw:
    """Return width and height of a picture that can be decoded whole."""
    # Loaded when first needed: every command imports the mocks.
    from PIL import Image  # noqa: PLC0415 - see above

    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(body), formats=FORMATS) as image,
        ):
            # Only its head was read so far: a bomb is not unpacked.
            if image.width * image.height > MOST_PIXELS:
                return Flaw.TOO_LARGE
            image.load()
            return image.size
    except Image.DecompressionBombError:
        return Flaw.TOO_LARGE
    except (OSError, ValueError, SyntaxError, EOFError):
        return Flaw.NOT_A_PICTURE
