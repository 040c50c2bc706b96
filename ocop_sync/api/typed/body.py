"""The body of a call, read with bounds: of its type, its size and its time.

What is too large by its own word is refused before it is read. A sender that is too
slow is cut off: otherwise a few of them would keep all connections.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, Self

from aiohttp import StreamReader, hdrs, web

from ocop_sync.api.typed.call import Upload
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import (
    BAD_REQUEST,
    TOO_LARGE,
    TOO_SLOW,
    UNSUPPORTED_MEDIA_TYPE,
)

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a body must come.

    Attributes:
        seconds: Monotonic time in seconds.
        sleep: Waits for some seconds.
        least_bytes_per_s: The slowest pace, on the average since its beginning.
        grace_s: Seconds that are granted beyond that.
        longest_s: Seconds after which the body must be there at any pace.
    """

    seconds: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    least_bytes_per_s: int = 1024
    grace_s: float = 10
    longest_s: float = 900

    def seconds_left(self, began: float, received: int) -> float:
        """Return for how long the next bytes may be waited for."""
        granted = self.grace_s + received / self.least_bytes_per_s
        return began + min(granted, self.longest_s) - self.seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRule:
    """Which files an operation takes.

    Attributes:
        media_types: Their types.
        most_bytes: Their largest size.
    """

    media_types: tuple[str, ...]
    most_bytes: int


async def read_json(request: web.Request, most_bytes: int, pace: Pace) -> bytes:
    """Return the body of a call that is JSON, not parsed.

    Raises:
        ProblemError: It is of another type, too large or too slow.
    """
    return await _read(request, JSON, most_bytes, pace)


async def read_form(request: web.Request, most_bytes: int, pace: Pace) -> bytes:
    """Return the body of a call that is a form of a page, not parsed.

    Raises:
        ProblemError: It is of another type, too large or too slow.
    """
    return await _read(request, FORM, most_bytes, pace)


async def _read(
    request: web.Request, media_type: str, most_bytes: int, pace: Pace
) -> bytes:
    ensure_type(request, (media_type,))
    parts = [each async for each in chunks_of(request, most_bytes, pace)]
    return b"".join(parts)


@asynccontextmanager
async def receive(
    request: web.Request, rule: UploadRule, pace: Pace
) -> AsyncIterator[Upload]:
    """Take a file in; it is on disk as long as the context is open.

    Raises:
        ProblemError: It is of a type that is not taken, too large or too slow.
    """
    ensure_type(request, rule.media_types)
    with IncomingFile() as file:
        async for chunk in chunks_of(request, rule.most_bytes, pace):
            file.write(chunk)
        yield file.taken(request.content_type)


class IncomingFile:
    """A file that is being sent, on disk as long as the context is open.

    Attributes:
        size: The bytes that have come.
    """

    def __init__(self) -> None:
        self.size = 0
        self._digest = hashlib.sha256()
        # It is open as long as the context is, as the name is of nobody else then.
        self._file = NamedTemporaryFile(prefix="ocop-sync-upload-")  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, chunk: bytes) -> None:
        """Write the next bytes."""
        self._digest.update(chunk)
        self.size += len(chunk)
        self._file.write(chunk)

    def taken(self, media_type: str, name: str = "") -> Upload:
        """Return the file, whose bytes are all there."""
        self._file.flush()
        return Upload(
            path=Path(self._file.name),
            size=self.size,
            sha256=self._digest.hexdigest(),
            media_type=media_type,
            name=name,
        )


def kept_beyond_call(upload: Upload) -> Path:
    """Give a file a second name, under which it stays once its call is answered.

    Whoever asks for it removes it.
    """
    kept = upload.path.with_name(f"{upload.path.name}-kept")
    os.link(upload.path, kept)
    return kept


def ensure_type(request: web.Request, taken: tuple[str, ...]) -> None:
    """See to it that a body is of one of these types, plain and in UTF-8.

    Raises:
        ProblemError: It is not.
    """
    is_plain = request.headers.get(hdrs.CONTENT_ENCODING, "identity") == "identity"
    charset = (request.charset or "utf-8").lower()
    is_taken = hdrs.CONTENT_TYPE in request.headers and request.content_type in taken
    if not (is_taken and is_plain and charset in {"utf-8", "utf8"}):
        accepted = ", ".join(taken)
        raise ProblemError(
            UNSUPPORTED_MEDIA_TYPE,
            vi=f"Content-Type phải là: {accepted}; không nén, chữ UTF-8",
            en=f"Content-Type must be: {accepted}; not compressed, text in UTF-8",
            headers={"Accept-Post": accepted},
        )


async def chunks_of(
    request: web.Request, most_bytes: int, pace: Pace
) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a body as they come.

    Raises:
        ProblemError: They are too many, come too slowly, or do not end.
    """
    if (request.content_length or 0) > most_bytes:
        raise too_large(most_bytes)
    began, received = pace.seconds(), 0
    while chunk := await _next_chunk(request.content, pace, began, received):
        received += len(chunk)
        if received > most_bytes:
            raise too_large(most_bytes)
        yield chunk


async def _next_chunk(
    content: StreamReader, pace: Pace, began: float, received: int
) -> bytes:
    """Return the next bytes, or none at the end.

    Most bodies are there with their head: no task is begun to wait for those.
    """
    try:
        chunk = content.read_nowait(-1)
        if chunk or content.at_eof():
            return chunk
        left = pace.seconds_left(began, received)
        return await _within(content, pace.sleep(max(left, 0)))
    except _ENDED:
        raise ProblemError(BAD_REQUEST) from None


_ENDED: Final = (web.PayloadAccessError, web.RequestPayloadError, ConnectionError)
"""The body is no HTTP, or its sender is gone."""


async def _within(content: StreamReader, pause: Awaitable[None]) -> bytes:
    """Return the next bytes if they come before the end of *pause*."""
    reading = asyncio.ensure_future(content.readany())
    waiting = asyncio.ensure_future(pause)
    try:
        await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            raise ProblemError(TOO_SLOW, headers={hdrs.CONNECTION: "close"})
        return await reading
    finally:
        reading.cancel()
        waiting.cancel()


def too_large(most_bytes: int) -> ProblemError:
    """Return the refusal of a body of more than *most_bytes*."""
    return ProblemError(
        TOO_LARGE,
        vi=f"Nội dung gửi lên quá lớn: nhiều nhất {most_bytes} byte",
        en=f"The body is too large: at most {most_bytes} bytes are taken",
        headers={hdrs.CONNECTION: "close"},
    )
