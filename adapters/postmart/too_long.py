"""Read the page of a product that is too long to be read, by its two ends."""

from typing import Final

from pydantic import ValidationError

from adapters.postmart.convert import Paging, Products
from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.too_long import beside_list, unreadable_in

_LIST: Final = ("data",)


def page_of_one(error: AnswerTooLongError) -> Products:
    """Return the page of a single product that was too long to be read.

    Raises:
        AnswerTooLongError: Its ends do not tell how many pages there are.
    """
    try:
        paging = Paging.model_validate(beside_list(error, path=_LIST, name="paging"))
    except ValidationError:
        raise error from None
    if paging.per_page != 1:
        raise error
    odd = unreadable_in(error, path=_LIST, ref="id", client_ref="client_ref")
    return Products((odd,), paging)
