"""All that waits for a person, in one list: the most urgent first, and as counts.

Each thing stands once, under the kind by which it is decided: a product that waits with
a group is the group's, one whose listing was edited there is the drift's. Everything is
as the last runs have left it; ends and papers are evaluated as of now. No marketplace
is called.
"""

from collections.abc import (
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from catalog.db.kept_reports import KeptReport, waiting_reports
from catalog.db.own_pages import ids_after
from catalog.db.reader import names_of
from catalog.eligibility import Text
from catalog.imports.kept_import import Outcome
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.queries.worklists import Ending, Lack
from catalog.vietnam_time import start_of
from ocop_sync.engine.hold import HOLD_WORDS, Hold, named_in
from ocop_sync.engine.plan.drift_outlook import ASKED, DriftOutlook
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.erasure import AskedErasure, asked_erasures
from ocop_sync.service.queries.account_status import AccountStatus, account_statuses
from ocop_sync.service.queries.coverage_outlook import ClaimShown, claims_ended
from ocop_sync.service.queries.drift import open_drift
from ocop_sync.service.queries.held import HeldGroup, held_groups
from ocop_sync.service.queries.twins import all_twins
from ocop_sync.service.queries.worklists import EndsAndLacks, ends_and_lacks
from ocop_sync.service.run.overdue import Overdue, overdue
from ocop_sync.store.decisions.drift import DriftEntry
from ocop_sync.store.listings.held_products import HeldProduct, held_products

AHEAD: Final = 90
"""Days ahead of which certificates that end are told."""

EndsAndLacksOf = Callable[..., Awaitable[EndsAndLacks]]
"""Asked as `KnownWorklists.ends_and_lacks` is."""

_MANY: Final = 2**31 - 1
_WAITING: Final = (Outcome.HELD.value, Outcome.ASKED.value)


class WorkPlace(NamedTuple):
    """The place of a thing in the list: urgency, then time, then what it is about."""

    urgency: int
    at: str
    marketplace: str
    subject: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One thing that waits for a person.

    Attributes:
        kind: The kind of work.
        marketplace: Where; "" if it is about the catalog.
        subject: The product, account or producer that it is about; "" if it is of none.
        name: The name of the product or producer; "" where there is none.
        number: The number by which it is decided: of a group, drift, twin or report.
        size: How many products it is about.
        since: Since when it waits, in UTC; None if that is not known.
        due: When it has to be done, in UTC; None if it has no date.
        seen: The finding.
        todo: The advice.
        hold: Why the product is held; None where it is not.
    """

    kind: WorkKind
    marketplace: str = ""
    subject: str = ""
    name: str = ""
    number: int | None = None
    size: int = 1
    since: datetime | None = None
    due: datetime | None = None
    seen: Text
    todo: Text
    hold: Hold | None = None

    @property
    def place(self) -> WorkPlace:
        """Return its place in the list."""
        at = self.due or self.since
        return WorkPlace(
            urgency=self.kind.urgency,
            at=at.isoformat() if at else "",
            marketplace=self.marketplace,
            subject=self.subject,
            number=self.number or 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AllWork:
    """All that waits for a person.

    Attributes:
        as_of: The instant of all that, in UTC.
        simulated: A marketplace is a mock.
        counts: How many things there are of each kind, the most urgent first.
        items: They themselves, the most urgent first.
        faulty: Products that could not be evaluated.
    """

    as_of: datetime
    simulated: bool
    counts: Mapping[WorkKind, int]
    items: Sequence[WorkItem]
    faulty: Sequence[str]


async def all_work(
    deployment: Deployment,
    reach: Reach = WHOLE_CATALOG,
    *,
    papers_of: EndsAndLacksOf | None = None,
) -> AllWork:
    """Return all that waits for a person, of products and producers within *reach*.

    Ends and papers are asked of *papers_of*, who knows them already, where that is kept
    (`ocop_sync.service.queries.known_worklists`). What is about accounts, groups
    and imports of the department is of the whole catalog alone.
    """
    now = deployment.clock()
    database, rules = deployment.database, deployment.rules
    if papers_of is None:
        papers = await database.fetch(ends_and_lacks, rules=rules, at=now, days=AHEAD)
    else:
        papers = await papers_of(database, rules=rules, at=now, days=AHEAD)
    found = [*await _at_marketplaces(deployment), *_of_papers(papers, now)]
    if reach == WHOLE_CATALOG:
        found += await _of_department(deployment)
    found += await _erasures(deployment, reach)
    items = await _named(deployment, await _within(deployment, found, reach))
    items.sort(key=lambda each: each.place)
    return AllWork(
        as_of=now,
        simulated=deployment.simulated,
        counts={kind: sum(e.kind is kind for e in items) for kind in WorkKind},
        items=items,
        faulty=papers.ends.faulty if reach == WHOLE_CATALOG else (),
    )


async def _at_marketplaces(deployment: Deployment) -> list[WorkItem]:
    """Return what is wrong or held at marketplaces, each product once there."""
    wrong = await overdue(deployment)
    there = (await open_drift(deployment)).drift
    drift = [e for e in there if e.asked and e.kind is not DriftKind.DOUBLED]
    twins = await all_twins(deployment)
    found = [_overdue(WorkKind.ON_SALE_WRONGLY, each) for each in wrong.not_withdrawn]
    found += [_overdue(WorkKind.TOO_MUCH_SHOWN, each) for each in wrong.not_lowered]
    found += map(_claim, (await claims_ended(deployment)).listings)
    found += [
        _item(
            WorkKind.DOUBLED,
            each.row.marketplace,
            each.row.product_id,
            number=each.row.number,
        )
        for each in twins.doubled
        if not each.row.kept_by
    ]
    found += map(_drift, drift)
    found += _first_of_each(
        _item(
            WorkKind.TWIN,
            each.row.marketplace,
            each.row.product_id,
            number=each.row.id,
        )
        for each in twins.twins
    )
    decided = {(each.marketplace, each.subject) for each in found}
    keys = [key for site in deployment.sites for key in site.accounts]
    held = await deployment.database.fetch(held_products, keys)
    settled = {key for each in there if each.decision for key in _settled(each)}
    return found + [
        _held(each)
        for each in held
        if (each.marketplace, each.product_id) not in decided and each not in settled
    ]


def _settled(each: DriftEntry) -> Iterator[HeldProduct]:
    """Yield the holds that a decision on drift ends with the next sync."""
    if each.outlook not in {DriftOutlook.HEALED, DriftOutlook.LEFT}:
        return  # the decision is void, or something else keeps the product
    for hold in ASKED[each.kind]:
        yield HeldProduct(each.marketplace, each.product_id, hold)


async def _of_department(deployment: Deployment) -> list[WorkItem]:
    now = deployment.clock()
    accounts = await account_statuses(deployment)
    groups = await held_groups(deployment)
    reports = await deployment.database.fetch(
        waiting_reports, _WAITING, without=Outcome.PREVIEWED.value
    )
    return [
        *(_account(each) for each in accounts if each.is_failing),
        *(_paused(each) for each in accounts if each.pause is not None),
        *(_unread(each) for each in accounts if each.restored_at is not None),
        *(_group(each) for each in groups if each.group.stands(now) in _UNDECIDED),
        *map(_report, reports),
    ]


_UNDECIDED: Final = frozenset({"open", "ended"})


async def _erasures(deployment: Deployment, reach: Reach) -> list[WorkItem]:
    found = await deployment.database.fetch(
        asked_erasures, now=deployment.clock(), reach=reach
    )
    return [_erasure(each) for each in found if each.is_due]


def _of_papers(found: EndsAndLacks, now: datetime) -> Iterator[WorkItem]:
    for end in found.ends.rows:
        yield _end(end)
    for lack in found.lacks.rows:
        yield _lack(lack, now)


async def _within(
    deployment: Deployment, found: list[WorkItem], reach: Reach
) -> list[WorkItem]:
    if reach == WHOLE_CATALOG:
        return found
    ids = await deployment.database.fetch(ids_after, reach.producers, "", _MANY)
    theirs = {*ids, *(reach.producers or ())}
    return [each for each in found if each.subject in theirs]


async def _named(deployment: Deployment, found: list[WorkItem]) -> list[WorkItem]:
    ids = sorted({each.subject for each in found if each.subject and not each.name})
    names = await deployment.database.fetch(names_of, ids)
    return [
        each if each.name else replace(each, name=names.get(each.subject, ""))
        for each in found
    ]


def _first_of_each(found: Iterable[WorkItem]) -> list[WorkItem]:
    """Return one thing for each product at each marketplace."""
    firsts: dict[tuple[str, str], WorkItem] = {}
    for each in found:
        firsts.setdefault((each.marketplace, each.subject), each)
    return list(firsts.values())


def _item(kind: WorkKind, marketplace: str, subject: str, **more: Any) -> WorkItem:
    words = {"seen": kind.words, "todo": kind.todo} | more
    return WorkItem(kind=kind, marketplace=marketplace, subject=subject, **words)


def _overdue(kind: WorkKind, each: Overdue) -> WorkItem:
    reason = each.reason
    return _item(
        kind,
        each.marketplace,
        each.product_id,
        number=each.group,
        seen=reason.seen,
        todo=reason.todo,
        hold=Hold(reason.code) if reason.code in set(Hold) else None,
    )


def _claim(each: ClaimShown) -> WorkItem:
    return _item(WorkKind.CLAIM_ENDED, each.marketplace, each.product_id)


def _drift(each: DriftEntry) -> WorkItem:
    words, named = HOLD_WORDS[Hold(each.asked)], each.product_id
    return _item(
        WorkKind.DRIFT_ASKED,
        each.marketplace,
        each.product_id,
        number=each.id,
        since=each.first_seen_at,
        seen=words.seen,
        todo=named_in(words.todo, marketplace=each.marketplace, product=named),
        hold=Hold(each.asked),
    )


def _held(each: HeldProduct) -> WorkItem:
    words, place = HOLD_WORDS[each.hold], each.marketplace
    return _item(
        WorkKind.PRODUCT_HELD,
        place,
        each.product_id,
        seen=words.seen,
        todo=named_in(words.todo, marketplace=place, product=each.product_id),
        hold=each.hold,
    )


def _account(each: AccountStatus) -> WorkItem:
    # Danger: the words and the advice of an error may name addresses and files.
    return _item(
        WorkKind.ACCOUNT_FAILING, each.marketplace, each.key, since=each.failing_since
    )


def _paused(each: AccountStatus) -> WorkItem:
    since = each.pause.at if each.pause else None
    return _item(WorkKind.ACCOUNT_PAUSED, each.marketplace, each.key, since=since)


def _unread(each: AccountStatus) -> WorkItem:
    since = each.restored_at
    return _item(WorkKind.ACCOUNT_UNREAD, each.marketplace, each.key, since=since)


def _group(each: HeldGroup) -> WorkItem:
    group = each.group
    return _item(
        WorkKind.GROUP_HELD,
        group.marketplace,
        "",
        number=group.id,
        size=each.left,
        since=group.opened_at,
        seen=each.why.seen,
    )


def _report(each: KeptReport) -> WorkItem:
    return _item(
        WorkKind.IMPORT_WAITS,
        "",
        "",
        number=each.id,
        name=each.file,
        since=each.made_at,
    )


def _erasure(each: AskedErasure) -> WorkItem:
    return _item(
        WorkKind.ERASURE_DUE,
        "",
        each.producer_id,
        name=each.name,
        since=each.withdrawn_at,
        due=each.due_at,
    )


def _end(each: Ending) -> WorkItem:
    kind = WorkKind.NOTICE_LATE if each.late else WorkKind.END_COMING
    return _item(
        kind, "", each.product_id, name=each.product, due=start_of(each.ends_on)
    )


def _lack(each: Lack, now: datetime) -> WorkItem:
    kind = WorkKind.PAPER_BLOCKS if each.blocks else WorkKind.PAPER_UNKNOWN
    since = start_of(each.since) if each.since else None
    return _item(
        kind,
        "",
        each.product_id,
        name=each.product,
        since=since if since and since <= now else None,
        seen=each.paper,
        todo=each.todo,
    )
