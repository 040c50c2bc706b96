"""Name a product that is too long to be read, by the two ends of its page.

No quote stands in a text of JSON without a backslash before it: a name in quotes with a
colon behind is one of the documented names, wherever the ends were cut.
"""

import re
from typing import Final

from pydantic import ValidationError

from adapters.postmart.convert import Paging, Products
from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.listing import Unreadable

_ID: Final = re.compile(rb'"id"\s*:\s*([1-9][0-9]{0,14})\b')
_CLIENT_REF: Final = re.compile(rb'"client_ref"\s*:\s*"([A-Za-z0-9._:-]{1,64})"')
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
    id_, ours = _ID.search(error.ends), _CLIENT_REF.search(error.ends)
    odd = Unreadable(ref=_text(id_), reason=str(error), client_ref=_text(ours))
    return Products((odd,), paging)


def _text(found: re.Match[bytes] | None) -> str:
    return found[1].decode() if found else ""
