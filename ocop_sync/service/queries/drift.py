"""The drift that is open, with its outlook as things are now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.values import replace
from ocop_sync.engine.plan.drift_outlook import DriftOutlook, outlook_of
from ocop_sync.engine.wanted.wanted import no_product
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.decisions.drift_decisions import no_drift
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.case import Case, freshness_of
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.store.decisions import drift
from ocop_sync.store.decisions.drift import DriftEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDrift:
    """The drift that is open, by number."""

    simulated: bool
    drift: Sequence[DriftEntry]


async def open_drift(deployment: Deployment, names: Sequence[str] = ()) -> OpenDrift:
    """Return the open drift at marketplaces *names*, or at all.

    Raises:
        ConfigurationError: As of `list_drift`.
    """
    found = await list_drift(deployment, names)
    return OpenDrift(simulated=deployment.simulated, drift=found)


async def list_drift(
    deployment: Deployment, names: Sequence[str] = ()
) -> list[DriftEntry]:
    """Return the open drift at marketplaces *names*, or at all, by number.

    The outlook of each is worked out as things are now: a sync would do so.

    Raises:
        ConfigurationError: There is no account at one of them, or a mapping that a
            person placed cannot be read.
    """
    deployment = await as_decided(deployment)
    sites = deployment.chosen(names)
    chosen, found = [site.name for site in sites], list[DriftEntry]()
    async with deployment.database.read() as conn:
        keys = [key for site in sites for key in site.accounts]
        freshness = await freshness_of(conn, keys)
        evaluator = Evaluator(deployment, freshness, deployment.clock())
        while page := await drift.listed(conn, chosen, found[-1].id if found else 0):
            cases = await _cases(conn, deployment, evaluator, page)
            found += [
                _with_outlook(entry, cases[entry.marketplace, entry.product_id])
                for entry in page
            ]
    return found


async def _cases(
    conn: AsyncConnection,
    deployment: Deployment,
    evaluator: Evaluator,
    page: Sequence[DriftEntry],
) -> dict[tuple[str, str], Case]:
    """Evaluate the products of *page* as things are now, by marketplace and id."""
    entries = await reader.get(conn, sorted({each.product_id for each in page}))
    cases: dict[tuple[str, str], Case] = {}
    for name in sorted({each.marketplace for each in page}):
        site = deployment.site(name)
        ids = sorted({each.product_id for each in page if each.marketplace == name})
        wanted = [
            evaluator.placed(site, evaluator.draft(entries[id_]))
            if id_ in entries
            else no_product(id_)
            for id_ in ids
        ]
        for case in await evaluator.cases(conn, site, wanted, entries):
            cases[name, case.product_id] = case
    return cases


def _with_outlook(entry: DriftEntry, case: Case) -> DriftEntry:
    hold = case.record.hold
    outlook = outlook_of(entry.drift, case.evaluation, hold)
    return replace(
        entry,
        outlook=outlook.value,
        hold=hold.value if hold else "",
        asked=hold.value if hold and outlook is DriftOutlook.ASKED else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDrift:
    """Open drift, with the name that its product has in the catalog; "" for none."""

    entry: DriftEntry
    name: str


async def one_drift(deployment: Deployment, number: int) -> NamedDrift:
    """Return one open drift, with its outlook as things are now.

    Raises:
        NoSuchDecisionError: There is none of that number.
        ConfigurationError: As of `list_drift`.
    """
    found = [each for each in await list_drift(deployment) if each.id == number]
    if not found:
        raise no_drift(number)
    (entry,) = found
    names = await deployment.database.fetch(reader.names_of, [entry.product_id])
    return NamedDrift(entry=entry, name=names.get(entry.product_id, ""))
