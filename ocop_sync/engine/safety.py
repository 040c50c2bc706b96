"""What may be taken from buyers at once, and what a person must approve first.

Withdrawals, stocks to zero and claims off are grouped by their cause: a rule, a
day on which certificates end, an import. Over the last 24 hours, done plus
planned, a marketplace gives up at most max(5, 10 %) of its listings. Groups
pass smallest first; the rest are held whole, one item for each cause.

Outside the budget pass acts that a named person entered for named products,
zero stock that was counted, and ends of certificates whose date has been known
for seven days.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ocop_sync.engine.decide import Decision
from ocop_sync.engine.diff import Judgement
from ocop_sync.engine.facet import fingerprint
from ocop_sync.engine.hold import Hold
from ocop_sync.marketplace.change import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much may be taken from buyers without being asked.

    Attributes:
        window: The time over which it is counted.
        least: Always allowed: in a small shop a share says nothing.
        share: Allowed share of the live listings at the window's start.
        vanished_share: Share of listings that may be gone at once before the
            marketplace itself is doubted.
        known_end: A certificate's end that has been known so long is no
            surprise, and passes.
    """

    window: timedelta = timedelta(hours=24)
    least: int = 5
    share: float = 0.10
    vanished_share: float = 0.05
    known_end: timedelta = timedelta(days=7)

    def allowance(self, live_at_start: int) -> int:
        """Return from how many products something may be taken."""
        return max(self.least, int(self.share * live_at_start))

    def vanishing(self, live: int) -> int:
        """Return how many listings may be created anew at once."""
        return max(self.least, int(self.vanished_share * live))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A product from which something would be taken.

    Attributes:
        product_id: The product.
        cause: What it comes from.
        content: Stands for what would be done, and why; never for stock.
    """

    product_id: str
    cause: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCause:
    """All that one cause would take, held for a person.

    Attributes:
        cause: What it comes from.
        hold: Which gate holds it.
        product_ids: From which products, sorted.
        checksum: Stands for what is held.
    """

    cause: str
    hold: Hold
    product_ids: tuple[str, ...]
    checksum: str


VANISHED = "vanished"
"""The cause of creating anew what has vanished."""


_TAKEN = {Kind.WITHDRAW: "sale", Kind.SET_STOCK: "stock"}
"""What a kind of change takes; all others take a claim."""


def taking_of(judgement: Judgement) -> Taking | None:
    """Return what *judgement* would take from buyers, if anything.

    Creating anew what has vanished takes nothing, but many at once mean that
    the marketplace is ill, or that we read it wrongly: it has a gate as well.
    """
    product_id = judgement.wanted.product_id
    if judgement.decision is Decision.CREATE_ANEW:
        return Taking(product_id=product_id, cause=VANISHED, content=product_id)
    takes = [planned for planned in judgement.changes if planned.takes]
    if not takes:
        return None
    reason = judgement.wanted.reason
    # A sale must not undo an approval: stock counts only where it is alone. Nor
    # must a claim that is half off: its parts are one taking.
    taken = {_TAKEN.get(each.change.kind, "claim") for each in takes}
    taken = taken - {"stock"} or taken
    content = fingerprint((product_id, sorted(taken), reason.code if reason else ""))
    return Taking(product_id=product_id, cause=judgement.wanted.cause, content=content)


def is_exempt(
    judgement: Judgement, ends_seen_at: datetime | None, now: datetime, budget: Budget
) -> bool:
    """Say whether what *judgement* takes passes outside the budget.

    Args:
        judgement: It takes something.
        ends_seen_at: Since when the certificate's end is known here, in UTC.
        now: The present instant, in UTC.
        budget: How long an end must have been known.
    """
    reason = judgement.wanted.reason
    if judgement.wanted.by_person:
        return True
    if reason is None or (reason.code, reason.key) != ("E02", "ended"):
        return False
    if judgement.wanted.problem not in (None, Hold.CLAIM_IN_NAME):
        return False  # it goes because it cannot be shown, not because it ended
    return ends_seen_at is not None and now - ends_seen_at >= budget.known_end


def hold_groups(
    takings: Iterable[Taking],
    *,
    allowance: int,
    vanishing: int,
) -> list[HeldCause]:
    """Return the groups that a person must approve first.

    Args:
        takings: All that would be taken at one marketplace, apart from what is
            exempt and what a person has approved.
        allowance: From how many products more something may be taken.
        vanishing: How many vanished listings may be created anew.
    """
    groups: dict[str, list[Taking]] = {}
    for taking in takings:
        groups.setdefault(taking.cause, []).append(taking)
    held, left = [], allowance
    for cause, members in sorted(groups.items(), key=lambda g: (len(g[1]), g[0])):
        group = _held(cause, members)
        limit = vanishing if cause == VANISHED else left
        if len(members) > limit:
            held.append(group)
        elif cause != VANISHED:
            left -= len(members)
    return held


def hold_of(cause: str) -> Hold:
    """Return why what *cause* takes is held, if it is."""
    return Hold.VANISHED_MANY if cause == VANISHED else Hold.BUDGET


def _held(cause: str, members: list[Taking]) -> HeldCause:
    members = sorted(members, key=lambda taking: taking.product_id)
    return HeldCause(
        cause=cause,
        hold=hold_of(cause),
        product_ids=tuple(taking.product_id for taking in members),
        checksum=fingerprint([taking.content for taking in members]),
    )
