"""Answers that are files on disk: sent piece by piece, and never held whole.

Whoever takes less than 1 KB/s of one, or a quarter of an hour, is cut off: otherwise a
few of them would keep files and connections for days.
"""

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

from aiohttp import hdrs, web

PIECE: Final = 65_536
"""Bytes that are read, and sent, at once."""
PIECE_WITHIN_S: Final = 64.0
"""A piece that is not taken within so long ends the answer."""
WHOLE_WITHIN_S: Final = 900.0
"""Seconds after which the answer ends at any pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """An answer that is a file on disk.

    Attributes:
        file: It, open for reading at its beginning; it is closed once it was sent.
        size: Its bytes.
        media_type: Its type, one of those that the operation declares.
        name: The name to save it under.
    """

    file: BinaryIO
    size: int
    media_type: str
    name: str

    @classmethod
    def at(cls, path: Path, media_type: str, name: str) -> "StoredFile":
        """Return the file at *path*, which may lose its name there from now on."""
        file = path.open("rb")
        size = os.fstat(file.fileno()).st_size
        return cls(file=file, size=size, media_type=media_type, name=name)


def saved_as(name: str) -> str:
    """Return the header that has browsers save an answer as *name*."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


async def send_file(stored: StoredFile, request: web.Request) -> web.StreamResponse:
    """Send *stored*, with its length: who gets less knows that it was cut off."""
    with stored.file as file:
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: stored.media_type,
                hdrs.CONTENT_DISPOSITION: saved_as(stored.name),
                hdrs.CACHE_CONTROL: "private, no-store",
            }
        )
        response.content_length = stored.size
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            with suppress(ConnectionError):  # the caller has gone
                await _send(file, request, response)
        return response


async def _send(
    file: BinaryIO, request: web.Request, response: web.StreamResponse
) -> None:
    try:
        async with asyncio.timeout(WHOLE_WITHIN_S):
            while piece := file.read(PIECE):
                async with asyncio.timeout(PIECE_WITHIN_S):
                    await response.write(piece)
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError from None
