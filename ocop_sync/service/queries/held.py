"""Changes that wait for a person: groups above the budget, and single products.

Groups are shown with the budget that they exceed, their reason, size, and how they may
pass; their members one page at a time, with the names that the catalog has now.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.imports import Import, imports_of
from catalog.eligibility import Text
from catalog.model.product import Entry
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.engine.approval.review import Why
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.reasons.reason import Reason
from ocop_sync.engine.wanted.origin import VANISHED
from ocop_sync.service.decisions.approvals import no_group
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.explain import each_unsold
from ocop_sync.service.run.overdue import AllOverdue, overdue
from ocop_sync.store.decisions import held_groups as groups
from ocop_sync.store.decisions import held_members
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.decisions.held_members import Member
from ocop_sync.store.listings import coverage
from ocop_sync.store.runs import ledger

FIRST = 20
"""Members of a group that a list shows; `members_of` yields all of them."""

_READ = Text("Lần đọc sàn gần nhất", "The last read of the marketplace")
_CATALOG = Text("Danh mục", "The catalog")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """How much of a marketplace's budget is spent.

    Attributes:
        allowed: From how many products something may be taken in the window.
        done: From how many it was.
        waiting: How many wait in groups on which nobody has decided.
        window_h: The window, in hours.
    """

    allowed: int
    done: int
    waiting: int
    window_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldGroup:
    """A group above the budget, as a person reads it.

    Attributes:
        group: The group.
        state: "open", "approved", "ended" (its approval) or "refused", now.
        why: Why it would take something; the words are those of one member.
        import_: The import that it comes from, if it does.
        question: The question of the rule, or the other reason behind it.
        basis: The decrees and decisions of the rule, if it is one.
        confirmed: The legal office has confirmed the rule; None if it is none.
        kinds: How many members need which kinds of change.
        not_as_approved: How many members are not as approved, by why.
        left: How many of its products still wait.
        first: The first members, by product.
    """

    group: Group
    state: str
    why: Why
    import_: Import | None
    question: Text
    basis: tuple[str, ...]
    confirmed: bool | None
    kinds: dict[tuple[str, ...], int]
    not_as_approved: dict[str, int]
    left: int
    first: Sequence[Member]

    @property
    def approve_command(self) -> str:
        """Return the command that approves it as it was seen."""
        return (
            f"ocop-sync held approve {self.group.id} --checksum {self.group.checksum}"
            " --by 'HỌ TÊN' --reason 'LÝ DO'"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMember:
    """A member with its names in the catalog; "" where it has none."""

    member: Member
    name: str
    producer: str


async def spent(deployment: Deployment) -> dict[str, Spent]:
    """Return how much of its budget each marketplace has spent, by name."""
    deployment, found = await as_decided(deployment), dict[str, Spent]()
    async with deployment.database.read() as conn:
        waiting = await groups.waiting_at(conn)
        for site in deployment.sites:
            budget = deployment.budget_at(site.name)
            start = deployment.clock() - budget.window
            live = await coverage.live_at(conn, site.name, start)
            found[site.name] = Spent(
                allowed=budget.allowance(live),
                done=await ledger.removals_since(conn, site.name, start),
                waiting=waiting.get(site.name, 0),
                window_h=budget.window.total_seconds() / 3600,
            )
    return found


async def held_groups(deployment: Deployment) -> list[HeldGroup]:
    """Return the groups that stand, in order of their numbers."""
    async with deployment.database.read() as conn:
        return await _described(conn, deployment, await groups.listed(conn))


async def held_group(deployment: Deployment, group_id: int) -> HeldGroup:
    """Return one group.

    Raises:
        PlanError: There is none that is not closed.
    """
    async with deployment.database.read() as conn:
        found = [each for each in await groups.listed(conn) if each.id == group_id]
        if not found:
            raise no_group(group_id)
        (described,) = await _described(conn, deployment, found)
        return described


async def members_of(
    deployment: Deployment, group_id: int, size: int = 500
) -> AsyncIterator[list[NamedMember]]:
    """Yield all members of a group by product, *size* of them at a time."""
    after = ""
    while True:
        found = await _members(deployment, group_id, after, size)
        if found:
            yield found
        if len(found) < size:
            return
        after = found[-1].member.product_id


async def _members(
    deployment: Deployment, group_id: int, after: str, size: int
) -> list[NamedMember]:
    async with deployment.database.read() as conn:
        found = await held_members.page(conn, group_id, after, size)
        entries = await reader.get(conn, [member.product_id for member in found])
    return [_named(member, entries.get(member.product_id)) for member in found]


def cause_in_words(import_: Import) -> Text:
    """Return how an import is called where it holds something."""
    day = day_in_vietnam(import_.imported_at)
    if import_.undoes is not None:
        return Text(
            f"lần {import_.id}, hoàn tác lần nạp {import_.undoes}: {import_.file},"
            f" {day:%d/%m/%Y}",
            f"{import_.id}, undoing import {import_.undoes}: {import_.file},"
            f" {day.isoformat()}",
        )
    return Text(
        f"lần nạp {import_.id}: {import_.file}, {day:%d/%m/%Y}",
        f"import {import_.id}: {import_.file}, {day.isoformat()}",
    )


def _named(member: Member, entry: Entry | None) -> NamedMember:
    product, producer = entry or (None, None)
    return NamedMember(
        member=member,
        name=product.name if product else "",
        producer=producer.name if producer else "",
    )


async def _described(
    conn: AsyncConnection, deployment: Deployment, found: Collection[Group]
) -> list[HeldGroup]:
    numbers, now = [group.id for group in found], deployment.clock()
    kinds = await held_members.count_kinds(conn, numbers)
    not_as_approved = await held_members.asked_anew(conn, numbers)
    left = await groups.waiting(conn, numbers)
    first = await held_members.first(conn, numbers, FIRST)
    named = {each.cause: each.cause.import_id for each in found}
    imports = await imports_of(conn, {n for n in named.values() if n is not None})
    described = []
    for group in found:
        shown = first.get(group.id, [])
        why = shown[0].why if shown else Why(group.cause, HOLD_WORDS[group.hold].seen)
        rule = deployment.rules.rules.get(why.code)
        other = _READ if why.code == VANISHED else _CATALOG
        described.append(
            HeldGroup(
                group=group,
                state=group.stands(now),
                why=why,
                import_=imports.get(named[group.cause] or 0),
                question=rule.title if rule else other,
                basis=rule.basis if rule else (),
                confirmed=rule.confirmed if rule else None,
                kinds=kinds.get(group.id, {}),
                not_as_approved=not_as_approved.get(group.id, {}),
                left=left.get(group.id, 0),
                first=shown,
            )
        )
    return described


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldProduct:
    """A product that waits for a person at one marketplace.

    No more of it than is shown: there may be thousands, and a whole one has 30 KB.

    Attributes:
        product_id: Its id.
        name: Its name.
        producer: The name of its producer; None if nobody is.
        marketplace: The marketplace.
        counted: How it is counted there, as in `Explained`.
        hold: Why it is held.
        reasons: Every reason, the strongest first.
    """

    product_id: str
    name: str
    producer: str | None
    marketplace: str
    counted: str
    hold: Hold
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllHeld:
    """All that waits for a person: groups by number, products each by itself.

    `overdue` are listings on sale that should not be so, `budgets` by marketplace.
    """

    simulated: bool
    overdue: AllOverdue
    budgets: Mapping[str, Spent]
    groups: Sequence[HeldGroup]
    products: Sequence[HeldProduct]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAndMembers:
    """One group, with the budget of its marketplace where that is set up.

    The pages of its members, by product, are read as they are asked for.
    """

    simulated: bool
    group: HeldGroup
    spent: Spent | None
    pages: AsyncIterator[list[NamedMember]]

    async def members(self) -> AsyncIterator[NamedMember]:
        """Yield its members by product."""
        async for page in self.pages:
            for each in page:
                yield each


async def all_held(deployment: Deployment) -> AllHeld:
    """Return all that waits for a person."""
    return AllHeld(
        simulated=deployment.simulated,
        overdue=await overdue(deployment),
        groups=await held_groups(deployment),
        budgets=await spent(deployment),
        products=[each async for each in _each_held(deployment)],
    )


async def _each_held(
    deployment: Deployment, behind: tuple[str, str] = ("", "")
) -> AsyncGenerator[HeldProduct, None]:
    """Yield the held products behind a marketplace and a product."""
    async with aclosing(each_unsold(deployment, behind)) as unsold:
        async for row in unsold:
            if row.hold:
                product, producer = row.entry
                yield HeldProduct(
                    product_id=product.id,
                    name=product.name,
                    producer=producer.name if producer else None,
                    marketplace=row.marketplace,
                    counted=row.counted,
                    hold=row.hold,
                    reasons=row.reasons,
                )


async def group_and_members(deployment: Deployment, group_id: int) -> GroupAndMembers:
    """Return one group with its members.

    Raises:
        PlanError: There is none that is not closed.
    """
    group = await held_group(deployment, group_id)
    budgets = await spent(deployment)
    return GroupAndMembers(
        simulated=deployment.simulated,
        group=group,
        spent=budgets.get(group.group.marketplace),
        pages=members_of(deployment, group_id),
    )


class HeldPlace(NamedTuple):
    """The place of a held product: after it a page begins."""

    marketplace: str
    product_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPart:
    """All that waits for a person, with some of the products that are held.

    Attributes:
        held: All, with these products alone.
        last: The place of the last one; None if no more follow.
    """

    held: AllHeld
    last: HeldPlace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPart:
    """One group with some of its members.

    Attributes:
        members: Some of its members, by product.
        last: The product of the last one; None if no more follow.
    """

    simulated: bool
    group: HeldGroup
    members: Sequence[NamedMember]
    last: str | None


async def held_page(
    deployment: Deployment, after: HeldPlace | None, size: int
) -> HeldPart:
    """Return all that waits, with *size* held products after a place.

    No more products are evaluated than it takes to find these.
    """
    rows: list[HeldProduct] = []
    async with aclosing(_each_held(deployment, after or ("", ""))) as every:
        async for row in every:
            rows.append(row)
            if len(rows) > size:
                break
    shown = rows[:size]
    held = AllHeld(
        simulated=deployment.simulated,
        overdue=await overdue(deployment),
        groups=await held_groups(deployment),
        budgets=await spent(deployment),
        products=shown,
    )
    last = shown[-1] if len(rows) > size else None
    return HeldPart(
        held=held,
        last=None if last is None else HeldPlace(last.marketplace, last.product_id),
    )


async def group_page(
    deployment: Deployment, group_id: int, after: str, size: int
) -> GroupPart:
    """Return one group with *size* members after a product.

    Raises:
        NoSuchDecisionError: There is none that is not closed.
    """
    group = await held_group(deployment, group_id)
    found = await _members(deployment, group_id, after, size + 1)
    members = found[:size]
    return GroupPart(
        simulated=deployment.simulated,
        group=group,
        members=members,
        last=members[-1].member.product_id if len(found) > size else None,
    )
