"""Forms with files (`multipart/form-data`, RFC 7578), read as browsers write them.

Each part goes where it belongs as it comes: a field into memory, a file to disk. How
many parts there may be, and how large each, is bounded; so is the pace.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from aiohttp import hdrs, web

from ocop_sync.api.typed.body import (
    IncomingFile,
    Pace,
    chunks_of,
    ensure_type,
    too_large,
)
from ocop_sync.api.typed.call import Upload
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import BAD_REQUEST, TOO_LARGE

PARTS: Final = "multipart/form-data"
MOST_PARTS: Final = 200
"""The most fields and files of one form."""
_BLANK: Final = b"\r\n\r\n"
_LONGEST_HEAD: Final = 4096
_LONGEST_NAME: Final = 200
_MEGABYTE: Final = 1_000_000

_BOUNDARY: Final = re.compile(
    r""";\s*boundary=(?:"([^"\s]{1,70})"|([^";\s]{1,70}))\s*(?:;|$)""", re.ASCII
)
_DISPOSITION: Final = re.compile(rb"(?i)^content-disposition:\s*form-data\s*;(.*)$")
_TYPE: Final = re.compile(rb"(?i)^content-type:\s*([\w.+-]{1,60}/[\w.+-]{1,100})")
_NAME: Final = re.compile(rb"""(?:^|;)\s*name="([^"]*)\"""")
_FILE_NAME: Final = re.compile(rb"""(?:^|;)\s*filename="([^"]*)\"""")
_SPELLED: Final = {"%22": '"', "%0D": " ", "%0A": " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesRule:
    """Which files a form may hold.

    Attributes:
        names: The fields that are files, each of them once.
        most_bytes: The largest size of one.
    """

    names: tuple[str, ...]
    most_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentForm:
    """A form as it was sent.

    Attributes:
        fields: Its texts by name, the last one of several of one name.
        files: Its files by the names of their fields; on disk, with the name that the
            sender calls it by. A field in which no file was chosen is not there.
    """

    fields: Mapping[str, str]
    files: Mapping[str, Upload]


@asynccontextmanager
async def receive_form(
    request: web.Request, rule: FilesRule, most_bytes: int, pace: Pace
) -> AsyncIterator[SentForm]:
    """Take a form in; its files are on disk as long as the context is open.

    Args:
        request: The call that brings it.
        rule: The files that it may hold.
        most_bytes: The largest size of everything else.
        pace: How fast it must come.

    Raises:
        ProblemError: It is none, holds another file, is too large or too slow.
    """
    ensure_type(request, (PARTS,))
    found = _BOUNDARY.search(request.headers[hdrs.CONTENT_TYPE])
    if found is None:
        raise ProblemError(BAD_REQUEST)
    # Danger: a form is refused by its own word as soon as its largest file cannot fit.
    most = most_bytes + len(rule.names) * rule.most_bytes
    if (request.content_length or 0) > most:
        raise _file_too_large(rule)
    async with AsyncExitStack() as stack:
        chunks = await stack.enter_async_context(
            aclosing(chunks_of(request, most, pace))
        )
        parts = _Parts(chunks, (found[1] or found[2]).encode())
        yield await _read(parts, rule, most_bytes, stack)


async def _read(
    parts: "_Parts", rule: FilesRule, most_bytes: int, stack: AsyncExitStack
) -> SentForm:
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    seen: set[str] = set()
    left = most_bytes
    while (head := await parts.next_head()) is not None:
        if head.file_name is None:
            sent = await parts.text(left, too_large(most_bytes))
            left -= len(sent)
            fields[head.name] = sent.decode("utf-8", "replace")
            continue
        if head.name not in rule.names or head.name in seen:
            raise ProblemError(BAD_REQUEST)
        seen.add(head.name)
        file = stack.enter_context(IncomingFile())
        is_whole = False
        while not is_whole:
            piece, is_whole = await parts.next_piece()
            if file.size + len(piece) > rule.most_bytes:
                raise _file_too_large(rule)
            file.write(piece)
        if file.size or head.file_name:
            files[head.name] = file.taken(head.media_type, head.file_name)
    return SentForm(fields=fields, files=files)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What a part is.

    Attributes:
        name: The name of its field.
        file_name: The name of the file; None for a text.
        media_type: The type of the file, as the sender calls it.
    """

    name: str
    file_name: str | None
    media_type: str


class _Parts:
    """The parts of a form, one after the other, as its bytes come."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], boundary: bytes) -> None:
        self._chunks = chunks
        self._mark = b"\r\n--" + boundary
        self._kept = b"\r\n"  # the first mark may stand at the very beginning
        self._count = 0

    async def next_head(self) -> _Head | None:
        """Return the head of the next part; None at the end of the form.

        The part before must have been read.
        """
        if self._count == 0:
            await self._bytes_until(self._mark, 0, ProblemError(BAD_REQUEST))
        ending = await self._first_two()
        if ending == b"--":
            async for _ in self._chunks:  # what stands behind the form is nobody's
                pass
            return None
        self._count += 1
        if ending != b"\r\n" or self._count > MOST_PARTS:
            raise ProblemError(BAD_REQUEST)
        refusal = ProblemError(BAD_REQUEST)
        return _head_of(await self._bytes_until(_BLANK, _LONGEST_HEAD, refusal))

    async def text(self, most_bytes: int, refusal: ProblemError) -> bytes:
        """Return all of this part.

        Raises:
            ProblemError: It is larger: *refusal*.
        """
        return await self._bytes_until(self._mark, most_bytes, refusal)

    async def next_piece(self) -> tuple[bytes, bool]:
        """Return the next bytes of this part, and whether they are its last ones."""
        return await self._piece_before(self._mark)

    async def _bytes_until(
        self, mark: bytes, most_bytes: int, refusal: ProblemError
    ) -> bytes:
        found, is_whole = b"", False
        while not is_whole:
            piece, is_whole = await self._piece_before(mark)
            found += piece
            if len(found) > most_bytes:
                raise refusal
        return found

    async def _piece_before(self, mark: bytes) -> tuple[bytes, bool]:
        """Return the next bytes before *mark*, and whether they are the last ones."""
        at = self._kept.find(mark)
        if at >= 0:
            piece, self._kept = self._kept[:at], self._kept[at + len(mark) :]
            return piece, True
        # The mark may have begun in the last bytes.
        whole = max(len(self._kept) - len(mark) + 1, 0)
        piece, self._kept = self._kept[:whole], self._kept[whole:]
        self._kept += await self._more()
        return piece, False

    async def _first_two(self) -> bytes:
        while len(self._kept) < 2:  # noqa: PLR2004
            self._kept += await self._more()
        found, self._kept = self._kept[:2], self._kept[2:]
        return found

    async def _more(self) -> bytes:
        if chunk := await anext(self._chunks, b""):
            return chunk
        raise ProblemError(BAD_REQUEST)


def _head_of(sent: bytes) -> _Head:
    """Return a head as it was sent.

    Raises:
        ProblemError: It is of no field of a form.
    """
    lines = sent.split(b"\r\n")
    said = next((found for each in lines if (found := _DISPOSITION.match(each))), None)
    name = _NAME.search(said[1]) if said else None
    if said is None or name is None:
        raise ProblemError(BAD_REQUEST)
    file = _FILE_NAME.search(said[1])
    types = [found[1] for each in lines if (found := _TYPE.match(each))]
    return _Head(
        name=_spelled(name[1]),
        file_name=None if file is None else _file_name(_spelled(file[1])),
        media_type=types[0].decode().lower() if types else "application/octet-stream",
    )


def _spelled(sent: bytes) -> str:
    text = sent.decode("utf-8", "replace")
    for coded, sign in _SPELLED.items():
        text = text.replace(coded, sign)
    return text


def _file_name(sent: str) -> str:
    """Return the name of a file without its folders, and what would not print."""
    plain = "".join(each for each in sent.replace("\\", "/") if each.isprintable())
    return PurePosixPath(plain.strip()).name[-_LONGEST_NAME:]


def _file_too_large(rule: FilesRule) -> ProblemError:
    most = f"{rule.most_bytes / _MEGABYTE:g}"
    return ProblemError(
        TOO_LARGE,
        vi=f"Tệp quá lớn: chỉ nhận tệp nhiều nhất {most.replace('.', ',')} MB. Chưa có"
        " gì thay đổi.",
        en=f"The file is too large: at most {most} MB are taken. Nothing has changed.",
        headers={hdrs.CONNECTION: "close"},
    )
