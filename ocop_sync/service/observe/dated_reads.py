"""Read pages and listings, and refuse what says to be of a moment to come.

When a read was so, and what it tells then, is decided in
`ocop_sync.service.observe.read_trust`.
"""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from catalog.values import replace
from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.port import Page
from ocop_sync.service.observe.read_trust import is_ahead
from ocop_sync.service.run.account_run import AccountRun

_AHEAD = "thời điểm ở tương lai / a moment in the future"


async def pages_of(run: AccountRun) -> AsyncIterator[Page]:
    """Yield all pages of the account, each when the one before has been taken.

    Raises:
        ProtocolError: A page says to be of a moment to come.
    """
    cursor: str | None = None
    while True:
        page = await run.call(partial(run.marketplace.page, cursor))
        if is_ahead(run, page.as_of):
            message = f"Page.as_of {page.as_of}: {_AHEAD}"
            raise ProtocolError(message)
        yield _with_odd(run, page)
        if page.next is None:
            return
        cursor = page.next


async def read_listings(
    run: AccountRun, refs: Sequence[str]
) -> list[RemoteListing | Unreadable | None]:
    """Return the listings *refs*; one that is of a moment to come is unreadable."""
    found = await run.call(partial(run.marketplace.read, refs))
    return [_checked(run, each) for each in found]


def _with_odd(run: AccountRun, page: Page) -> Page:
    """Return *page* with the listings that are of a moment to come as unreadable."""
    if not any(is_ahead(run, each.read_at) for each in page.items):
        return page
    checked = [_checked(run, each) for each in page.items]
    return replace(
        page,
        items=tuple(each for each in checked if isinstance(each, RemoteListing)),
        unreadable=(
            *page.unreadable,
            *(each for each in checked if isinstance(each, Unreadable)),
        ),
    )


def _checked(
    run: AccountRun, item: RemoteListing | Unreadable | None
) -> RemoteListing | Unreadable | None:
    if not isinstance(item, RemoteListing) or not is_ahead(run, item.read_at):
        return item
    return Unreadable(
        ref=item.ref, reason=f"read_at: {_AHEAD}", client_ref=item.shown.client_ref
    )
