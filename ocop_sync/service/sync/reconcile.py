"""Compare all shown listings with the wanted ones, and heal the differences.

A reconciliation is a sync that reads every account whole, whenever that was done last.
A listing that was not found is looked for again before it is believed gone. With
*report_only* nothing is written at any marketplace, and nothing is stored but the run,
the read listings and the drift that they show.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.progress import no_progress
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_outlook import ASKED
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.terms import Decision
from ocop_sync.engine.wanted.origin import VANISHED
from ocop_sync.errors import SyncInProgressError
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.observe.single_reads import look_again_at
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_all import evaluate_all
from ocop_sync.service.run.one_sync import Progress
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.contact import look_back, read_account, sign_in
from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.service.sync.sync import Sync, with_unusable
from ocop_sync.store.decisions import drift, drift_counts, held_groups
from ocop_sync.store.listings import foreign_listings

_NOTHING_NEWER = (
    "chưa có danh sách nào của sàn mới hơn lần trước / nobody has brought a list newer"
    " than the last one"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDouble:
    """Two listings of one product, both ours."""

    product_id: str
    refs: tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Findings:
    """The findings of a reconciliation at one marketplace.

    Attributes:
        simulated: It is a mock.
        unread: Why accounts could not be read whole, by key; nothing is said of
            them.
        nothing_read: No account was read whole: the findings there are not known.
        read: Listings that were shown, ours and others.
        equal: Those of ours that stand as we left them.
        foreign: Those that are not ours.
        drift: How much drift was shown, by kind and field; the field is "" but
            for edits.
        healed: How much drift is right again since, by whom: "us", "there", or
            the name of a person.
        to_heal: How many products would be put right; only where nothing is
            written.
        asked: About how many products a person is asked.
        vanished: How many listings are gone for certain.
        doubled: Products with two listings of ours, with both.
        creates_nothing: So much is gone that nothing of it is made anew before a
            person has looked.
    """

    marketplace: str
    simulated: bool
    unread: dict[str, str] = field(default_factory=dict)
    nothing_read: bool = False
    read: int = 0
    equal: int = 0
    foreign: int = 0
    drift: dict[str, dict[str, int]] = field(default_factory=dict)
    healed: dict[str, int] = field(default_factory=dict)
    to_heal: int = 0
    asked: int = 0
    vanished: int = 0
    doubled: list[FoundDouble] = field(default_factory=list)
    creates_nothing: bool = False


@dataclass(slots=True, kw_only=True)
class Reconciled:
    """The findings and the work of a reconciliation.

    Attributes:
        report: Its report, as of a sync; its figures are empty if nothing was to be
            written.
        report_only: Nothing was to be written at any marketplace.
    """

    report: Report
    findings: list[Findings]
    report_only: bool


@dataclass(slots=True)
class _Outlook:
    """The changes at one marketplace that would be made.

    Attributes:
        not_found: Products of each account that are to be looked for again.
        holds: Why products are held, by id; None if they are not.
        heals: How many would be put right.
        creates: How many would be made anew.
    """

    not_found: dict[str, list[str]] = field(default_factory=dict)
    holds: dict[str, Hold | None] = field(default_factory=dict)
    heals: int = 0
    creates: int = 0


class Reconciliation:
    """A sync that reads everything; see `reconcile` for its arguments."""

    def __init__(self, sync: LeasedSync, *, report_only: bool) -> None:
        self._sync = sync
        self._report_only = report_only
        self._started = sync.deployment.clock()
        self._outlook: dict[str, _Outlook] = {}

    async def work(self) -> None:
        """Read every account whole, and heal the drift, unless it only reports."""
        if self._report_only:
            await self._look_only()
        else:
            await Sync(self._sync, reads_all=True, full=True).work()

    async def findings(self) -> list[Findings]:
        """Return the findings, once it has run."""
        async with self._sync.deployment.database.read() as conn:
            return [await self._findings_at(conn, site) for site in self._sync.sites]

    async def _look_only(self) -> None:
        """Read every account whole, and store nothing but the read listings."""
        sync = self._sync
        await sync.deployment.database.fetch(sync.prepare)
        await asyncio.gather(*map(sign_in, sync.runs.values()))
        await sync.each(partial(read_account, after_lag=True), sync.runs.keys())
        found = await sync.open_work(sync.runs)
        await sync.each(look_back, [key for key in found if found[key].awaiting])
        self._outlook = await self._look_ahead()
        await sync.each(self._look_again, sync.runs.keys())
        self._outlook = await self._look_ahead()

    async def _look_again(self, run: AccountRun) -> None:
        """Look again for listings that were not found: only then they are gone."""
        ids = self._outlook[run.site.name].not_found.get(run.key, [])
        await look_again_at(run, ids)

    async def _look_ahead(self) -> dict[str, _Outlook]:
        """Evaluate the read listings, and store nothing of it."""
        deployment, sites = self._sync.deployment, self._sync.sites
        outlook = {site.name: _Outlook() for site in sites}

        async def take_in(site: Site, cases: Sequence[Case]) -> None:
            for case in cases:
                _take_in(outlook[site.name], case)

        now = deployment.clock()
        async with deployment.database.read() as conn:
            await evaluate_all(conn, deployment, sites, take_in, now=now)
        return outlook

    async def _findings_at(self, conn: AsyncConnection, site: Site) -> Findings:
        seen = [r.shown for r in self._sync.runs.values() if r.site.name == site.name]
        outlook = self._outlook.get(site.name, _Outlook())
        whole = {key for key, run in self._sync.runs.items() if run.shown.whole}
        found = Findings(
            marketplace=site.name,
            simulated=site.adapter.capabilities.simulated,
            unread={
                key: self._why_unread(key)
                for key in sorted(site.accounts.keys() - whole)
            },
            nothing_read=not whole & site.accounts.keys(),
            read=sum(each.read for each in seen),
            equal=sum(each.equal for each in seen),
            foreign=await foreign_listings.count(conn, list(site.accounts)),
            drift=await drift_counts.seen_since(
                conn, site.name, sorted(whole), self._started
            ),
            healed=await drift_counts.healed_since(conn, site.name, self._started),
            to_heal=outlook.heals,
            creates_nothing=await self._creates_nothing(conn, site, outlook),
        )
        found.vanished = sum(found.drift.get(DriftKind.VANISHED, {}).values())
        await _add_open(conn, found, outlook, self._started)
        return found

    def _why_unread(self, key: str) -> str:
        """Return why an account was not read whole."""
        if (run := self._sync.runs.get(key)) is not None:
            told = _NOTHING_NEWER if run.shown.nothing_newer else ""
            return run.ending.unread or run.stopped or told
        busy = {held.key: held.holder for held in self._sync.report.busy}
        return str(SyncInProgressError(key, busy[key]))

    async def _creates_nothing(
        self, conn: AsyncConnection, site: Site, outlook: _Outlook
    ) -> bool:
        """Say whether too much has vanished for it to be made anew unasked."""
        states = {
            group.state
            for group in await held_groups.standing(conn, site.name)
            if group.cause == VANISHED
        }
        if self._report_only and "approved" not in states:
            return outlook.creates > self._sync.gates[site.name].vanishing
        return bool(states - {"approved"})


def _take_in(outlook: _Outlook, case: Case) -> None:
    state, evaluation = case.state, case.evaluation
    outlook.holds[state.product_id] = evaluation.hold
    if evaluation.decision is Decision.READ_AGAIN:
        outlook.not_found.setdefault(state.account, []).append(state.product_id)
    if evaluation.decision is Decision.CREATE_ANEW:
        outlook.creates += 1
    if evaluation.decision in (Decision.REPAIR, Decision.CREATE_ANEW):
        outlook.heals += bool(evaluation.changes)


async def _add_open(
    conn: AsyncConnection, found: Findings, outlook: _Outlook, since: datetime
) -> None:
    """Add the open drift: the questions, and both listings of a double."""
    asked: set[str] = set()
    async for entry in _open_at(conn, found.marketplace):
        hold = outlook.holds.get(entry.product_id, entry.asked)
        if hold in ASKED[entry.kind]:
            asked.add(entry.product_id)
        if entry.kind is DriftKind.DOUBLED and entry.last_seen_at >= since:
            refs = str(entry.expected), str(entry.found)
            found.doubled.append(FoundDouble(product_id=entry.product_id, refs=refs))
    found.asked = len(asked)


async def _open_at(
    conn: AsyncConnection, marketplace: str
) -> AsyncIterator[drift.DriftEntry]:
    after = 0
    while page := await drift.listed(conn, [marketplace], after):
        for entry in page:
            yield entry
        after = page[-1].id


async def reconcile(
    deployment: Deployment,
    names: Collection[str] = (),
    *,
    report_only: bool = False,
    follow_for: timedelta = timedelta(0),
    progress: Progress = no_progress,
    run_id: str = "",
) -> Reconciled:
    """Read all of the marketplaces *names*, or of all, and heal the drift.

    With *report_only* nothing is written at any marketplace, and nothing is stored but
    the run, the read listings and the drift that they show. The rest is as of `sync`.

    Raises:
        ConfigurationError: A marketplace has no account, or a mapping that a
            person placed cannot be read.
        SyncInProgressError: Another run holds every account.
    """
    deployment = await as_decided(deployment)
    leased = LeasedSync(
        deployment,
        deployment.chosen(names),
        follow_for=follow_for,
        progress=progress,
        run_id=run_id,
    )
    reconciliation = Reconciliation(leased, report_only=report_only)
    report = await leased.run(reconciliation.work)
    report = with_unusable(report, deployment, names)
    return Reconciled(
        report=report, findings=await reconciliation.findings(), report_only=report_only
    )
