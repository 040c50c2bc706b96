"""The history for readers: who sent which change, when and why.

Nothing here is a person's: of an approval the number of its group is shown, which
`held show` answers; of a cancelled run, that a person has cancelled it; of sellers,
the producer's id and no profile; texts go without telephone numbers and the like.
"""

import re
import sys
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Sequence,
)
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.kept_changes import Touching, imports_touching
from catalog.db.reader import names_of, products_by_sku
from catalog.values import replace
from ocop_sync.engine.reasons.ledger_reason import in_words, names_rule
from ocop_sync.errors import NoSuchRunError
from ocop_sync.marketplace.change import Kind
from ocop_sync.redaction import redact
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import run_history
from ocop_sync.store.runs.inferred_sales import InferredSale, inferred_of
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.run_history import (
    FAILED,
    ChangePlace,
    RunPlace,
    SentChange,
    SentRun,
    Which,
)

R = TypeVar("R")

PAGE = 500
"""Rows that are in memory at once."""

LOOKED_BACK = timedelta(days=30)
"""An import further back is not told as the reason of a change."""
LISTED = 100
"""Inferred sales that are shown at most, the latest ones."""

_APPROVED = re.compile(r" \(nhóm (\d+), .* duyệt: .*\)\Z", re.DOTALL)
"""As `ocop_sync.service.send.planned.why_sent` words it."""
_OF_SELLERS = (Kind.PUT_SELLER, Kind.STOP_SELLER)
_CANCELLED = "bị hủy / cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One change of the ledger as it is shown.

    Attributes:
        change: The change, without anything that is a person's.
        name: The product's name; "" of a seller, and where it is not known.
        group: The number of the group whose approval let it pass, or None.
        last_import: Of a product and where no rule is the reason: the last import
            that had changed the product before, as long as that is kept.
    """

    change: SentChange
    name: str
    group: int | None
    last_import: Touching | None = None


def changes(
    deployment: Deployment,
    which: Which,
    *,
    most: int | None = None,
    behind: ChangePlace | None = None,
) -> AsyncIterator[LedgerLine]:
    """Return changes of the ledger, the latest first; those of a run by number.

    They are those after the place *behind*, at most *most*.
    """

    async def read(after: LedgerLine | None, size: int) -> Sequence[LedgerLine]:
        last = after.change.place if after else behind
        async with deployment.database.read() as conn:
            page = await run_history.changes_page(conn, which, last, size)
            names = await names_of(conn, [e.subject for e in page if _has_name(e)])
            touching = await _touching(conn, page)
        return [
            _shown(
                each,
                names.get(each.subject, "") if _has_name(each) else "",
                _last_before(each, touching.get(each.subject, ())),
            )
            for each in page
        ]

    return _paged(read, most)


async def runs(
    deployment: Deployment,
    which: Which,
    *,
    most: int | None = None,
    behind: RunPlace | None = None,
) -> AsyncIterator[SentRun]:
    """Yield the runs that stand in the ledger, the latest first.

    They are those after the place *behind*, at most *most*.
    """

    async def read(after: SentRun | None, size: int) -> Sequence[SentRun]:
        last = after.place if after else behind
        async with deployment.database.read() as conn:
            now = deployment.clock()
            return await run_history.runs_page(conn, which, last, size, now)

    async for each in _paged(read, most):
        yield _without_person(each)


async def _paged(
    read: Callable[[R | None, int], Awaitable[Sequence[R]]], most: int | None
) -> AsyncIterator[R]:
    """Yield rows page by page, at most *most*; *read* takes the last row before."""
    after: R | None = None
    left = sys.maxsize if most is None else most
    while left > 0:
        size = min(PAGE, left)
        page = await read(after, size)
        for each in page:
            yield each
        if len(page) < size:
            return
        after, left = page[-1], left - size


async def run_of(deployment: Deployment, id_: str) -> list[SentRun]:
    """Return the run *id_*, or all runs of the sync that is called so.

    Raises:
        NoSuchRunError: There is none.
    """
    found = [each async for each in runs(deployment, Which(run=id_))]
    if not found:
        message = (
            f"không có lần chạy {id_}: xem `ocop-sync runs list`"
            f" / there is no run {id_}: see `ocop-sync runs list`"
        )
        raise NoSuchRunError(message)
    return found


def failed_of(run_id: str) -> Which:
    """Return which changes of a run, or of a sync, came to nothing."""
    return Which(run=run_id, outcomes=[each.value for each in FAILED])


async def about(deployment: Deployment, which: Which, codes: Iterable[str]) -> Which:
    """Return *which*, of those alone that *codes* name.

    A code is an SKU, the id of a product, or that of a producer.

    Raises:
        NoSuchRunError: Neither catalog nor ledger knows one of them.
    """
    asked = list(codes)
    if not asked:
        return which
    async with deployment.database.read() as conn:
        by_sku = await products_by_sku(conn, asked)
        named = await names_of(conn, asked)
        known = {*by_sku, *named, *await run_history.sent_of(conn, asked)}
    if unknown := [code for code in asked if code not in known]:
        codes = ", ".join(unknown)
        message = f"không có mã {codes} / nothing is called {codes}"
        raise NoSuchRunError(message)
    return replace(which, subjects=sorted({by_sku.get(c, c) for c in asked}))


async def inferred_sales(
    deployment: Deployment, which: Which
) -> Sequence[InferredSale]:
    """Return the inferred sales of the products of *which*.

    There are none where *which* names no product, or asks for a run, or for changes of
    one kind or outcome: an inferred sale is no change that was sent.
    """
    if not _is_about_products_alone(which):
        return []
    async with deployment.database.read() as conn:
        return await inferred_of(conn, which, LISTED)


async def imports(deployment: Deployment, which: Which) -> Sequence[Touching]:
    """Return which imports have changed the products of *which*, the latest first.

    An import is the reason of most sent changes. They are those of the last 30 days if
    *which* says no time. As for `inferred_sales`, *which* must
    name products and nothing of a change.
    """
    if not _is_about_products_alone(which):
        return []
    until = which.until
    since = which.since or deployment.clock() - LOOKED_BACK
    async with deployment.database.read() as conn:
        found = await imports_touching(conn, sorted(which.subjects or ()), since)
    return [each for each in found if until is None or each.imported_at < until]


def _is_about_products_alone(which: Which) -> bool:
    of_changes = which.kinds or which.outcomes or which.run
    return bool(which.subjects) and not of_changes


async def _touching(
    conn: AsyncConnection, page: Sequence[SentChange]
) -> dict[str, list[Touching]]:
    """Return by product which imports may be behind changes, the latest first."""
    subjects = {e.subject for e in page if _has_name(e) and not names_rule(e.why)}
    found: dict[str, list[Touching]] = {}
    if not subjects:
        return found
    since = min(each.sent_at for each in page) - LOOKED_BACK
    for each in await imports_touching(conn, sorted(subjects), since):
        found.setdefault(each.subject, []).append(each)
    return found


def _last_before(change: SentChange, found: Iterable[Touching]) -> Touching | None:
    if not _has_name(change) or names_rule(change.why):
        return None
    before = (each for each in found if each.imported_at <= change.sent_at)
    return next(before, None)


def _has_name(change: SentChange) -> bool:
    return change.kind not in _OF_SELLERS


def _shown(change: SentChange, name: str, last_import: Touching | None) -> LedgerLine:
    approved = _APPROVED.search(change.why)
    group = int(approved[1]) if approved else None
    why = _APPROVED.sub(rf" (nhóm {group})", change.why)
    is_product = _has_name(change)
    shown = replace(
        change,
        why=redact(in_words(why)),
        words=redact(change.words),
        before=_clean(change.before) if is_product else None,
        after=_clean(change.after) if is_product else None,
    )
    return LedgerLine(change=shown, name=name, group=group, last_import=last_import)


def _clean(value: Any) -> Any:
    """Return a stored value with every text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return value


def _without_person(run: SentRun) -> SentRun:
    is_cancelled = run.ending is Ending.CANCELLED
    return replace(run, error=_CANCELLED if is_cancelled else redact(run.error))
