"""The facts by which evaluated products are counted, for their intervals.

The verdict of the moment at which it changes by itself is worked out as well: if nobody
evaluates the product by then, it is counted by that one from then on.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Rules, Verdict, evaluate
from ocop_sync.engine.wanted.catalog_part import proven_stars
from ocop_sync.engine.wanted.from_verdict import counted_as
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.service.deployment import Site
from ocop_sync.service.evaluate.case import Case
from ocop_sync.store.listings import coverage_intervals
from ocop_sync.store.listings.coverage_intervals import CountedFacts
from ocop_sync.store.listings.records import Record

_log = logging.getLogger(__name__)

_MOST_CHANGES = 20
"""Changes of a verdict by itself that are looked at, for the first that counts."""


async def note_evaluated(
    conn: AsyncConnection,
    site: Site,
    cases: Iterable[Case],
    now: datetime,
) -> None:
    """Note how *cases*, which are stored, are counted now."""
    facts = {case.product_id: facts_of(site, case) for case in cases}
    await coverage_intervals.note(conn, site.name, facts, now, facts)


async def note_counted(
    conn: AsyncConnection,
    marketplace: str,
    proven: Mapping[str, datetime],
    changed: Iterable[Record],
    now: datetime,
) -> None:
    """Note how stored records are counted now, by the facts of their last evaluation.

    *proven* are the products that a read has shown as they were known, with when that
    was so; *changed* are all others.
    """
    await coverage_intervals.note_read(conn, marketplace, proven, now)
    ids = [record.state.product_id for record in changed]
    await coverage_intervals.note(conn, marketplace, ids, now)


def facts_of(site: Site, case: Case) -> CountedFacts:
    """Return the facts by which a case is counted."""
    wanted = case.evaluation.wanted
    simulated = site.adapter.capabilities.simulated
    rule = wanted.reason.code if wanted.reason else ""
    if wanted.part is None:
        return CountedFacts(simulated=simulated, rule=rule)
    part = wanted.part._asdict()
    now = wanted.counted, rule, wanted.part.stars
    later = _later(wanted, now)
    if later is None:
        return CountedFacts(simulated=simulated, rule=rule, **part)
    until, (counted, code, stars) = later
    return CountedFacts(
        simulated=simulated,
        rule=rule,
        **part,
        until=until,
        later_counted=counted,
        later_rule=code,
        later_stars=stars,
    )


def turned_at(
    case: Case, until: datetime | None, now: datetime, rules: Rules
) -> datetime | None:
    """Return when its verdict became by itself as it is at *now*.

    None if it did not, or nobody knows. *until* is when it was to change, by the
    evaluation before.
    """
    found: datetime | None = None
    at, last, verdict = until, None, case.evaluation.wanted.verdict
    if case.entry is None:
        return None
    try:
        for _ in range(_MOST_CHANGES):
            if at is None or at > now:
                return found
            verdict = evaluate(*case.entry, at, rules, earlier=verdict)
            if (counted := _counted(verdict)) != last:
                found, last = at, counted
            at = verdict.changes_at
    except Exception:  # noqa: BLE001  (a fault in one product: its date is not known)
        _log.exception("its date is not known", extra={"product": case.product_id})
    return found


_Counted = tuple[str, str, int]
"""How a product is counted by a verdict, the rule that decides, and the stars."""


def _later(wanted: Wanted, now: _Counted) -> tuple[datetime, _Counted] | None:
    """Return from when on a product is counted otherwise by itself, and how.

    Most moments at which a verdict changes only bring another warning.
    """
    if wanted.outlook is None:
        return None
    try:
        for until, verdict in islice(wanted.outlook.later(), _MOST_CHANGES):
            if (later := _counted(verdict)) != now:
                return until, later
    except Exception:  # noqa: BLE001  (a fault in one product: it is counted as before)
        product = {"product": wanted.product_id}
        _log.exception("its later verdict is not known", extra=product)
    return None


def _counted(verdict: Verdict) -> _Counted:
    reason = verdict.decisive
    code = reason.code if reason else ""
    return counted_as(verdict), code, proven_stars(verdict)
