"""Tell whoever follows a run how far it is.

A run that finds nothing to do tells nothing, so that an idle sync writes nothing. What
is told is no part of the work: if it cannot be stored, the run goes on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.telling import Told, tell
from ocop_sync.redaction import redact
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run.failed_changes import FailedChange
from ocop_sync.store.runs import ledger, run_events
from ocop_sync.store.runs.ledger import OpenedRun
from ocop_sync.store.runs.run_events import EventKind, RunEvent

KEPT: Final = timedelta(days=3)
"""How long events are kept: the ledger tells of the rest."""
_NAMED: Final = 20
"""Failed changes that one event names; the ledger has all."""

_log = logging.getLogger(__name__)

Words = tuple[EventKind, str, Mapping[str, Any]]
"""The kind of an event, its account, and the rest of it."""


class RunEvents:
    """Stores the events of one sync in the order in which they are numbered.

    Args:
        deployment: Where.
        run: The sync, by the id before the first ":".
    """

    def __init__(self, deployment: Deployment, run: str) -> None:
        self._deployment = deployment
        self._run = run.partition(":")[0]
        self._last: int | None = None
        # Danger: two accounts that store side by side could commit 5 before 4, and
        # whoever has read 5 would never see 4.
        self._turn = asyncio.Lock()
        self._waiting: list[Words] = []
        self._opened: list[OpenedRun] = []  # not in the ledger yet

    async def begin(self, opened: OpenedRun) -> None:
        """Write a run down in the ledger, and store that it has begun.

        Those that begin at the same time go together; there may be hundreds.
        """
        self._opened.append(opened)
        self._waiting.append((EventKind.BEGUN, opened.account, {}))
        async with self._turn:
            await asyncio.sleep(0)  # others begin in the same turn
            if opened in self._opened:
                await self._store_waiting()
            if opened in self._opened:  # an event was at fault
                await self._open_runs()

    async def tell(
        self, kind: EventKind, account: str, data: Mapping[str, Any]
    ) -> None:
        """Store an event; if that fails, it is logged."""
        await self._store([(kind, account, data)])

    async def tell_ends(self, ends: Iterable[Words]) -> None:
        """Store the last events, and forget those that are old.

        Danger: never in the transaction that gives accounts back. If an event could not
        be stored, they would stay held.
        """
        before = self._deployment.clock() - KEPT
        await self._store(ends, partial(run_events.forget_before, before=before))

    async def _store(
        self,
        words: Iterable[Words],
        and_then: Callable[[AsyncConnection], Awaitable[None]] | None = None,
    ) -> None:
        self._waiting.extend(words)
        async with self._turn:
            if self._waiting or and_then is not None:
                await self._store_waiting(and_then)
            # else whoever had the turn has stored them

    async def _store_waiting(
        self, and_then: Callable[[AsyncConnection], Awaitable[None]] | None = None
    ) -> None:
        """Store all that waits, and the runs that have begun; log it if that fails."""
        taken, self._waiting = self._waiting, []
        opened = [*self._opened]

        async def store(conn: AsyncConnection) -> int:
            await ledger.open_runs(conn, opened)
            last = await self._add(conn, taken)
            if and_then is not None:
                await and_then(conn)
            return last

        try:
            self._last = await self._deployment.database.write(store)
        except Exception as error:  # noqa: BLE001  (the run goes on)
            self._last = None  # whoever has taken a number: it is read anew
            why = {"reason": type(error).__name__}
            _log.warning("an event of a run could not be stored", extra=why)
        else:
            self._forget(opened)

    async def _open_runs(self) -> None:
        """Write down the runs that have begun: nothing is done before."""
        opened = [*self._opened]
        write = partial(ledger.open_runs, opened=opened)
        await self._deployment.database.write(write)
        self._forget(opened)

    def _forget(self, opened: Collection[OpenedRun]) -> None:
        self._opened = [each for each in self._opened if each not in opened]

    async def _add(self, conn: AsyncConnection, words: Iterable[Words]) -> int:
        """Store events; return the number of the last one."""
        last = self._last
        if last is None:  # one that was begun before has some
            last = await run_events.last_number(conn, self._run)
        now = self._deployment.clock()
        new = [
            RunEvent(
                run=self._run, n=n, at=now, kind=kind, account=account, data=dict(data)
            )
            for n, (kind, account, data) in enumerate(words, last + 1)
        ]
        await run_events.add(conn, new)
        await tell(conn, Told.RUN_EVENTS)
        return last + len(new)


def failures_of(failures: Iterable[FailedChange]) -> dict[str, Any]:
    """Return failed changes as an event names them."""
    found = list(failures)
    named = [
        {
            "subject": each.subject,
            "kind": each.kind,
            "outcome": each.failed.value,
            "words": redact(each.words),
        }
        for each in found[:_NAMED]
    ]
    return {"failures": named, "more_failures": len(found) - len(named)}
