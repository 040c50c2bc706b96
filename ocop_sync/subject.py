"""The subject of what goes on: a call of the API, a run, an account, a product.

Whoever begins a piece of work names its subject once, and each line that is logged
within has it, whoever logs it; tasks that are begun within have it as well. How lines
are written is decided in `ocop_sync.log`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

_subject: ContextVar[Mapping[str, str]] = ContextVar("subject", default=_NOTHING)


def subject() -> Mapping[str, str]:
    """Return the subject of what goes on here, by kind."""
    return _subject.get()


@contextmanager
def about(
    *, request_id: str = "", run: str = "", account: str = "", product: str = ""
) -> Iterator[None]:
    """Name the subject of the work inside; an empty one stays as it is around it.

    Args:
        request_id: A call of the API.
        run: A run, or the sync that it belongs to, as the ledger calls it.
        account: Key of an account.
        product: Id of a product, or of a producer whose profile is sent.
    """
    named = {
        "request_id": request_id,
        "run": run,
        "account": account,
        "product": product,
    }
    more = {name: value for name, value in named.items() if value}
    before = _subject.set({**_subject.get(), **more})
    try:
        yield
    finally:
        _subject.reset(before)
