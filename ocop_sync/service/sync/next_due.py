"""When a run is due by itself: an end, a look-up, or a retry of an owed change.

The end of a verdict is decided by the catalog's rules; the moment is stored with each
listing when it is evaluated (`Record.until`). A change in the catalog since then may
bring an earlier end, and has not been evaluated yet.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from catalog.db import reader
from catalog.eligibility import evaluate
from ocop_sync.engine.terms import Base
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.sync.look_up import TOGETHER
from ocop_sync.store.listings import other_account_doubles, records, work_queue
from ocop_sync.store.listings.records import Record

_log = logging.getLogger(__name__)

_AT_ONCE = 1_000
"""Products that are looked at together."""


async def next_end(deployment: Deployment, since: datetime) -> datetime | None:
    """Return the first moment after *since* at which something ends by itself.

    A verdict may change then, or a failed change that is owed is tried again. Listings
    of other accounts do not count.

    Returns:
        The moment in UTC, past or to come; None if there is none.
    """
    keys = [key for site in deployment.sites for key in site.accounts]
    return await deployment.database.fetch(work_queue.next_end, keys, since)


async def next_look(deployment: Deployment, since: datetime) -> datetime | None:
    """Return when to look up the first due listings after *since*, in UTC."""
    keys = [key for site in deployment.sites for key in site.accounts]
    async with deployment.database.read() as conn:
        found = await work_queue.next_look(conn, keys, since, TOGETHER)
        there = await other_account_doubles.next_look(conn, keys, since)
    return min((at for at in (found, there) if at is not None), default=None)


class Ends:
    """Knows when a run is due by itself, also for changes since the last evaluation."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._revision: int | None = None
        self._moved: set[datetime] = set()

    async def watch(self) -> None:
        """Watch changes in the catalog from now on, if not done already."""
        if self._revision is None:
            self._revision = await self._deployment.database.fetch(
                reader.current_revision
            )

    async def next(self, since: datetime) -> datetime | None:
        """Return the earlier of `next_end` and `next_look`.

        An end that was moved in the catalog meanwhile counts as well. A claim that has
        ended by a new entry ends now.
        """
        stored = await next_end(self._deployment, since)
        while changed := await self._changed():
            self._moved |= await self._ends_of([id_ for id_, _ in changed])
            self._revision = changed[-1][1]
        self._moved = {end for end in self._moved if end > since}
        look = await next_look(self._deployment, since)
        found = (*self._moved, stored, look)
        return min((at for at in found if at is not None), default=None)

    async def _changed(self) -> Sequence[tuple[str, int]]:
        if self._revision is None:
            return ()
        return await self._deployment.database.fetch(
            reader.changed_since, self._revision, limit=_AT_ONCE
        )

    async def _ends_of(self, product_ids: Sequence[str]) -> set[datetime]:
        """Return when listings of products end, as things are in the catalog now."""
        now, found = self._deployment.clock(), set[datetime]()
        async with self._deployment.database.read() as conn:
            entries = await reader.get(conn, product_ids)
            known: list[Record] = []
            for site in self._deployment.sites:
                at_site = await records.load(conn, site.name, list(entries))
                known += [
                    record
                    for record in at_site.values()
                    if record.state.base is not Base.NEVER_SENT
                    and record.state.account in site.accounts
                ]
        for record in known:
            product, producer = entries[record.state.product_id]
            try:
                verdict = evaluate(product, producer, now, self._deployment.rules)
                draft = draft_wanted(product, verdict)
            except Exception:  # noqa: BLE001  (a fault in one product)
                _log.exception("its end is not known", extra={"product": product.id})
                continue
            if draft.until is not None:
                found.add(draft.until)
            has_ended = bool(draft.ends_on) and verdict.claim_ends_on is None
            if has_ended and draft.ends_on != record.ends_on:
                found.add(now)
        return found
