"""Read the page of a product that is too long to be read, by its two ends."""

import re
from typing import Final

from pydantic import ValidationError

from adapters.postmart.convert import Paging, Products
from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.too_long import unreadable_in

_PAGING: Final = re.compile(rb'"paging"\s*:\s*(\{[^{}]*\})')


def page_of_one(error: AnswerTooLongError) -> Products:
    """Return the page of a single product that was too long to be read.

    Raises:
        AnswerTooLongError: Its ends do not tell how many pages there are.
    """
    found = _PAGING.search(error.ends)
    try:
        paging = Paging.model_validate_json(found[1] if found else b"")
    except ValidationError:
        raise error from None
    if paging.per_page != 1:
        raise error
    return Products((unreadable_in(error, ref="id", client_ref="client_ref"),), paging)
