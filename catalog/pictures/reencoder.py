"""Have pictures decoded beside the event loop, a few at once, each within its limits.

Each picture has a process of its own (`catalog.pictures.child`). Threads would do for
JPEG, but decoding a PNG or a WebP of 20 megapixels holds Python's lock for 60 ms, and a
fault in a library would end the service. To start one costs a tenth of a second.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Final

from catalog.errors import CatalogError
from catalog.pictures.child import THUMBNAIL
from catalog.pictures.kept import KeptPicture
from catalog.pictures.unfit import MOST_BYTES, Unfit, UnfitPictureError

AT_ONCE: Final = 2
"""Pictures that are decoded at the same time: at most 1 GiB of memory."""
MOST_WAITING: Final = 16
"""Pictures that wait for their turn: at most 256 MB of memory."""
WITHIN_S: Final = 60.0
"""Seconds for one picture, with those before it on the same processors."""
_CHILD: Final = ("-I", "-m", "catalog.pictures.child")
THUMBNAILS: Final = (sys.executable, *_CHILD, THUMBNAIL)
"""The command of a `Reencoder` that makes thumbnails."""
_PASSED_ON: Final = ("LD_LIBRARY_PATH", "PATH")
"""Of the environment: what starting Python may need. Secrets stay here."""
_LONGEST_HEAD: Final = 200
_MOST_BYTES_MADE: Final = 4_000_000
_JPEG: Final = b"\xff\xd8\xff"


class TooManyPicturesError(CatalogError):
    """More pictures wait than may; the same one may come again in some seconds."""

    def __init__(self) -> None:
        super().__init__(
            "nhiều ảnh đang chờ xử lý, hãy gửi lại sau ít giây / many pictures wait,"
            " send it again in some seconds"
        )


class Reencoder:
    """Writes pictures anew.

    Args:
        at_once: Pictures that are decoded at the same time.
        most_waiting: Pictures that may wait for that.
        within_s: Seconds that a picture has.
        command: What decodes one, instead of `catalog.pictures.child`.
    """

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        within_s: float = WITHIN_S,
        command: tuple[str, ...] = (sys.executable, *_CHILD),
    ) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._room = at_once + most_waiting
        self._within_s = within_s
        self._command = command

    async def reencode(self, content: bytes) -> KeptPicture:
        """Return the picture in *content* as it is kept.

        Raises:
            UnfitPictureError: It cannot be taken; it says why.
            TooManyPicturesError: Too many wait already.
        """
        if not content:
            raise UnfitPictureError(Unfit.EMPTY)
        if len(content) > MOST_BYTES:
            raise UnfitPictureError(Unfit.TOO_LONG)
        if not self._room:
            raise TooManyPicturesError
        self._room -= 1
        try:
            async with self._turns:
                return _read(await self._answer(content))
        finally:
            self._room += 1

    async def _answer(self, content: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        )
        try:
            async with asyncio.timeout(self._within_s):
                return await _converse(process, content)
        except TimeoutError as error:
            raise UnfitPictureError(Unfit.TOO_COSTLY) from error
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await _drop_rest(process)
            await process.wait()


async def _converse(process: Process, content: bytes) -> bytes:
    """Hand *content* over, and return the answer: b"" of a process that has died."""
    feeding = asyncio.create_task(_feed(process, content))
    try:
        return await _all_of(process)
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


async def _feed(process: Process, content: bytes) -> None:
    if process.stdin is None:
        return
    with suppress(ConnectionError):  # it has died, and will not answer
        process.stdin.write(content)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()


async def _all_of(process: Process) -> bytes:
    """Return what *process* says, up to the most that a picture may have."""
    answer = bytearray()
    while process.stdout is not None and len(answer) <= _MOST_BYTES_MADE:
        piece = await process.stdout.read(1 << 16)
        if not piece:
            break
        answer += piece
    return bytes(answer)


async def _drop_rest(process: Process) -> None:
    """Read to the end of a process that has ended: until then it is not let go of."""
    while process.stdout is not None and await process.stdout.read(1 << 16):
        pass


def _read(answer: bytes) -> KeptPicture:
    """Return the picture in an answer; believe it no further than it is one.

    Raises:
        UnfitPictureError: There is none. One without a reason has died of its limits.
    """
    head, _, content = answer.partition(b"\n")
    try:
        found = json.loads(head[:_LONGEST_HEAD])
        if "unfit" in found:
            raise UnfitPictureError(Unfit(found["unfit"]))
        width, height = int(found["width"]), int(found["height"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnfitPictureError(Unfit.TOO_COSTLY) from error
    if not content.startswith(_JPEG) or len(answer) > _MOST_BYTES_MADE:
        raise UnfitPictureError(Unfit.TOO_COSTLY)
    return KeptPicture.of(content, width, height)
