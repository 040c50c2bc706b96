"""The changes of two and a half years for the real products.

The fictitious ones are left out: they are new on the day of the jump.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from catalog.db import reader
from catalog.eligibility import Standing, Verdict, evaluate
from catalog.model.fact import Fact
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.cli.demo.narration import empty_table, tell
from ocop_sync.cli.views.eligibility import STANDINGS
from ocop_sync.cli.views.tables import SIMULATED, console, plain
from ocop_sync.engine.terms import Found
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record

Figures = Mapping[str, Mapping[str, int]]

_FIGURES = ("certified", "unknown", "live", "claims")
"""In the order of their columns."""


async def count_real(
    deployment: Deployment, ids: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Return how the real products stand at each marketplace now."""
    verdicts = await _evaluate(deployment, ids, deployment.clock())
    known = {
        "certified": sum(v.certified is Fact.YES for v in verdicts.values()),
        "unknown": sum(v.validity_unknown for v in verdicts.values()),
    }
    figures: dict[str, dict[str, int]] = {}
    async with deployment.database.read() as conn:
        for site in deployment.sites:
            found = await records.load(conn, site.name, ids)
            live = [r for r in found.values() if r.state.found is Found.LIVE]
            claims = sum(_claims(record) for record in live)
            figures[site.name] = {**known, "live": len(live), "claims": claims}
    return figures


async def show_what_changed(
    deployment: Deployment, ids: Sequence[str], then: datetime, before: Figures
) -> None:
    """Show the changes since *then*, when *before* was counted by `count_real`."""
    since = f"{day_in_vietnam(then):%d/%m/%Y}"
    table = empty_table("figures", SIMULATED, count=len(ids), since=since)
    after = await count_real(deployment, ids)
    for name in sorted(before):
        for when, figures in ((since, before[name]), ("hôm nay / today", after[name])):
            table.add_row(name, when, *[str(figures[key]) for key in _FIGURES])
    console().print(table)
    was = await _evaluate(deployment, ids, then)
    now = await _evaluate(deployment, ids, deployment.clock())
    await _show_names(deployment, was, now)


async def _evaluate(
    deployment: Deployment, ids: Sequence[str], at: datetime
) -> dict[str, Verdict]:
    async with deployment.database.read() as conn:
        entries = await reader.get(conn, ids)
    return {
        id_: evaluate(*entry, at, deployment.rules) for id_, entry in entries.items()
    }


def _claims(record: Record) -> bool:
    """Say whether the listing shows stars, as last confirmed."""
    return bool((record.state.confirmed or {}).get("stars"))


async def _show_names(
    deployment: Deployment, was: Mapping[str, Verdict], now: Mapping[str, Verdict]
) -> None:
    async with deployment.database.read() as conn:
        entries = await reader.get(conn, list(now))
    table = empty_table("standings")
    for id_, verdict in now.items():
        if verdict.standing is was[id_].standing:
            continue
        reason = verdict.decisive
        table.add_row(
            id_,
            plain(entries[id_][0].name),
            STANDINGS[was[id_].standing],
            STANDINGS[verdict.standing],
            plain(f"{reason.code}: {reason.seen.vi}") if reason else "",
        )
    console().print(table)
    lost = sum(
        verdict.standing is Standing.WITHOUT_CLAIM is not was[id_].standing
        for id_, verdict in now.items()
    )
    doubtful = sum(
        verdict.standing is Standing.UNKNOWN and was[id_].standing is Standing.LISTED
        for id_, verdict in now.items()
    )
    tell("changed_standing", lost=lost, doubtful=doubtful)
