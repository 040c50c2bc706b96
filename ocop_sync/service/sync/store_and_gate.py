"""Store the cases of all the catalog, and let their removals ask to pass.

It is told where some have become due: that may be sent while the rest is evaluated,
where nothing can be more urgent. It is done for the accounts that have been looked at:
products of the others are counted, and left to their own wave.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import CHUNK, chunks
from catalog.eligibility import Rules
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.service.deployment import Site
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.coverage_facts import note_evaluated
from ocop_sync.service.evaluate.store_cases import store_cases
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_all import Walked, evaluate_all
from ocop_sync.service.run.settled_ranges import Ranges, ranges_of
from ocop_sync.service.run.standing_groups import RemovalRequest
from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.store.db.statistics import Growth
from ocop_sync.store.decisions import drift_decided, retry_requests
from ocop_sync.store.listings import (
    other_account_doubles,
    records,
    settled_ranges,
)

_AT_ONCE: Final = 100
"""Cases that are stored in one transaction: other writers wait so long."""
_AT_ONCE_BESIDE: Final = 50
"""The same while changes are sent: as many as these are in one slice."""

_LOOKS = frozenset({Decision.ADOPT, Decision.READ_AGAIN, Hold.UNREADABLE})
"""Decisions, and a hold, with which a listing is looked up again in each run."""

NoteDue = Callable[[Mapping[str, int]], None]
"""Is told how many more products are due, by account."""


@dataclass(slots=True)
class Work:
    """The work that an evaluation leaves.

    Attributes:
        requests: The removal requests, by marketplace.
        not_ready: The same of accounts that are not in the wave.
        look_up: Products that are read before anything is sent, by account.
        is_begun: What was evaluated first is sent already.
    """

    requests: dict[str, list[RemovalRequest]] = field(default_factory=dict)
    not_ready: dict[str, list[RemovalRequest]] = field(default_factory=dict)
    look_up: dict[str, list[str]] = field(default_factory=dict)
    is_begun: bool = False


class StoreAndGate:
    """Takes the cases of a walk in, for some accounts at a time.

    With *only_since* the walk is over the products that have changed after that
    revision of the catalog. With *full* it passes over nothing that is settled.
    """

    def __init__(
        self, sync: LeasedSync, only_since: int | None = None, *, full: bool = False
    ) -> None:
        self._sync = sync
        self._only_since = only_since
        self._full = full
        self._deployment = sync.deployment
        self._growth = Growth(sync.deployment.database)
        self._ranges: Ranges | None = None  # of the last walk

    async def evaluate(
        self,
        wave: Mapping[str, AccountRun],
        work: Work,
        note_due: NoteDue = lambda _: None,
    ) -> None:
        """Evaluate everything; store unsettled cases at the accounts of *wave*.

        What else they leave to do is added to *work*. Each time some are stored,
        *note_due* is told how many of them are due, by account.
        """
        now = self._deployment.clock()
        database = self._deployment.database
        async with database.read() as conn:
            waits = await self._waits(conn, wave)
            ranges = (
                None if waits else await self._walk(conn, wave, now, work, note_due)
            )
        if waits:
            await database.write(partial(self._unsettle, wave=wave, now=now))
            async with database.read() as conn:
                ranges = await self._walk(conn, wave, now, work, note_due)
        if ranges is not None:
            ranges.tell_lost()
            self._sync.report.note_walk(ranges.long_way, ranges.passed)
            if ranges.has_news:
                await database.write(ranges.store)
            self._ranges = ranges

    async def keep_settled(self) -> None:
        """Keep the ranges that were open when they were evaluated, and are no longer.

        Whoever comes next passes over them.
        """
        if self._ranges is None:
            return
        database = self._deployment.database
        if found := await database.fetch(self._ranges.settled_since):
            await database.write(partial(settled_ranges.keep, ranges=found))

    async def _waits(self, conn: AsyncConnection, wave: Collection[str]) -> bool:
        """Say whether any listing waits to be evaluated again: mostly none does.

        One that waits is left to the next whole sync by another one.
        """
        if self._only_since is not None:
            return False
        names = [site.name for site in self._sync.sites]
        if await drift_decided.decided(conn, names):
            return True
        if await retry_requests.asked(conn, names):
            return True
        misnamed = other_account_doubles.misnamed_products
        return any([await misnamed(conn, name, wave) for name in names])

    async def _unsettle(
        self, conn: AsyncConnection, *, wave: Collection[str], now: datetime
    ) -> None:
        """Have listings evaluated again on which people have decided, or by doubles."""
        names = [site.name for site in self._sync.sites]
        await drift_decided.unsettle(conn, names)
        await retry_requests.carry_out(conn, names, wave, now)
        for name in names:
            misnamed = await other_account_doubles.misnamed_products(conn, name, wave)
            await other_account_doubles.point(conn, name, misnamed)

    async def _walk(
        self,
        conn: AsyncConnection,
        wave: Mapping[str, AccountRun],
        now: datetime,
        work: Work,
        note_due: NoteDue,
    ) -> Ranges | None:
        """Walk through the catalog; return its ranges, where all of it was meant."""
        ranges = None
        if self._only_since is None:
            sites, full = self._sync.sites, self._full
            ranges = await ranges_of(conn, self._deployment, sites, now, full=full)

        def begun(walked: Walked) -> None:
            for run in wave.values():
                run.note_walk(walked)

        await evaluate_all(
            conn,
            self._deployment,
            self._sync.sites,
            partial(self._take_in, work=work, wave=wave, note_due=note_due),
            now=now,
            only=await self._only(conn),
            ranges=ranges,
            begun=begun,
        )
        return ranges

    async def _only(self, conn: AsyncConnection) -> dict[str, list[str]] | None:
        """Return the products to evaluate, by marketplace; None for all."""
        since, changed = self._only_since, list[str]()
        if since is None:
            return None
        is_all = False
        while not is_all:
            rows = await reader.changed_since(conn, since, limit=CHUNK)
            changed += [id_ for id_, _ in rows]
            since, is_all = rows[-1][1] if rows else since, len(rows) < CHUNK
        return {site.name: changed for site in self._sync.sites}

    async def _take_in(
        self,
        site: Site,
        cases: Sequence[Case],
        *,
        work: Work,
        wave: Collection[str],
        note_due: NoteDue,
    ) -> None:
        now, database = self._deployment.clock(), self._deployment.database
        rules = self._deployment.rules
        mine = [case for case in cases if self._may_store(case, wave)]
        others = [case for case in cases if not self._may_store(case, wave)]
        gate = self._sync.gates[site.name]
        requests = gate.removal_requests(mine, now)
        work.requests.setdefault(site.name, []).extend(requests)
        held_up = {each.product_id for each in requests}
        for case in mine:
            self._note(site, case, work, passes=case.product_id not in held_up)
        for some in chunks(mine, _AT_ONCE_BESIDE if work.is_begun else _AT_ONCE):
            await database.write(
                partial(_store, site=site, cases=some, now=now, rules=rules)
            )
            due = (c.state.account for c in some if c.record.urgency is not None)
            note_due(Counter(due))
            await self._growth.note(len(some))
        if others:
            # In a transaction of its own: runs at those accounts lock the same rows.
            # If it held ours as well, it could deadlock with theirs on PostgreSQL.
            await database.write(partial(_count_others, site, others, now))
        beside = gate.removal_requests(others, now)
        work.not_ready.setdefault(site.name, []).extend(beside)

    def _note(self, site: Site, case: Case, work: Work, *, passes: bool) -> None:
        """Keep a case that needs something, and note what is done before that.

        Before it is stored: once it is, it may be taken to be sent.
        """
        if case.evaluation.waits and case.state.account in self._sync.runs:
            later = self._sync.runs[case.state.account].later
            later.note_shortfalls((), [case.product_id])
        if case.evaluation.changes:
            self._sync.case_caches[site.name].keep(case, stored=passes)
        state = case.state
        # While one is at another account, nothing else asks for the second look.
        is_missing = state.found is Found.ABSENT and state.absent_reads == 1
        looks = case.record.decision in _LOOKS or (
            bool(state.other_account_doubles) and is_missing
        )
        if looks or state.must_reread:
            ids = work.look_up.setdefault(case.state.account, [])
            ids.append(case.product_id)

    def _may_store(self, case: Case, wave: Collection[str]) -> bool:
        """Say whether this wave stores a case: its account is in it, or not set up."""
        account = case.state.account
        site = self._deployment.site(case.state.marketplace)
        return account not in site.accounts or account in wave

    async def screen(self, work: Work, wave: Collection[str]) -> None:
        """Put the removals before the gate of their marketplace."""
        now = self._deployment.clock()
        for name, gate in self._sync.gates.items():
            requests = work.requests.get(name, [])
            not_ready = work.not_ready.get(name, [])
            if not (requests or not_ready or gate.groups.are_there):
                continue  # nothing asks, and no group waits to be asked anew or closed
            keys = self._deployment.site(name).accounts.keys()
            whole = self._only_since is None and keys <= set(wave)
            screen = partial(
                gate.screen,
                requests=requests,
                now=now,
                whole=whole,
                not_ready=not_ready,
            )
            await self._deployment.database.write(screen)


async def _store(
    conn: AsyncConnection,
    *,
    site: Site,
    cases: Sequence[Case],
    now: datetime,
    rules: Rules,
) -> None:
    await store_cases(conn, site, cases, now, rules=rules)


async def _count_others(
    site: Site,
    cases: Sequence[Case],
    now: datetime,
    conn: AsyncConnection,
) -> None:
    """Bring up to date how products of accounts outside the wave are counted."""
    theirs = [case.record for case in cases]
    free = await records.set_coverage_class(conn, site.name, theirs)
    counted = [case for case in cases if case.product_id in free]
    await note_evaluated(conn, site, counted, now)
