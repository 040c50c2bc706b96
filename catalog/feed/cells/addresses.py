"""Read cells with web addresses, and with the sizes of the pictures there."""

import re
from urllib.parse import urlsplit

from catalog.feed.cells.cell import CellError, Reader, found_or_refused
from catalog.model.picture_address import is_here, shown
from catalog.model.product import Size
from catalog.text import clean

_MAX_URL = 2000
_PLAIN_REST = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?:[/?#][!-~]*)?"
"""A host in plain letters and what follows it, behind the scheme."""
_USER = re.compile(r"//[^/?#]*@")
_MAX_PICTURES = 20
_PARTING = ";,"
_BETWEEN_URLS = re.compile(r"[;,]+(?=https?:|www\.)", re.IGNORECASE)
"""Inside an address such a sign is a part of it, unless another one begins there."""
_SIZE = re.compile(r"([1-9][0-9]{0,4})[x×]([1-9][0-9]{0,4})")


def url(*schemes: str) -> Reader:
    """Read a web address of one of *schemes*, without a user or password."""
    plain = re.compile(f"(?:{'|'.join(schemes)})://{_PLAIN_REST}")

    def read(cell: str) -> str:
        if len(cell) <= _MAX_URL and plain.fullmatch(cell):
            return cell  # as nearly all are: to take one apart takes longer
        if _is_address(cell, schemes):
            return cell
        if _is_address(_without_user(cell), schemes):
            raise CellError(
                vi="địa chỉ có tên đăng nhập hoặc mật khẩu: bỏ phần trước dấu @, ghi"
                " địa chỉ ai cũng mở được",
                en="the address holds a user or a password: leave out what stands"
                " before the @, and give one that everybody can open",
            )
        names = ", ".join(f"{scheme}://" for scheme in schemes)
        raise CellError(
            vi=f"phải là địa chỉ {names}, không có dấu cách",
            en=f"an address {names} without spaces",
        )

    return read


def _is_address(cell: str, schemes: tuple[str, ...]) -> bool:
    if len(cell) > _MAX_URL or cell != clean(cell) or " " in cell:
        return False
    try:
        parts = urlsplit(cell)
        _ = parts.port  # raises if it is no number
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and parts.username is None


def _without_user(cell: str) -> str:
    """Return *cell* without the user and password of an address, if it has any."""
    return _USER.sub("//", cell, count=1)


def urls(cell: str) -> tuple[str, ...]:
    """Read addresses of pictures, between white space, semicolons or commas.

    Only new ones have to be public (`catalog.feed.merge.merge_values`). Those on
    this computer are for trials, and need no https.
    """
    found = cell.split()
    if ";" in cell or "," in cell:
        parted = [_BETWEEN_URLS.split(word.strip(_PARTING)) for word in found]
        found = [address for some in parted for address in some if address]
    if len(found) > _MAX_PICTURES:
        raise CellError(vi=f"tối đa {_MAX_PICTURES} ảnh", en=f"{_MAX_PICTURES} at most")
    return tuple([_picture(each) for each in found])


_public = url("https")
_here = url("http", "https")


def _picture(cell: str) -> str:
    try:
        return str(_here(cell) if is_here(cell) else _public(cell))
    except CellError as error:
        which = shown(cell)  # one of several
        raise CellError(vi=f"{which}: {error.vi}", en=f"{which}: {error.en}") from error


def sizes(cell: str) -> tuple[Size | None, ...]:
    """Read the sizes of several pictures in pixels, such as "800x600 -"."""
    return tuple(_size(each) for each in cell.split())


def _size(cell: str) -> Size | None:
    if cell == "-":
        return None
    found = found_or_refused(
        _SIZE.fullmatch(cell),
        vi="mỗi ảnh một cỡ như 800x600, hoặc - nếu chưa rõ",
        en="a size such as 800x600 for each picture, or - if it is not known",
    )
    return Size(int(found[1]), int(found[2]))
