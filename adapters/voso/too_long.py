"""Name a product that is too long to be read, by the two ends of its page.

No quote stands in a text of JSON without a backslash before it: a name in quotes with a
colon behind is one of the documented names, wherever the ends were cut.
"""

import re
from typing import Final

from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.listing import Unreadable
from ocop_sync.marketplace.port import Page

_ID: Final = re.compile(rb'"ID"\s*:\s*([1-9][0-9]{0,14})\b')
_CLIENT_CODE: Final = re.compile(rb'"CLIENT_CODE"\s*:\s*"([A-Za-z0-9._:-]{1,64})"')
_NEXT: Final = re.compile(rb'"NEXT_TOKEN"\s*:\s*"([^"\\]*)"')


def page_of_one(error: AnswerTooLongError) -> Page:
    """Return the page of a single product that was too long to be read.

    Raises:
        AnswerTooLongError: Its ends do not tell where the next page is.
    """
    following = _NEXT.search(error.ends)
    if following is None:
        raise error
    id_, ours = _ID.search(error.ends), _CLIENT_CODE.search(error.ends)
    odd = Unreadable(ref=_text(id_), reason=str(error), client_ref=_text(ours))
    return Page((), _text(following) or None, (odd,))


def _text(found: re.Match[bytes] | None) -> str:
    return found[1].decode(errors="replace") if found else ""
