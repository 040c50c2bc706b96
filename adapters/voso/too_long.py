"""Read the page of a product that is too long to be read, by its two ends."""

from typing import Final

from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.port import Page
from ocop_sync.marketplace.too_long import beside_list, unreadable_in

_LIST: Final = ("data", "PRODUCTS")


def page_of_one(error: AnswerTooLongError) -> Page:
    """Return the page of a single product that was too long to be read.

    Raises:
        AnswerTooLongError: Its ends do not tell where the next page is.
    """
    token = beside_list(error, path=_LIST, name="NEXT_TOKEN")
    if not isinstance(token, str):
        raise error
    odd = unreadable_in(error, path=_LIST, ref="ID", client_ref="CLIENT_CODE")
    return Page((), token or None, (odd,))
