"""Open an XLSX as the zip archive that it is, within bounds.

`zipfile` never returns more of an entry than its declared size, so that bounds
on declared sizes are bounds on real ones.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from struct import error as struct_error
from typing import IO, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from catalog.errors import FeedError, refusal

MAX_ENTRIES: Final = 4_000
MAX_UNPACKED: Final = 800_000_000
"""Bytes of all entries; 200,000 rows of 20 columns take about 300 MB."""

_ENTRY: Final = b"PK\x01\x02"
_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 1
_BROKEN: Final = (
    BadZipFile,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # an entry with a password
    EOFError,
    OSError,
    OverflowError,
    ValueError,
    KeyError,
    IndexError,
    struct_error,
    zlib.error,
)


class Archive:
    """The entries of an archive, by name.

    The stream stays open.

    Raises:
        FeedError: It is no archive, is cut off, is protected by a password, or
            is larger than anybody needs.
    """

    def __init__(self, stream: BinaryIO) -> None:
        _count_entries(stream)
        with _readable():
            self._zip = ZipFile(stream)
            entries = self._zip.infolist()
        self._entries = {entry.filename.lower(): entry for entry in entries}
        if len(self._entries) < len(entries):
            raise broken(vi="một phần có hai lần", en="a part is there twice")
        for entry in entries:
            _check(entry)
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            size = MAX_UNPACKED // 1_000_000
            raise broken(
                vi=f"giải nén ra hơn {size} MB, hãy chia nhỏ",
                en=f"unpacks to more than {size} MB, split it",
            )

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    @property
    def names(self) -> list[str]:
        """The names of all entries, in lower case."""
        return list(self._entries)

    def size(self, name: str) -> int:
        """Return how many bytes the entry *name* unpacks to."""
        return self._entries[name.lower()].file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Return the entry *name*, unpacked, piece by piece.

        Raises:
            FeedError: It is missing or damaged.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise broken(
                vi=f"thiếu phần {name[:80]}", en=f"part {name[:80]} is missing"
            )
        with _readable():
            part: IO[bytes] = self._zip.open(entry)
        with part:
            while True:
                with _readable():
                    chunk = part.read(1 << 16)
                if not chunk:
                    return
                yield chunk


def broken(*, vi: str, en: str) -> FeedError:
    """Return the error for a workbook that cannot be read."""
    return refusal(
        vi=f"tệp Excel không đọc được: {vi}", en=f"no readable workbook: {en}"
    )


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise broken(
            vi="hỏng hoặc bị cắt cụt; hãy mở bằng Excel và lưu lại dạng .xlsx",
            en=f"damaged or cut off; open it in Excel and save it as .xlsx ({error})",
        ) from error


def _count_entries(stream: BinaryIO) -> None:
    """Count the entries before `zipfile` keeps an object for each of them."""
    count, rest = 0, b""
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        window = rest + chunk
        count += window.count(_ENTRY)
        if count > MAX_ENTRIES:
            raise broken(
                vi=f"có hơn {MAX_ENTRIES} phần",
                en=f"it has more than {MAX_ENTRIES} parts",
            )
        rest = window[-len(_ENTRY) + 1 :]
    stream.seek(0)


def _check(entry: ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise broken(
            vi="có mật khẩu, hãy bỏ mật khẩu", en="it has a password, remove it"
        )
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise broken(vi="nén theo cách lạ", en="it is packed in a strange way")
