"""Read the listings that events have named, as soon as they are known.

A listing is read at once. If that read has not shown the event, it is read again when
the marketplace's lag is over. Events are taken in by
`ocop_sync.service.evaluate.take_events`; the transition by a read is decided in
`ocop_sync.engine.plan.after_read`.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.terms import Found
from ocop_sync.errors import ProtocolError, TransientError
from ocop_sync.service.evaluate.take_events import is_known
from ocop_sync.service.observe.other_account_doubles import (
    read_other_account_doubles,
    shows,
)
from ocop_sync.service.observe.read_trust import is_believable
from ocop_sync.service.observe.single_reads import look_again, look_for_more
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.store.listings import event_mentions, own_refs
from ocop_sync.store.listings.event_mentions import Named
from ocop_sync.store.listings.own_refs import Ours

_log = logging.getLogger(__name__)


async def reread(run: AccountRun) -> list[str]:
    """Read the listings that events have named, as far as that can be believed.

    If that fails, it is left to the next run: nothing else waits for it.

    Returns:
        Ids of the products of which there is news; they are to be evaluated.
    """
    changed: list[str] = []
    if run.ending.unread:
        return changed
    try:
        after: str | None = ""
        while after is not None:
            after = await _reread_some(run, after, changed)
    except (TransientError, ProtocolError) as error:
        run.ending.note_unread(error)
        _log.warning(
            "listings that events have named could not be read",
            extra={"account": run.account.key, "reason": str(error)},
        )
    return changed


async def _reread_some(run: AccountRun, after: str, changed: list[str]) -> str | None:
    """Read some of them, behind *after*; return the last one, None if there is none."""
    key, started = run.account.key, run.deployment.clock()
    async with run.deployment.database.read() as conn:
        page = await event_mentions.to_read(conn, key, after, started)
        refs = [each.ref for each in page]
        known = await own_refs.by_refs(conn, run.site.name, key, refs)
    if not page:
        return None
    # A listing that we have just changed is not read yet: the change may hide the
    # event. One that is no longer ours is ticked off.
    read = [each for each in page if _shows(run, known, each.ref)]
    changed += await _look(run, known, [each.ref for each in read])

    async def tick_off(conn: AsyncConnection) -> None:
        found = await own_refs.found_of(conn, run.site.name, key, refs)
        await event_mentions.tick_off(conn, key, read, _over(read, found, started))

    if read:
        await run.deployment.database.write(tick_off)
    return page[-1].ref


async def _look(run: AccountRun, known: Ours, refs: Sequence[str]) -> list[str]:
    """Read listings, and look for all of a product of which there are several.

    Returns:
        Ids of the products of which there is news.
    """
    first = [known.first[ref] for ref in refs if ref in known.first]
    second = [known.second[ref] for ref in refs if ref in known.second]
    away = [known.away[ref] for ref in refs if ref in known.away]
    changed = await look_again(run, first)
    changed += await look_for_more(
        run, sorted({record.state.product_id for record in second})
    )
    if away:  # changes that are due there then are sent with the others
        await read_other_account_doubles(run, away)
    return changed


def _shows(run: AccountRun, known: Ours, ref: str) -> bool:
    record = known.first.get(ref) or known.second.get(ref)
    if record is not None:
        return is_believable(run, record.state)
    return shows(run, known.away.get(ref))


def _over(
    read: Sequence[Named], found: Mapping[str, Found], started: datetime
) -> list[Named]:
    """Return those of *read* of which a later read would show nothing more."""
    return [
        each
        for each in read
        if each.shows_from <= started
        or each.ref not in found
        or is_known(each.kind, found[each.ref])
    ]
