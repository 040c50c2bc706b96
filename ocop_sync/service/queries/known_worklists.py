"""Worklists that are asked for again and again: only what has changed is evaluated.

A verdict depends on the product with its producer, on the rules, and on the day in
Vietnam. So the entries of each product are known for the rest of the day, up to the
revision of the catalog at which they were worked out: whatever changes a product, or
its producer, gives it a new one. To go through ten thousand products takes a second;
to look for new revisions takes none.
"""

import asyncio
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.eligibility import Rules
from catalog.queries.worklists import Ended, Ending, Lack, in_order
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.queries import worklists
from ocop_sync.service.queries.worklists import EndsAndLacks, Worklist
from ocop_sync.store.db.database import Database

AHEAD: Final = 366
"""So many days ahead ends are known; further ones are looked for anew."""
_AT_ONCE: Final = 250
"""Products that are read at once: the event loop does nothing else meanwhile."""


class KnownWorklists:
    """What is known of them in this process; nothing before the first question."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._day: date | None = None
        self._rules: Rules | None = None
        self._forget()

    def _forget(self) -> None:
        self._revision = 0
        self._ends: dict[str, Ending] = {}
        self._lacks: dict[str, list[Lack]] = {}
        self._ended: dict[str, Ended] = {}
        self._faulty = set[str]()

    async def ends_and_lacks(
        self, database: Database, *, rules: Rules, at: datetime, days: int
    ) -> EndsAndLacks:
        """Return what `worklists.ends_and_lacks` returns, as of now or later."""
        if days > AHEAD:
            return await database.fetch(
                worklists.ends_and_lacks, rules=rules, at=at, days=days
            )
        # Danger: who waits here must hold no connection, or all others would wait, too:
        # there are few of them.
        async with self._one_at_a_time, database.read() as conn:
            await self._bring_up_to_date(conn, rules, at)
        near = (each for each in self._ends.values() if each.days_left <= days)
        faulty = sorted(self._faulty)
        missing = [lack for id_ in sorted(self._lacks) for lack in self._lacks[id_]]
        over = [self._ended[id_] for id_ in sorted(self._ended)]
        return EndsAndLacks(
            ends=Worklist(at, in_order(near), faulty),
            lacks=Worklist(at, missing, faulty),
            ended=over,
        )

    async def _bring_up_to_date(
        self, conn: AsyncConnection, rules: Rules, at: datetime
    ) -> None:
        today, now = day_in_vietnam(at), await reader.current_revision(conn)
        # An older copy of the database may have taken its place.
        is_other = (self._day, self._rules) != (today, rules) or now < self._revision
        if is_other:
            self._forget()
            self._day, self._rules = today, rules
        while page := await reader.changed_since(conn, self._revision, limit=_AT_ONCE):
            ids = [id_ for id_, _ in page]
            await self._evaluate(conn, ids, rules, at)
            self._revision = page[-1][1]

    async def _evaluate(
        self, conn: AsyncConnection, ids: list[str], rules: Rules, at: datetime
    ) -> None:
        entries = list((await reader.get(conn, ids)).values())
        found = await worklists.of_products(
            conn, entries, rules=rules, at=at, days=AHEAD
        )
        for id_ in ids:
            self._ends.pop(id_, None)
            self._lacks.pop(id_, None)
            self._ended.pop(id_, None)
        self._faulty.difference_update(ids)
        self._faulty.update(found.ends.faulty)
        self._ends |= {each.product_id: each for each in found.ends.rows}
        self._ended |= {each.product_id: each for each in found.ended}
        for lack in found.lacks.rows:
            self._lacks.setdefault(lack.product_id, []).append(lack)
