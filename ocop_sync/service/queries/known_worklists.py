"""Worklists that are asked for again and again: only what has changed is evaluated.

A verdict depends on the product with its producer, on the rules, and on the day in
Vietnam. So the entries of each product are known up to the revision of the catalog at
which they were worked out, as whatever changes a product, or its producer, gives it a
new one; and up to the day on which its verdict says that it changes by itself. To go
through ten thousand products takes two seconds; to look for what is new takes none.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import chunks
from catalog.eligibility import Rules
from catalog.queries.worklists import Ended, Ending, Lack, as_of, in_order
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries import worklists
from ocop_sync.service.queries.worklists import EndsAndLacks, OfProducts, Worklist
from ocop_sync.store.db.database import Database

LOOK_S: Final = 2.0
"""Seconds from one look for what is new to the next, where that is kept up."""
AHEAD: Final = 366
"""So many days ahead ends are known; further ones are looked for anew."""
_ANY: Final = 2**31 - 1
"""Days ahead, so many that no end is left out."""
_AT_ONCE: Final = 50
"""Products that are read at once: the event loop does nothing else meanwhile."""


_log = logging.getLogger(__name__)


class KnownWorklists:
    """What is known of them in this process; nothing before the first question."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._rules: Rules | None = None
        self._forget()

    def _forget(self) -> None:
        self._day: date | None = None
        self._revision = 0
        self._again: dict[str, date] = {}
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
        await self.bring_up_to_date(database, rules=rules, at=at)
        today = day_in_vietnam(at)
        known = (as_of(each, today) for each in self._ends.values())
        near = (each for each in known if 0 <= each.days_left <= days)
        faulty = sorted(self._faulty)
        missing = [lack for id_ in sorted(self._lacks) for lack in self._lacks[id_]]
        over = [self._ended[id_] for id_ in sorted(self._ended)]
        return EndsAndLacks(
            ends=Worklist(at, in_order(near), faulty),
            lacks=Worklist(at, missing, faulty),
            ended=over,
        )

    async def bring_up_to_date(
        self, database: Database, *, rules: Rules, at: datetime
    ) -> None:
        """Evaluate what is new.

        Danger: who waits here for another one must hold no connection, or all others
        would wait, too: there are few of them.
        """
        async with self._one_at_a_time, database.read() as conn:
            await self._bring_up_to_date(conn, rules, at)

    async def _bring_up_to_date(
        self, conn: AsyncConnection, rules: Rules, at: datetime
    ) -> None:
        today, now = day_in_vietnam(at), await reader.current_revision(conn)
        # An older copy of the database may have taken its place, or a clock was wrong.
        is_older = now < self._revision or today < (self._day or today)
        if is_older or rules != self._rules:
            self._forget()
            self._rules = rules
        if today != self._day:
            due = sorted(id_ for id_, day in self._again.items() if day <= today)
            for ids in chunks(due, _AT_ONCE):
                await self._evaluate(conn, ids, rules, at)
            self._day = today
        while page := await reader.changed_since(conn, self._revision, limit=_AT_ONCE):
            ids = [id_ for id_, _ in page]
            await self._evaluate(conn, ids, rules, at)
            self._revision = page[-1][1]

    async def _evaluate(
        self, conn: AsyncConnection, ids: Sequence[str], rules: Rules, at: datetime
    ) -> None:
        entries = list((await reader.get(conn, ids)).values())
        found = await worklists.of_products(
            conn, entries, rules=rules, at=at, days=_ANY
        )
        for id_ in ids:
            self._ends.pop(id_, None)
            self._lacks.pop(id_, None)
            self._ended.pop(id_, None)
            self._again.pop(id_, None)
        self._faulty.difference_update(ids)
        self._faulty.update(found.ends.faulty)
        self._again |= _again(found, day_in_vietnam(at))
        near = (each for each in found.ends.rows if each.days_left <= AHEAD)
        self._ends |= {each.product_id: each for each in near}
        self._ended |= {each.product_id: each for each in found.ended}
        for lack in found.lacks.rows:
            self._lacks.setdefault(lack.product_id, []).append(lack)


def _again(found: OfProducts, today: date) -> dict[str, date]:
    """Return from which day on products are evaluated though nothing changes them.

    It is the day on which a verdict is another one, or that from which its end is told;
    a product that cannot be evaluated tells no day.
    """
    days = {id_: day_in_vietnam(at) for id_, at in found.changes_at.items()}
    for each in found.ends.rows:
        if each.days_left > AHEAD:
            near = each.ends_on - timedelta(days=AHEAD)
            days[each.product_id] = min(near, days.get(each.product_id, near))
    return days | dict.fromkeys(found.ends.faulty, today + timedelta(days=1))


@asynccontextmanager
async def kept_up(known: KnownWorklists, deployment: Deployment) -> AsyncIterator[None]:
    """Bring *known* up to date again and again, during any work inside.

    So nobody who asks waits for more than what has changed in the last seconds: neither
    the first one after a start, nor one behind an import of the whole catalog.
    """
    task = asyncio.ensure_future(_keep_up(known, deployment))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_up(known: KnownWorklists, deployment: Deployment) -> None:
    is_lost = False
    while True:
        try:
            await known.bring_up_to_date(
                deployment.database, rules=deployment.rules, at=deployment.clock()
            )
            is_lost = False
        except Exception as error:  # noqa: BLE001  (who asks is told; it may be back)
            if not is_lost:
                why = type(error).__name__
                _log.warning("worklists were not kept up", extra={"reason": why})
            is_lost = True
        await deployment.sleep(LOOK_S)
