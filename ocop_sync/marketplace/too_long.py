"""Name a listing that is too long to be read, by the two ends of its answer.

A wrong name would hold another listing, and let the long one count as missing. So a
value is taken only where it certainly is one of the listing's own: nested objects and
texts are followed, not searched. A listing without a name makes none missing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from ocop_sync.errors import AnswerTooLongError, Ends
from ocop_sync.marketplace.listing import Unreadable
from ocop_sync.marketplace.nesting import Nesting

_JSON: Final = json.JSONDecoder()
_GAP: Final = re.compile(r"[ \t\r\n]*")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TOO_LARGE: Final = 10**15


def unreadable_in(
    error: AnswerTooLongError, *, path: Sequence[str], ref: str, client_ref: str
) -> Unreadable:
    """Return the single listing of an answer that was too long, as far as it is named.

    Args:
        error: The error, with the ends of the answer.
        path: The names that lead to the list of listings, from the outermost.
        ref: The name in the answer of the marketplace's identifier, a whole number.
        client_ref: The name of our reference.
    """
    own = _own_values(error.ends, path, (ref, client_ref))
    number, reference = own.get(ref), own.get(client_ref)
    is_id = type(number) is int and 0 < number < _TOO_LARGE
    is_ours = isinstance(reference, str) and _REFERENCE.fullmatch(reference)
    return Unreadable(
        ref=str(number) if is_id else "",
        reason=str(error),
        client_ref=str(reference) if is_ours else "",
    )


def beside_list(error: AnswerTooLongError, *, path: Sequence[str], name: str) -> object:
    """Return the value of *name* that stands behind the list of listings, beside it.

    None if the end of the answer does not certainly tell it.

    Args:
        error: The error, with the ends of the answer.
        path: The names that lead to the list.
        name: The name of the value.
    """
    if error.ends is None:
        return None
    return _closing(error.ends.tail, path[:-1], name, in_list=False).get(name)


def _own_values(
    ends: Ends | None, path: Sequence[str], names: Sequence[str]
) -> Mapping[str, object]:
    """Return values of the one listing that both ends lie in; none if in doubt."""
    if ends is None:
        return {}
    own = _opening(ends.head.decode(errors="replace"), path)
    if own is None or not _is_one(ends, len(path) + len("[{")):
        return {}
    for name in names:
        own |= _closing(ends.tail, path, name, in_list=True)
    return own


def _is_one(ends: Ends, depth: int) -> bool:
    """Say whether the listing of the head goes on into the tail, and no other follows.

    Args:
        ends: The ends of the answer.
        depth: How many brackets are open within a listing.
    """
    nesting, at = Nesting(), 0
    nesting.read(ends.opened)
    nesting.least = min(ends.least_depth, nesting.depth)
    if nesting.least < depth:
        return False
    for bracket in re.finditer(rb"[}]", ends.tail):
        nesting.read(ends.tail[at : bracket.end()])
        at = bracket.end()
        if nesting.least < depth:
            return ends.tail[at:].lstrip().startswith(b"]")
    return False


def _opening(text: str, path: Sequence[str]) -> dict[str, object] | None:
    """Return the whole values of the first listing, in which *text* breaks off.

    None if it breaks off before or behind that.
    """
    whole: dict[str, object] = {}
    left = list(path)
    try:
        at = _behind(text, 0, "{")
        while True:
            name, at = _JSON.raw_decode(text, at)
            at = _behind(text, at, ":")
            if left and name == left[0]:
                at = _behind(text, at, "{" if left[1:] else "[")
                at = at if left[1:] else _behind(text, at, "{")
                del left[0]
                continue
            value, at = _JSON.raw_decode(text, at)
            if not left and text[_gap(text, at) :][:1] == "}":
                return None  # it is not this one that is too long
            at = _behind(text, at, ",")  # a number may have been cut
            if not left:
                whole[name] = value
    except (ValueError, TypeError, RecursionError):  # cut, or no JSON at all
        return None if left else whole


def _closing(
    tail: bytes, path: Sequence[str], name: str, *, in_list: bool
) -> dict[str, object]:
    """Return the last values of the object on *path*, from *name* on; {} if in doubt.

    All that follows must be whole and close the objects on the path, and no other: so
    *name* is no nested one.
    """
    start = "".join(f'{{"{each}":' for each in path) + ("[{" if in_list else "{")
    for found in re.finditer(rf'(?<=[\s,{{])"{name}"\s*:'.encode(), tail):
        try:
            value = json.loads(start + tail[found.start() :].decode())
        except (ValueError, RecursionError):
            continue
        for each in path:
            value = value.get(each) if isinstance(value, dict) else None
        if in_list:
            value = value[0] if isinstance(value, list) and value else None
        if isinstance(value, dict) and name in value:
            return value
    return {}


def _behind(text: str, at: int, mark: str) -> int:
    """Return where *text* goes on behind *mark*.

    Raises:
        ValueError: Something else stands there, or nothing.
    """
    at = _gap(text, at)
    if not text.startswith(mark, at):
        raise ValueError(mark)
    return _gap(text, at + 1)


def _gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at
