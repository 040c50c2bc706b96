"""Read again what events have named, as soon as they are heard of.

A listing is read at once, and once more when what happened shows for certain,
unless the first read has shown it. What events are taken in, is decided in
`ocop_sync.service.events`; what a read makes of a state, in
`ocop_sync.engine.outcome`.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.errors import ProtocolError, TransientError
from ocop_sync.service.events import is_known
from ocop_sync.service.reading import is_believable, look_again
from ocop_sync.service.run import AccountRun
from ocop_sync.store import named, records
from ocop_sync.store.named import Named
from ocop_sync.store.records import Record

_log = logging.getLogger(__name__)


async def reread(run: AccountRun) -> list[str]:
    """Read what events have named at an account, as far as that can be believed.

    If that fails, it is left to the next run: nothing else waits for it.

    Returns:
        Ids of the products of which there is news; they are to be judged.
    """
    changed: list[str] = []
    if run.unread:
        return changed
    try:
        after: str | None = ""
        while after is not None:
            after = await _reread_some(run, after, changed)
    except (TransientError, ProtocolError) as error:
        run.note_unread(error)
        _log.warning(
            "listings that events have named could not be read",
            extra={"account": run.account.key, "reason": str(error)},
        )
    return changed


async def _reread_some(run: AccountRun, after: str, changed: list[str]) -> str | None:
    """Read some of them, behind *after*; return the last one, None if there is none."""
    key, started = run.account.key, run.deployment.clock()
    async with run.deployment.database.read() as conn:
        page = await named.to_read(conn, key, after, started)
        refs = [each.ref for each in page]
        found = await records.by_refs(conn, key, refs) if refs else {}
    if not page:
        return None
    # What was sent a moment ago hides what happened; what is ours no longer is let go.
    read = [e for e in page if e.ref not in found or _shows(run, found[e.ref])]
    changed += await look_again(run, [found[e.ref] for e in read if e.ref in found])

    async def tick_off(conn: AsyncConnection) -> None:
        now_known = await records.by_refs(conn, key, refs)
        await named.tick_off(conn, key, read, _over(read, now_known, started))

    if read:
        await run.deployment.database.write(tick_off)
    return page[-1].ref


def _shows(run: AccountRun, record: Record) -> bool:
    return is_believable(run, record.state)


def _over(
    read: Sequence[Named], known: Mapping[str, Record], started: datetime
) -> list[Named]:
    """Return those of *read* of which a later read would show nothing more."""
    return [
        each
        for each in read
        if each.shows_from <= started
        or each.ref not in known
        or is_known(each.kind, known[each.ref].state.found)
    ]
