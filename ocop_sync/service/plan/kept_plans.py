"""Plans that are kept in the database: made, read, approved and refused by people.

A plan is made of one state of catalog and store; each of its changes is compared with
the present once more before it is sent. An approval is of the plan as it was read. It
is no approval of what is above the budget: that is no part of a plan.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.counted import counted
from catalog.db.acts import record_act
from catalog.eligibility import Text
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.vietnam_time import moment
from ocop_sync.errors import HeldPlanError, NoSuchPlanError, PlanError
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.decisions.text_limits import (
    LONGEST_REASON,
    ensure_named,
    ensure_text,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan.plan import Plan, PlanLine, plan
from ocop_sync.service.plan.scope import EVERYTHING, PlanScope, names_of
from ocop_sync.store.decisions import plans
from ocop_sync.store.decisions.plans import PlanChange, PlanRow, PlanState
from ocop_sync.store.runs import run_requests

LASTS: Final = timedelta(days=7)
"""From a plan's making to its expiry: what a person reads of it is of that moment."""
_KEPT: Final = timedelta(days=30)
"""How long an expired plan is kept."""
_AT_ONCE: Final = 500
"""Changes that are stored in one transaction, so that other writers get their turn."""
_WHY = ("--reason", "lý do", "reason", "why")


@dataclass(frozen=True, slots=True)
class SeenPlan:
    """A plan as it stands now.

    Attributes:
        row: The plan.
        is_expired: It is carried out no more.
        is_running: A run that carries it out goes on, or waits.
    """

    row: PlanRow
    is_expired: bool
    is_running: bool

    @property
    def has_nothing(self) -> bool:
        """Whether nobody has to decide, as nothing would be sent."""
        return self.row.state is PlanState.WAITING and not self.row.changes


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Some plans, the latest first; *last* is the number to go on from, if any."""

    plans: Sequence[SeenPlan]
    last: int | None


@dataclass(frozen=True, slots=True)
class PlanWithChanges:
    """A plan and some of its changes; *last* is the place to go on from, if any."""

    plan: SeenPlan
    changes: Sequence[PlanChange]
    last: int | None


async def make_plan(
    deployment: Deployment, scope: PlanScope = EVERYTHING, *, by: Actor
) -> int:
    """Plan a sync, as far as it is in *scope*, and keep it; return its number.

    Raises:
        ConfigurationError: As of `plan`.
        PlanError: As of `plan`, or *by* is empty or too long.
    """
    ensure_named(by)
    made_at, database = deployment.clock(), deployment.database
    found = await plan(deployment, scope)
    lost = deployment.unusable_at(names_of(deployment, scope))
    row = PlanRow(
        id=0,
        state=PlanState.MAKING,
        made_at=made_at,
        made_by=by.name.strip(),
        expires_at=made_at + LASTS,
        simulated=any(each.simulated for each in found),
        marketplaces=[_told(each) for each in found],
        unusable=sorted(each.key for each in lost if scope.has_account(each.key)),
        scope=scope.json_form(),
        changes=0,
        takes=0,
        checksum="",
        decided_by="",
        decided_at=None,
        reason="",
        run="",
    )

    async def begin(conn: AsyncConnection) -> int:
        await plans.forget_before(conn, made_at - _KEPT)
        return await plans.begin(conn, row)

    number = await database.write(begin)
    sum_ = _Sum()
    changes = sum_.counted(_changes(found))
    while some := list(islice(changes, _AT_ONCE)):
        await database.write(partial(plans.add, plan_id=number, changes=some))

    async def finish(conn: AsyncConnection) -> None:
        await plans.finish(
            conn,
            number,
            changes=sum_.changes,
            takes=sum_.takes,
            checksum=sum_.end(row.marketplaces),
        )
        await record_act(conn, _act(by, "make_plan", number, made_at))

    await database.write(finish)
    return number


async def list_plans(
    deployment: Deployment, *, before: int | None = None, size: int
) -> PlanPage:
    """Return *size* plans, the latest first: those before the one of that number."""
    async with deployment.database.read() as conn:
        rows = await plans.page(conn, before, size + 1)
        running = await _running(conn)
    now = deployment.clock()
    found = [_seen(each, running, now) for each in rows[:size]]
    return PlanPage(found, found[-1].row.id if len(rows) > size else None)


async def see_plan(
    deployment: Deployment, number: int, *, after: int = 0, size: int
) -> PlanWithChanges:
    """Return a plan, and *size* of its changes after a place.

    Raises:
        NoSuchPlanError: There is none of that number.
    """
    async with deployment.database.read() as conn:
        row = await plans.find(conn, number)
        if row is None:
            raise NoSuchPlanError(number)
        changes = await plans.changes_page(conn, number, after, size + 1)
        seen = _seen(row, await _running(conn), deployment.clock())
    last = changes[size - 1].n if len(changes) > size else None
    return PlanWithChanges(seen, changes[:size], last)


async def approve_plan(
    deployment: Deployment, number: int, *, by: Actor, reason: str, token: str = ""
) -> SeenPlan:
    """Approve a plan as it is; what it takes from buyers has to be confirmed.

    Raises:
        NoSuchPlanError: There is none of that number.
        HeldPlanError: It takes something from buyers, and the token does not say that
            this is meant.
        PlanError: It has no changes, was approved or refused, has expired, or *by* or
            *reason* is missing.
    """
    return await _decide(
        deployment, number, PlanState.APPROVED, by=by, reason=reason, token=token
    )


async def refuse_plan(
    deployment: Deployment, number: int, *, by: Actor, reason: str
) -> SeenPlan:
    """Have a plan be carried out by nobody, also one that was approved.

    Raises:
        NoSuchPlanError: There is none of that number.
        PlanError: It has no changes, is carried out, was refused, has expired, or *by*
            or *reason* is missing.
    """
    return await _decide(deployment, number, PlanState.REFUSED, by=by, reason=reason)


async def _decide(
    deployment: Deployment,
    number: int,
    state: PlanState,
    *,
    by: Actor,
    reason: str,
    token: str = "",
) -> SeenPlan:
    ensure_named(by)
    ensure_text(reason, LONGEST_REASON, _WHY)
    now, is_approved = deployment.clock(), state is PlanState.APPROVED

    async def store(conn: AsyncConnection) -> SeenPlan:
        seen = await locked(conn, number, now)
        ensure_open(seen)
        if seen.has_nothing:
            raise _nothing_in(seen.row)
        if seen.row.state in (state, PlanState.REFUSED):
            raise _decided_before(seen.row)
        if is_approved:
            await _ensure_meant(conn, seen.row, token)
        await plans.decide(
            conn, number, state=state, by=by.name.strip(), reason=reason, now=now
        )
        kind = "approve_plan" if is_approved else "refuse_plan"
        act = _act(by, kind, number, now, reason=reason, checksum=seen.row.checksum)
        await record_act(conn, act)
        decided = await plans.find(conn, number)
        assert decided is not None  # noqa: S101  (it is locked)
        return _seen(decided, await _running(conn), now)

    return await deployment.database.write(store)


async def locked(conn: AsyncConnection, number: int, now: datetime) -> SeenPlan:
    """Return a plan that nobody else writes to in this transaction.

    Raises:
        NoSuchPlanError: There is none of that number.
    """
    row = await plans.lock(conn, number)
    if row is None:
        raise NoSuchPlanError(number)
    return _seen(row, await _running(conn), now)


def ensure_open(seen: SeenPlan) -> None:
    """See to it that a plan may still be decided on, or carried out.

    Raises:
        PlanError: It was carried out, is being carried out, or has expired.
    """
    row = seen.row
    if row.state is PlanState.CARRIED_OUT or seen.is_running:
        message = (
            f"kế hoạch {row.id} đã giao cho lần chạy {row.run}: xem lần chạy đó"
            f" (`ocop-sync runs show {row.run}`) / plan {row.id} was given to the run"
            f" {row.run}: see that run (`ocop-sync runs show {row.run}`)"
        )
        raise PlanError(message)
    if seen.is_expired:
        when = moment(row.expires_at)
        message = (
            f"kế hoạch {row.id} đã hết hạn lúc {when}: lập kế hoạch mới / plan"
            f" {row.id} expired at {when}, Vietnam's time: make a new one"
        )
        raise PlanError(message)


def confirmation_of(row: PlanRow) -> str:
    """Return the token that confirms what just this plan takes from buyers."""
    return blake2b(f"{row.id} {row.checksum}".encode(), digest_size=6).hexdigest()


async def _ensure_meant(conn: AsyncConnection, row: PlanRow, token: str) -> None:
    if not row.takes:
        return
    meant = confirmation_of(row)
    if token != meant:
        removed = await plans.removed(conn, row.id)
        raise HeldPlanError([_effect(each) for each in removed], meant)


def _effect(each: plans.Removed) -> tuple[str, str]:
    vi, *en = _TAKEN.get(Kind(each.kind), _TAKEN_ELSE)
    where, why = each.marketplace, each.cause
    return (
        f"{where}: {each.products} {vi} ({each.kind}), vì {why}",
        f"{where}: {counted(each.products, *en)} ({each.kind}), as of {why}",
    )


_TAKEN: Final = {
    Kind.WITHDRAW: (
        "sản phẩm bị gỡ khỏi sàn",
        "product is taken from sale",
        "products are taken from sale",
    ),
    Kind.SET_STOCK: (
        "sản phẩm về tồn kho 0",
        "product is set to stock 0",
        "products are set to stock 0",
    ),
    Kind.STOP_SELLER: (
        "cơ sở bị đóng gian hàng",
        "seller is closed",
        "sellers are closed",
    ),
}
_TAKEN_ELSE: Final = (
    "sản phẩm mất nhãn OCOP",
    "product loses an OCOP claim",
    "products lose an OCOP claim",
)


def _nothing_in(row: PlanRow) -> PlanError:
    message = (
        f"kế hoạch {row.id} không có thay đổi nào: không có gì để duyệt / plan {row.id}"
        " has no changes: there is nothing to decide on"
    )
    return PlanError(message)


def _decided_before(row: PlanRow) -> PlanError:
    vi, en = {
        PlanState.APPROVED: ("đã được duyệt", "was approved"),
        PlanState.REFUSED: ("đã bị từ chối", "was refused"),
    }[row.state]
    when = moment(row.decided_at) if row.decided_at else "?"
    return PlanError(
        f"kế hoạch {row.id} {vi} bởi {row.decided_by} lúc {when}"
        f" / plan {row.id} {en} by {row.decided_by} at {when}, Vietnam's time"
    )


async def _running(conn: AsyncConnection) -> frozenset[str]:
    """Return the ids of the runs that go on, or wait; they are few."""
    return frozenset(each.id for each in await run_requests.open_requests(conn))


def _seen(row: PlanRow, running: frozenset[str], now: datetime) -> SeenPlan:
    is_running = row.run in running
    is_over = row.state in (PlanState.CARRIED_OUT, PlanState.REFUSED)
    return SeenPlan(row, row.expires_at <= now and not is_over, is_running)


def _act(by: Actor, kind: str, number: int, now: datetime, **more: str) -> Act:
    refs = {"plan": str(number)}
    if checksum := more.get("checksum"):
        refs["checksum"] = checksum
    return Act(by=by, kind=kind, at=now, refs=refs, reason=more.get("reason", ""))


def _told(made: Plan) -> dict[str, Any]:
    """Return what is told of a marketplace besides its changes, as JSON's values."""
    return {
        "marketplace": made.marketplace,
        "simulated": made.simulated,
        "calls": made.calls,
        "reads": made.reads,
        "minutes": made.minutes,
        "accounts": [
            {
                "account": each.account,
                "calls": each.calls,
                "reads": each.reads,
                "minutes": each.minutes,
            }
            for each in made.costs
        ],
        "kinds": {kind.value: n for kind, n in sorted(made.kinds.items())},
        "holds": made.holds,
        "unread": list(made.unread),
        "held": [
            {
                "cause": each.cause,
                "hold": each.hold.value,
                "why": _why(each.members[0].why.code, each.members[0].why.seen),
                "products": len(each.product_ids),
                "checksum": each.checksum,
            }
            for each in made.held
        ],
    }


def _changes(made: Iterable[Plan]) -> Iterator[PlanChange]:
    """Yield the changes of plans, each marketplace's in the order of a sync."""
    lines = (line for each in made for line in each.lines)
    return (_change(n, line) for n, line in enumerate(lines, 1))


_OF_SELLERS: Final = frozenset({Kind.PUT_SELLER.value, Kind.STOP_SELLER.value})


def _change(n: int, line: PlanLine) -> PlanChange:
    is_seller = line.kind in _OF_SELLERS
    return PlanChange(
        n=n,
        marketplace=line.marketplace,
        account=line.account,
        subject=line.product_id,
        # Danger: a producer may be called as a person is; its id stands for it.
        name="" if is_seller else line.name,
        listing=line.listing,
        kind=line.kind,
        urgency=line.urgency.name.lower(),
        takes=line.removes,
        is_double=line.is_double,
        counted_as=line.counted_as,
        cause=line.cause,
        why=_why(line.why.code, line.why.seen),
        before=None if is_seller else line.before,
        after=None if is_seller else line.after,
        fingerprint=line.fingerprint,
    )


def _why(code: str, seen: Text) -> dict[str, str]:
    return {"code": code, "vi": seen.vi, "en": seen.en}


class _Sum:
    """Counts changes as they go by, and takes their checksum."""

    def __init__(self) -> None:
        self.changes = 0
        self.takes = 0
        self._sum = blake2b(digest_size=16)
        self._kinds = Counter[str]()

    def counted(self, changes: Iterable[PlanChange]) -> Iterator[PlanChange]:
        """Yield the changes."""
        for each in changes:
            self.changes += 1
            self.takes += each.takes
            parts = (each.account, each.subject, each.kind, each.fingerprint)
            self._sum.update("\0".join((*parts, "")).encode())
            yield each

    def end(self, told: Sequence[dict[str, Any]]) -> str:
        """Return the checksum, with the groups that are no part of the plan."""
        held = [group["checksum"] for each in told for group in each["held"]]
        self._sum.update("\0".join(held).encode())
        return self._sum.hexdigest()
