"""Evaluate products anew in the midst of a run: after a change, an end or a read.

A run evaluates all of the catalog at its start (`ocop_sync.service.run.evaluate_all`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import chunks
from catalog.turns import in_turns
from ocop_sync.engine.wanted.wanted import no_product
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.evaluate.inferred_sales import with_inferred_sales
from ocop_sync.service.evaluate.store_cases import store_cases
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.standing_groups import RemovalRequest
from ocop_sync.store.listings import work_queue
from ocop_sync.store.listings.records import Record

AT_ONCE = 250
"""Products that are evaluated in one transaction, and held in memory."""

_NONE_READ: Final[Mapping[str, Record]] = MappingProxyType({})


class AfterRead(NamedTuple):
    """A listing that was read, which is not stored yet.

    Attributes:
        known: Its record as it is stored.
        shown: Its record after the read.
    """

    known: Record
    shown: Record


class Changed(NamedTuple):
    """Products that are to be evaluated anew.

    Attributes:
        changed: Those that changed since the last look, each with its revision.
        ended: Those whose verdict may have changed by itself.
    """

    changed: Sequence[tuple[str, int]]
    ended: Sequence[str]

    @property
    def product_ids(self) -> list[str]:
        """Return the products, each once."""
        return sorted({id_ for id_, _ in self.changed} | set(self.ended))


async def changed_at(conn: AsyncConnection, run: AccountRun) -> Changed:
    """Return the products that changed since the last look, or ended."""
    changed = await reader.changed_since(conn, run.revision, limit=1000)
    now = run.deployment.clock()
    return Changed(changed, await work_queue.ended(conn, run.key, now, 1000))


async def evaluate_changed(run: AccountRun, found: Changed) -> bool:
    """Evaluate the products anew that are *found* to have changed, or ended.

    Returns:
        Whether there was anything.
    """
    if found.changed:
        run.note_changes(found.changed[-1][1])
    if ids := found.product_ids:
        await evaluate_again(run, ids)
    return bool(ids)


async def evaluate_again(
    run: AccountRun,
    product_ids: Sequence[str],
    *,
    read: Mapping[str, AfterRead] = MappingProxyType({}),
    screen: bool = True,
    asked: Sequence[RemovalRequest] = (),
) -> list[RemovalRequest]:
    """Evaluate products anew, and store the result.

    Many of them take several transactions. Their removals pass the gate in the last
    one: groups are weighed against each other as a whole.

    *read* are their records after a read, not stored yet. Their removals are put before
    the gate at once, with those *asked* earlier; without *screen* the caller does so,
    together with everything else.

    Returns:
        The removal requests at this account that were not screened.
    """
    run.case_cache.touched(product_ids)
    *firsts, last = [*chunks(product_ids, AT_ONCE)] or [()]
    before = list(asked)
    for ids in firsts:
        before += await run.write(partial(_requests_of, run=run, ids=ids, read=read))

    async def store(conn: AsyncConnection, now: datetime) -> list[RemovalRequest]:
        mine = await _requests_of(conn, now, run=run, ids=last, read=read)
        requests = [*before, *mine]
        if requests and screen:
            await run.gate.screen(conn, requests, now, whole=False)
            return []
        return requests

    return await run.write(store)


async def _requests_of(
    conn: AsyncConnection,
    now: datetime,
    *,
    run: AccountRun,
    ids: Sequence[str],
    read: Mapping[str, AfterRead],
) -> list[RemovalRequest]:
    """Evaluate some products and store that; return the removal requests."""
    part = {id_: read[id_] for id_ in ids if id_ in read}
    shown = [each.shown for each in part.values()]
    found = await with_inferred_sales(conn, run.site, shown, now, run.sales)
    cases = await evaluated(conn, run, ids, {r.state.product_id: r for r in found})
    known = {id_: each.known for id_, each in part.items()}
    mine = await store_own(conn, now, run=run, cases=cases, read=known)
    return run.gate.removal_requests(mine, now)


async def store_own(
    conn: AsyncConnection,
    now: datetime,
    *,
    run: AccountRun,
    cases: Sequence[Case],
    read: Mapping[str, Record] = _NONE_READ,
) -> list[Case]:
    """Store those of *cases* that belong to this account, and return them.

    *read* is as of `store_cases`.
    """
    mine = [c for c in cases if c.state.account == run.key]
    rules = run.deployment.rules
    await store_cases(conn, run.site, mine, now, read, rules=rules)
    run.later.note_shortfalls(
        evaluated=_ids(cases),
        short_of_stock=_ids(case for case in mine if case.evaluation.waits),
    )
    run.later.reread_first(_ids(case for case in mine if case.state.must_reread))
    return mine


def _ids(cases: Iterable[Case]) -> list[str]:
    return [case.product_id for case in cases]


async def evaluated(
    conn: AsyncConnection,
    run: AccountRun,
    product_ids: Sequence[str],
    read: Mapping[str, Record] = _NONE_READ,
) -> list[Case]:
    """Evaluate products as catalog and store are now."""
    now = run.deployment.clock()
    evaluator = Evaluator(run.deployment, run.freshness, now)
    revisions = await reader.revisions(conn, product_ids)
    held = run.case_cache.wanted(revisions, now)
    others = await reader.get(conn, [i for i in revisions if i not in held])
    async for id_, entry in in_turns(others.items()):
        held[id_] = entry, evaluator.placed(run.site, evaluator.draft(entry))
    wanted = [held[id_][1] if id_ in held else no_product(id_) for id_ in product_ids]
    entries = {id_: entry for id_, (entry, _) in held.items()}
    cases = await evaluator.cases(conn, run.site, wanted, entries, read)
    for case in cases:
        run.case_cache.keep(case)
    return cases
