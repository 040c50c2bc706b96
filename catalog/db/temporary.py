"""Temporary files and databases that have no name.

Nobody else can open them, and they are gone with the process. Values are kept as
this very process has written them.
"""

import errno
import pickle
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, Final, NamedTuple

from msgspec import msgpack

_PICKLED: Final = b"\x80" + bytes([pickle.HIGHEST_PROTOCOL])
"""How every pickle begins, and no mapping in msgpack but an empty one."""


def open_unnamed(script: str) -> sqlite3.Connection:
    """Return a new database, after *script* was run on it; it commits by itself.

    It may be closed in another thread than the one that uses it: Python's collector
    comes by in any.
    """
    found = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    found.executescript(f"PRAGMA journal_mode=OFF; {script}")
    return found


def packed(value: object) -> bytes:
    """Return *value* as `unpacked` takes it."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> Any:
    """Return the value that `packed` was given."""
    return pickle.loads(data)  # noqa: S301  (this very process has written it)


_pack_texts = msgpack.Encoder().encode
_unpack_texts = msgpack.Decoder(dict[str, str]).decode


def packed_texts(texts: Mapping[str, str]) -> bytes:
    """Return *texts* as `unpacked_texts` takes them: a tenth of the time of others."""
    try:
        return _pack_texts(texts)
    except UnicodeEncodeError:  # half of a pair
        return packed(dict(texts))


def unpacked_texts(data: bytes) -> dict[str, str]:
    """Return the texts that `packed_texts` was given."""
    if data.startswith(_PICKLED):
        found: dict[str, str] = unpacked(data)
        return found
    return _unpack_texts(data)


class Packing(NamedTuple):
    """How values become bytes, and values again."""

    pack: Callable[[Any], bytes]
    unpack: Callable[[bytes], Any]


ANY_VALUE = Packing(packed, unpacked)
"""Of values of any kind."""


def packing_of(kind: type) -> Packing:
    """Return the packing of values of one class of structs or dataclasses.

    It takes a tenth of the time. Texts must be whole: half of a pair is refused.
    """
    return Packing(msgpack.Encoder().encode, msgpack.Decoder(kind).decode)


@contextmanager
def room() -> Iterator[None]:
    """Name a full disk, and its folder, in the error.

    Raises:
        OSError: There is no room for temporary files, or no folder for them.
    """
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        words = (
            "không còn chỗ cho tệp tạm, đặt TMPDIR vào thư mục còn chỗ / no room for"
            f" temporary files, let TMPDIR name a folder that has some ({error})"
        )
        where = f"TMPDIR={tempfile.gettempdir()}"
        raise OSError(errno.ENOSPC, words, where) from error


def close_unkept(file: IO[bytes]) -> None:
    """Close a temporary file of which nothing is kept.

    On a full disk its last bytes do not fit: that was said when the others did not.
    """
    with suppress(OSError):
        file.close()
