"""Find listings by our references and SKUs, whether or not a marketplace can search.

Where it cannot, all pages of the account are read instead, as seldom as that is safe:
once for all that is looked up in a run, and the whole read with which a run begins
counts as well. Later changes are looked for in a reading that began once their lag was
over: an older one tells nothing of them.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from catalog.db.chunks import chunks
from ocop_sync.engine.state.look_up import is_told_by
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.page_search import PageSearch
from ocop_sync.marketplace.port import Page
from ocop_sync.service.observe.first_contact import without_strangers
from ocop_sync.service.observe.read_trust import shows_at
from ocop_sync.service.run.account_run import AccountRun


async def find(
    run: AccountRun, states: Sequence[State], skus: Sequence[str] = ()
) -> Sequence[RemoteListing | Unreadable]:
    """Return every listing of the products of *states*, or with one of *skus*.

    Listings that only carry their reference and are known to be others are left out.

    Args:
        run: The run.
        states: The known states of the products; all sent changes show by now.
        skus: SKUs that others may offer: of listings that carry no reference.
    """
    ids = [state.product_id for state in states]
    if run.site.adapter.capabilities.has_search:
        search = partial(run.marketplace.find, client_refs=ids, skus=skus)
        return await without_strangers(run, await run.call(search))
    pages = await _pages(run, states)
    refs = pages.refs(ids, skus)
    found: list[RemoteListing | Unreadable] = [*pages.unreadable(ids)]
    for batch in chunks(list(refs), run.site.adapter.capabilities.read_batch):
        read = await run.call(partial(run.marketplace.read, batch))
        found += [_named(item, refs[item.ref]) for item in read if item is not None]
    return await without_strangers(run, found)


def _named(
    item: RemoteListing | Unreadable, client_ref: str
) -> RemoteListing | Unreadable:
    """Return *item* with the reference under which a page has shown it."""
    if isinstance(item, Unreadable) and not item.client_ref:
        return replace(item, client_ref=client_ref)
    return item


async def _pages(run: AccountRun, states: Iterable[State]) -> PageSearch:
    """Return the listings of all pages, read anew if too old for *states*."""
    known, now = run.shown.pages, run.deployment.clock()
    if known is not None and all(
        is_told_by(known.started, state, shows_at=_shows_at(run, state), now=now)
        for state in states
    ):
        return known
    pages = PageSearch(run.deployment.clock())
    async for page in pages_of(run):
        pages.note(page)
    run.shown.keep_pages(pages)
    return pages


async def pages_of(run: AccountRun) -> AsyncIterator[Page]:
    """Yield all pages of the account, each when the one before has been taken."""
    cursor: str | None = None
    while True:
        page = await run.call(partial(run.marketplace.page, cursor))
        yield page
        if page.next is None:
            return
        cursor = page.next


def _shows_at(run: AccountRun, state: State) -> datetime | None:
    """Return when all sent changes show; None if nothing was ever sent."""
    if state.sent_at is None:
        return None
    return shows_at(run, state.sent_at, is_answered=state.awaiting is None)
