"""All that waits for a person, in one list: the most urgent first, and as counts.

Each thing stands once, under the kind by which it is decided: a product that waits with
a group is the group's, one whose listing was edited there is the drift's. Everything is
as the last runs have left it; ends and papers are evaluated as of now. No marketplace
is called.
"""

from collections import Counter
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from catalog.db.kept_reports import KeptReport, waiting_reports
from catalog.db.own_pages import ids_after
from catalog.db.reader import makers_of, names_of
from catalog.imports.kept_import import NOTHING_CAME, Outcome
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_outlook import ASKED, DriftOutlook
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.service.department.hand_batches import hand_accounts
from ocop_sync.service.department.held_prices import waiting_prices
from ocop_sync.service.department.work_items import (
    WAITING,
    WorkItem,
    item_of,
    of_account,
    of_claim,
    of_down,
    of_drift,
    of_end,
    of_ended,
    of_erasure,
    of_group,
    of_held,
    of_lack,
    of_old_list,
    of_overdue,
    of_paused,
    of_price,
    of_report,
    of_unread,
    rows_that_ask,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.erasure import asked_erasures
from ocop_sync.service.queries.account_status import AccountStatus, account_statuses
from ocop_sync.service.queries.coverage_outlook import claims_ended
from ocop_sync.service.queries.drift import open_drift
from ocop_sync.service.queries.held import held_groups
from ocop_sync.service.queries.twins import all_twins
from ocop_sync.service.queries.worklists import EndsAndLacks, ends_and_lacks
from ocop_sync.service.run.overdue import overdue
from ocop_sync.store.decisions.drift import DriftEntry
from ocop_sync.store.listings.held_products import HeldProduct, held_products

AHEAD: Final = 90
"""Days ahead of which certificates that end are told."""

EndsAndLacksOf = Callable[..., Awaitable[EndsAndLacks]]
"""Asked as `KnownWorklists.ends_and_lacks` is."""

_MANY: Final = 2**31 - 1
_ASKING: Final = (*WAITING, Outcome.WRITTEN.value, Outcome.UNCHANGED.value)
"""What may become of an import that asks something, whole or in some rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllWork:
    """All that waits for a person.

    Attributes:
        as_of: The instant of all that, in UTC.
        simulated: A marketplace is a mock.
        counts: How many things there are of each kind, the most urgent first.
        items: They themselves, the most urgent first.
        faulty: Products that could not be evaluated.
        producers: The name of each producer that something is about, by its code.
    """

    as_of: datetime
    simulated: bool
    counts: Mapping[WorkKind, int]
    items: Sequence[WorkItem]
    faulty: Sequence[str]
    producers: Mapping[str, str]


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
    found = await _within(deployment, found, reach)
    items = await _completed(deployment, found)
    items.sort(key=lambda each: each.place)
    counts = Counter(each.kind for each in items)
    makers = sorted({each.producer for each in items if each.producer})
    return AllWork(
        as_of=now,
        simulated=deployment.simulated,
        counts={kind: counts[kind] for kind in WorkKind},
        items=items,
        faulty=papers.ends.faulty if reach == WHOLE_CATALOG else (),
        producers=await database.fetch(names_of, makers),
    )


async def _at_marketplaces(deployment: Deployment) -> list[WorkItem]:
    """Return what is wrong or held at marketplaces, each product once there."""
    wrong = await overdue(deployment)
    there = (await open_drift(deployment)).drift
    drift = [e for e in there if e.asked and not _is_told_otherwise(e)]
    twins = await all_twins(deployment)
    found = await _downs_by_hand(deployment)
    downs = {(each.marketplace, each.subject) for each in found}
    found += [
        of_overdue(WorkKind.ON_SALE_WRONGLY, each)
        for each in wrong.not_withdrawn
        if (each.marketplace, each.product_id) not in downs
    ]
    found += [of_overdue(WorkKind.TOO_MUCH_SHOWN, each) for each in wrong.not_lowered]
    found += map(of_claim, (await claims_ended(deployment)).listings)
    found += [
        item_of(
            WorkKind.DOUBLED,
            each.row.marketplace,
            each.row.product_id,
            number=each.row.number,
        )
        for each in twins.doubled
        if not each.row.kept_by
    ]
    found += map(of_drift, drift)
    found += _first_of_each(
        item_of(
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
    others = [
        each
        for each in held
        if (each.marketplace, each.product_id) not in decided and each not in settled
    ]
    return found + await _of_holds(deployment, others)


async def _downs_by_hand(deployment: Deployment) -> list[WorkItem]:
    """Return what people have to take down, where no API does it."""
    return [
        of_down(each, down)
        for each in await hand_accounts(deployment)
        if each.standing is not None
        for down in each.standing.downs
    ]


async def _of_holds(
    deployment: Deployment, held: Sequence[HeldProduct]
) -> list[WorkItem]:
    names, makers = await _known_of(deployment, {each.product_id for each in held})
    return [
        of_held(
            each, names.get(each.product_id, ""), makers.get(each.product_id, ("", ""))
        )
        for each in held
    ]


async def _known_of(
    deployment: Deployment, ids: Collection[str]
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, str]]]:
    """Return the names of *ids*, and the producers of products with their communes."""
    some, database = sorted(ids), deployment.database
    return await database.fetch(names_of, some), await database.fetch(makers_of, some)


def _is_told_otherwise(each: DriftEntry) -> bool:
    """Say whether drift is decided with the doubles of its product, or with a group."""
    return each.kind is DriftKind.DOUBLED or each.asked == Hold.VANISHED_MANY


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
        waiting_reports, _ASKING, without=NOTHING_CAME
    )
    prices = await deployment.database.fetch(waiting_prices, reports)
    return [
        *(of_account(each) for each in accounts if _does_not_work(each)),
        *(of_paused(each) for each in accounts if each.pause is not None),
        *(of_unread(each) for each in accounts if each.restored_at is not None),
        *(of_old_list(e) for e in accounts if _has_old_list(deployment, e, now)),
        *(of_group(each) for each in groups if each.group.stands(now) in _UNDECIDED),
        *(of_report(each) for each in reports if _asks(each)),
        *map(of_price, prices),
    ]


def _does_not_work(each: AccountStatus) -> bool:
    """Say whether an account itself fails: what is refused there is its products'."""
    return each.is_failing and not each.only_changes_fail


def _has_old_list(deployment: Deployment, each: AccountStatus, now: datetime) -> bool:
    """Say whether an account whose lists people bring has none, or one too old."""
    if each.unusable:
        return False
    can = deployment.capabilities_of(each.key)
    at = each.read_whole_at
    return can.has_old_reads and (at is None or now - at > can.read_age)


def _asks(each: KeptReport) -> bool:
    """Say whether an import waits, or has rows that do."""
    return each.outcome in WAITING or rows_that_ask(each) > 0


_UNDECIDED: Final = frozenset({"open", "ended"})


async def _erasures(deployment: Deployment, reach: Reach) -> list[WorkItem]:
    found = await deployment.database.fetch(
        asked_erasures, now=deployment.clock(), reach=reach
    )
    return [of_erasure(each) for each in found if each.is_due]


def _of_papers(found: EndsAndLacks, now: datetime) -> Iterator[WorkItem]:
    for end in found.ends.rows:
        yield of_end(end)
    yield from map(of_ended, found.ended)
    for lack in found.lacks.rows:
        yield of_lack(lack, now)


async def _within(
    deployment: Deployment, found: list[WorkItem], reach: Reach
) -> list[WorkItem]:
    if reach == WHOLE_CATALOG:
        return found
    ids = await deployment.database.fetch(ids_after, reach.producers, "", _MANY)
    theirs = {*ids, *(reach.producers or ())}
    return [each for each in found if each.subject in theirs]


async def _completed(
    deployment: Deployment, found: Sequence[WorkItem]
) -> list[WorkItem]:
    """Return *found* with the names, producers and communes that are not told yet."""
    lacking = {e.subject for e in found if e.subject and not (e.name and e.producer)}
    names, makers = await _known_of(deployment, lacking)

    def completed(each: WorkItem) -> WorkItem:
        if each.name and each.producer:
            return each
        name = each.name or names.get(each.subject, "")
        if each.producer:
            return replace(each, name=name)
        producer, commune = makers.get(each.subject, ("", each.commune))
        return replace(each, name=name, producer=producer, commune=commune)

    return [completed(each) for each in found]


def _first_of_each(found: Iterable[WorkItem]) -> list[WorkItem]:
    """Return one thing for each product at each marketplace."""
    firsts: dict[tuple[str, str], WorkItem] = {}
    for each in found:
        firsts.setdefault((each.marketplace, each.subject), each)
    return list(firsts.values())
