"""The format of a file, told by its content and never by its name."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from catalog.errors import refusal

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED: Final = "EncryptedPackage".encode("utf-16-le")
_OTHERS: Final = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"{\\rtf", "RTF"),
    (b"<", "HTML/XML"),
    (b"PK", "zip"),
)
_START: Final = 4_096
_END_LOOKED_AT: Final = 1 << 20


def is_json(start: bytes) -> bool:
    """Say whether a file that begins with *start* holds JSON."""
    if start.startswith(_UTF16):
        start = start[: len(start) // 2 * 2].decode("utf-16", "replace").encode()
    return start.lstrip()[:1] in {b"{", b"["}


def size_and_start(stream: BinaryIO) -> tuple[int, bytes]:
    """Return the size and the first bytes; `FeedError` if there are none."""
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    start = stream.read(_START).removeprefix(b"\xef\xbb\xbf")
    if not start.strip():
        raise refusal(vi="tệp trống (0 byte)", en="the file is empty (0 bytes)")
    return size, start


def refuse_others(stream: BinaryIO, start: bytes) -> None:
    """Raise `FeedError` for a file of another format, with its name where known."""
    if start.startswith(_OLE):
        stream.seek(0)
        if any(_PROTECTED in part for part in _overlapping(stream)):
            raise refusal(
                vi="tệp Excel có mật khẩu: hãy bỏ mật khẩu rồi lưu lại",
                en="the workbook has a password: remove it and save anew",
            )
        raise refusal(
            vi="tệp Excel kiểu cũ (.xls): hãy mở bằng Excel và lưu lại dạng .xlsx",
            en="an old workbook (.xls): open it in Excel and save it as .xlsx",
        )
    for mark, kind in _OTHERS:
        if start.lstrip().startswith(mark):
            raise refusal(
                vi=f"nội dung là {kind}, không phải bảng: cần .xlsx, .csv hoặc .json",
                en=f"the content is {kind} and no table: .xlsx, .csv or .json is"
                " needed, whatever the file is called",
            )


def _overlapping(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(_END_LOOKED_AT):
        yield rest + chunk
        rest = chunk[-len(_PROTECTED) :]
