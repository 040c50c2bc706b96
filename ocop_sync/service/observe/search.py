"""Find listings by our references and SKUs, whether or not a marketplace can search.

Where it cannot, all pages of the account are read instead, as seldom as that is safe:
once for all that is looked up in a run, and the whole read with which a run begins
counts as well. Later changes are looked for in a reading that began once their lag was
over: an older one tells nothing of them.

Where people carry a marketplace's lists to us, a reading is of some time ago, and
another one in the same run would be no newer: of a listing of which it tells nothing,
nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from catalog.db.chunks import chunks
from catalog.values import replace
from ocop_sync.engine.state.look_up import is_told_by
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.page_search import PageSearch
from ocop_sync.service.observe.dated_reads import pages_of, read_listings
from ocop_sync.service.observe.first_contact import without_strangers
from ocop_sync.service.observe.read_trust import has_old_reads, shows_at, tells
from ocop_sync.service.run.account_run import AccountRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search has shown.

    Attributes:
        items: The listings.
        at: When that was so, in UTC; None is now.
        untold: The products of which it does not tell whether they are there: it is
            too old for them.
    """

    items: Sequence[RemoteListing | Unreadable]
    at: datetime | None = None
    untold: frozenset[str] = frozenset()


async def find(
    run: AccountRun, states: Sequence[State], skus: Sequence[str] = ()
) -> Searched:
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
        return Searched(items=await without_strangers(run, await run.call(search)))
    pages = await _pages(run, states)
    refs = pages.refs(ids, skus)
    found: list[RemoteListing | Unreadable] = [*pages.unreadable(ids)]
    for batch in chunks(list(refs), run.site.adapter.capabilities.read_batch):
        read = await read_listings(run, batch)
        found += [_named(item, refs[item.ref]) for item in read if item is not None]
    items = await without_strangers(run, found)
    if not has_old_reads(run):
        return Searched(items=items)
    untold = frozenset(s.product_id for s in states if not _tells(run, pages, s))
    return Searched(items=items, at=pages.started, untold=untold)


def _named(
    item: RemoteListing | Unreadable, client_ref: str
) -> RemoteListing | Unreadable:
    """Return *item* with the reference under which a page has shown it."""
    if isinstance(item, Unreadable) and not item.client_ref:
        return replace(item, client_ref=client_ref)
    return item


async def _pages(run: AccountRun, states: Sequence[State]) -> PageSearch:
    """Return the listings of all pages, read anew if too old for *states*.

    Where reads may be old, the first page says when all were so: if that tells nothing
    of *states*, no other is read.
    """
    known = run.shown.pages
    if known is not None and (
        has_old_reads(run) or all(_tells(run, known, state) for state in states)
    ):
        return known
    pages = PageSearch(run.deployment.clock())
    async for page in pages_of(run):
        pages.note(page)
        if has_old_reads(run) and not any(_tells(run, pages, s) for s in states):
            return pages
    run.shown.keep_pages(pages)
    return pages


def _tells(run: AccountRun, pages: PageSearch, state: State) -> bool:
    """Say whether the listings of all pages tell whether one is there."""
    now, ends = run.deployment.clock(), _shows_at(run, state)
    if not tells(run, state, pages.started):
        return False
    return is_told_by(pages.started, state, shows_at=ends, now=now)


def _shows_at(run: AccountRun, state: State) -> datetime | None:
    """Return when all sent changes show; None if nothing was ever sent."""
    if state.sent_at is None:
        return None
    return shows_at(run, state.sent_at, is_answered=state.awaiting is None)
