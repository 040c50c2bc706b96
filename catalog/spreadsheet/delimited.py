"""CSV as offices have it: encodings, separators, quotes.

UTF-8 with or without a byte-order mark, UTF-16 with one, or Windows-1258; a comma, a
semicolon (Vietnamese Excel) or a tab between cells. Any other encoding is refused: text
read in a wrong encoding would spoil every name. A quote that is left open is told with
the line on which it stands (`catalog.spreadsheet.quotes`).
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final

from catalog.errors import FeedError, refusal
from catalog.spreadsheet.line import Line, Sheet
from catalog.spreadsheet.quotes import Quotes

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BROKEN: Final = "surrogatepass"
"""Half of a pair is its cell's problem, not the file's; Windows-1258 has none."""
_CHUNK: Final = 1 << 20
_SAMPLE: Final = 1 << 16
_SAMPLED: Final = 40
_SEPARATORS: Final = ",;\t"
# Signs inside words, and letters that no Vietnamese word has: the letters of TCVN3 and
# VNI fonts, read as Windows-1258.
_FONT: Final = re.compile(
    "[A-Za-zÀ-ỹ][¡-©«-´¶-¹»-¿][A-Za-zÀ-ỹ]|[ÄÅÆÇËÎÏÑÖ×ØÛÜßäåæçëîïñö÷øûüÿ]"
)
_FEW: Final = 3
_NUL_SHARE: Final = 5
"""One byte in so many may be a NUL byte."""
_ODD_BEGIN: Final = re.compile(r"['\s]")
"""How a cell begins that is shielded, or may be blank."""
_SHIELDED: Final = re.compile(r"'+[=+\-@\t\r\n]")


def open_delimited(stream: BinaryIO) -> Sheet:
    """Open a CSV file.

    The stream can be searched, and stays open.

    Raises:
        FeedError: It is no text, or its encoding is not known. While reading:
            it is cut off in the middle of a cell, or a cell is too long.
    """
    encoding = _encoding(stream)
    separator = _separator(_sample(stream, encoding))
    lines = partial(_lines, stream, encoding, separator)
    return Sheet(name="", lines=lines, separated=True)


def _encoding(stream: BinaryIO) -> str:
    stream.seek(0)
    start = stream.read(3)
    stream.seek(0)
    for mark, name in _MARKS:
        if start.startswith(mark):
            _check(stream, name)
            return name
    try:
        _check(stream, "utf-8")
    except UnicodeDecodeError:
        return _windows(stream)
    return "utf-8"


def _check(stream: BinaryIO, encoding: str) -> None:
    """Decode all of *stream* once; `UnicodeDecodeError` if it cannot be.

    Raises:
        FeedError: It has a mark of its encoding, and is not in it; or it is no
            text at all.
    """
    decoder = codecs.getincrementaldecoder(encoding)(_BROKEN)
    nuls = 0
    try:
        while chunk := stream.read(_CHUNK):
            nuls += decoder.decode(chunk).count("\0")
        decoder.decode(b"", final=True)
        _refuse_nuls(stream, nuls)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise _unreadable() from error
        raise


def _windows(stream: BinaryIO) -> str:
    stream.seek(0)
    strange = nuls = 0
    while chunk := stream.read(_CHUNK):
        try:
            text = chunk.decode("cp1258")
        except UnicodeDecodeError as error:
            raise _unreadable() from error
        strange += len(_FONT.findall(text))
        nuls += text.count("\0")
        if strange >= _FEW:
            raise _unreadable()
    _refuse_nuls(stream, nuls)
    return "cp1258"


def _refuse_nuls(stream: BinaryIO, nuls: int) -> None:
    """Refuse a file that is no text: a few NUL bytes are told with their place.

    UTF-16 without its mark has one in nearly every second place.
    """
    if nuls * _NUL_SHARE > stream.tell():
        raise _unreadable()


def _unreadable() -> FeedError:
    return refusal(
        vi="không phải văn bản UTF-8, UTF-16 hay Windows-1258 (có thể là phông"
        " TCVN3/VNI): hãy lưu lại dạng 'CSV UTF-8' hoặc .xlsx",
        en="no text in UTF-8, UTF-16 or Windows-1258: save it as 'CSV UTF-8' or .xlsx",
    )


def _errors(encoding: str) -> str:
    return _BROKEN if encoding.startswith("utf") else "strict"


def _sample(stream: BinaryIO, encoding: str) -> str:
    stream.seek(0)
    start = stream.read(_SAMPLE)
    return codecs.getincrementaldecoder(encoding)(_errors(encoding)).decode(start)


def _separator(sample: str) -> str:
    """Return the separator that cuts most of *sample* into rows of one width."""
    scores = {}
    for each in _SEPARATORS:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=each)
        widths: Counter[int] = Counter()
        try:
            for cells, _ in zip(rows, range(_SAMPLED), strict=False):
                widths[len(cells)] += len(cells) > 1
        except csv.Error:
            pass  # reported where the file is read
        scores[each] = max(
            ((width * count, width) for width, count in widths.items()), default=(0, 0)
        )
    return max(_SEPARATORS, key=lambda each: scores[each])


def _lines(stream: BinaryIO, encoding: str, separator: str) -> Iterator[Line]:
    stream.seek(0)
    errors = _errors(encoding)
    text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
    quotes = Quotes(text, separator)
    try:
        reader = csv.reader(quotes, delimiter=separator, strict=True)
        for number, cells in enumerate(reader, start=1):
            swallowing = quotes.end_of_row(cells)
            found = {n: cell for n, cell in enumerate(cells) if cell}
            if _ODD_BEGIN.search("".join([cell[0] for cell in found.values()])):
                found = {
                    n: _unshield(cell)
                    for n, cell in found.items()
                    if not cell.isspace()
                }
            if swallowing is not None:
                del found[swallowing.column]
                yield Line(number, found, faults=(swallowing.fault,))
            elif found:
                yield Line(number, found)
    except csv.Error as error:
        raise quotes.refusal() from error
    finally:
        if not stream.closed:  # whoever read it may have failed, and be long gone
            text.detach()


def _unshield(text: str) -> str:
    """Take away the apostrophe that keeps spreadsheets from running a text."""
    return text[1:] if _SHIELDED.match(text) else text
