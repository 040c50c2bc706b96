"""Read the page of a product that is too long to be read, by its two ends."""

import re
from typing import Final

from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.port import Page
from ocop_sync.marketplace.too_long import unreadable_in

_NEXT: Final = re.compile(rb'"NEXT_TOKEN"\s*:\s*"([^"\\]*)"')


def page_of_one(error: AnswerTooLongError) -> Page:
    """Return the page of a single product that was too long to be read.

    Raises:
        AnswerTooLongError: Its ends do not tell where the next page is.
    """
    following = _NEXT.search(error.ends)
    if following is None:
        raise error
    token = following[1].decode(errors="replace")
    odd = unreadable_in(error, ref="ID", client_ref="CLIENT_CODE")
    return Page((), token or None, (odd,))
