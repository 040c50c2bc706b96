"""Name a listing that is too long to be read, by the two ends of its answer.

No quote stands in a text of JSON without a backslash before it: a name in quotes with a
colon behind is one of the documented names, wherever the ends were cut. Where the next
page is, each adapter finds out itself.
"""

import re

from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.listing import Unreadable


def unreadable_in(
    error: AnswerTooLongError, *, ref: str, client_ref: str
) -> Unreadable:
    """Return the single listing of an answer that was too long, as far as it is named.

    Args:
        error: The error, with the ends of the answer.
        ref: The name in the answer of the marketplace's identifier, a whole number.
        client_ref: The name of our reference.
    """
    number = rf'"{ref}"\s*:\s*([1-9][0-9]{{0,14}})\b'
    reference = rf'"{client_ref}"\s*:\s*"([A-Za-z0-9._:-]{{1,64}})"'
    return Unreadable(
        ref=_found(number, error.ends),
        reason=str(error),
        client_ref=_found(reference, error.ends),
    )


def _found(pattern: str, ends: bytes) -> str:
    found = re.search(pattern.encode(), ends)
    return found[1].decode() if found else ""
