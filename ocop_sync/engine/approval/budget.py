"""The budget: the removals that pass, and those that a person must approve.

Withdrawals, stocks to zero and claims off are grouped by their cause: a rule, a
day on which certificates end, an import. Done plus planned, a marketplace gives up
at most max(5, 10 %) of its listings in 24 hours, unless the settings say otherwise.
Groups pass smallest first; the rest are held whole, one item for each cause.

Outside the budget pass acts that a named person entered for named products, zero stock
that was counted, and ends of certificates whose date has been known for seven days. A
removal that a sheet entered is nobody's act: it counts, under the cause of its import,
until a named person has confirmed that import (`ocop_sync.engine.wanted.origin`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ocop_sync.engine.approval.review import (
    Seen,
    Why,
    cause_of,
    checksum,
    seen_of_removal,
    why_of,
)
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.state.stored_shape import fits
from ocop_sync.engine.terms import Decision
from ocop_sync.engine.wanted.origin import VANISHED, Cause
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much may be taken from buyers without being asked.

    Attributes:
        window: The time over which it is counted.
        min_changes: Always allowed: in a small shop a share says nothing.
        share: Allowed share of the live listings at the window's start.
        vanished_share: Share of listings that may be gone at once before the
            marketplace itself is doubted.
        known_end: A certificate's end that has been known so long is no
            surprise, and passes.
        approval_lasts: The life of an approval; after it, the question is asked anew.
    """

    window: timedelta = timedelta(hours=24)
    min_changes: int = 5
    share: float = 0.10
    vanished_share: float = 0.05
    known_end: timedelta = timedelta(days=7)
    approval_lasts: timedelta = timedelta(hours=72)

    def allowance(self, live_at_start: int) -> int:
        """Return from how many products something may be taken."""
        return max(self.min_changes, int(self.share * live_at_start))

    def vanishing(self, live: int) -> int:
        """Return how many listings may be created anew at once."""
        return max(self.min_changes, int(self.vanished_share * live))


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A product from which something would be taken.

    Attributes:
        cause: Its cause.
        kinds: The kinds of change that take it, sorted.
        why: Why, as a person reads it.
        fingerprint: The fingerprint of the changes and their reasons; never of stock.
        seen: The content of that fingerprint.
    """

    product_id: str
    cause: Cause
    kinds: tuple[str, ...]
    why: Why
    fingerprint: str
    seen: Seen | None = field(default=None, compare=False, repr=False)

    def is_as(self, fingerprint_: str) -> bool:
        """Say whether it equals, by its fingerprint, the one that a person has seen.

        A field that all listings have got since makes nothing another.
        """
        if fingerprint_ == self.fingerprint or self.seen is None:
            return fingerprint_ == self.fingerprint
        return fits(fingerprint_, self.seen.fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCause:
    """All that one cause would take, held for a person.

    Attributes:
        cause: The cause.
        members: The removals, sorted by product.
    """

    cause: Cause
    members: tuple[Removal, ...]

    @property
    def hold(self) -> Hold:
        """Say which gate holds it."""
        return hold_of(self.cause)

    @property
    def product_ids(self) -> tuple[str, ...]:
        """Return from which products it takes, sorted."""
        return tuple(removal.product_id for removal in self.members)

    @property
    def checksum(self) -> str:
        """Return the fingerprint of all held removals."""
        return checksum(removal.fingerprint for removal in self.members)

    def json_form(self) -> dict[str, object]:
        """Return it as JSON's values."""
        return {
            "cause": self.cause,
            "hold": self.hold.value,
            "why": self.members[0].why.code,
            "products": self.product_ids,
            "checksum": self.checksum,
        }


def needs_approval(evaluation: Evaluation, planned: Planned) -> bool:
    """Say whether one change of *evaluation* has to pass the gate.

    Creating a vanished listing anew takes nothing, but many at once mean that the
    marketplace is ill, or that we read it wrongly: it has a gate as well.
    """
    return planned.removes or evaluation.decision is Decision.CREATE_ANEW


def has_removals(evaluation: Evaluation) -> bool:
    """Say whether *evaluation* has changes that have to pass the gate."""
    return any(needs_approval(evaluation, planned) for planned in evaluation.everywhere)


def removal_of(evaluation: Evaluation) -> Removal | None:
    """Return the removal in *evaluation* that needs approval, if any."""
    asked = [each for each in evaluation.everywhere if needs_approval(evaluation, each)]
    if not asked:
        return None
    seen = seen_of_removal(evaluation, asked)
    return Removal(
        product_id=evaluation.wanted.product_id,
        cause=cause_of(evaluation, asked),
        kinds=tuple(sorted({each.change.kind.value for each in asked})),
        why=why_of(evaluation, asked),
        fingerprint=seen.fingerprint(),
        seen=seen,
    )


def is_exempt(
    evaluation: Evaluation, ends_seen_at: datetime | None, now: datetime, budget: Budget
) -> bool:
    """Say whether the removal of *evaluation* passes outside the budget.

    *ends_seen_at* is since when the certificate's end is known here, in UTC.
    """
    asked = [each for each in evaluation.everywhere if needs_approval(evaluation, each)]
    if evaluation.wanted.by_person:
        return not _emptied_by_sheet(evaluation, asked)
    if cause_of(evaluation, asked).import_id is not None or _only_empties(asked):
        return False
    return _is_known_end(evaluation.wanted, ends_seen_at, now, budget)


def _is_known_end(
    wanted: Wanted, seen_at: datetime | None, now: datetime, budget: Budget
) -> bool:
    """Say whether it is a certificate's end that no longer surprises anybody."""
    reason = wanted.reason
    if reason is None or not reason.about_end:
        return False
    if wanted.problem not in (None, Hold.CLAIM_IN_NAME):
        return False  # it goes because it cannot be shown, not because it ended
    if wanted.end_confirmed or reason.key != "ended" or seen_at is None:
        return wanted.end_confirmed
    return now - seen_at >= budget.known_end


def _emptied_by_sheet(evaluation: Evaluation, asked: Iterable[Planned]) -> bool:
    """Say whether a sheet that nobody has confirmed sets stock to zero."""
    return cause_of(evaluation, asked).import_id is not None and any(
        each.change.kind is Kind.SET_STOCK for each in asked
    )


def _only_empties(asked: Iterable[Planned]) -> bool:
    """Say whether nothing but stock is taken: that has nothing to do with an end."""
    return all(each.change.kind is Kind.SET_STOCK for each in asked)


def hold_groups(
    removals: Iterable[Removal],
    *,
    allowance: int,
    vanishing: int,
    must_ask: Collection[str] = (),
) -> list[HeldCause]:
    """Return the groups that a person must approve first.

    *removals* are all removals at one marketplace that must pass the gate. Of
    *allowance* more products something may be removed, *vanishing* listings may be made
    anew, and causes that *must_ask* are held however few products they concern.
    """
    groups: dict[Cause, list[Removal]] = {}
    for removal in removals:
        groups.setdefault(removal.cause, []).append(removal)
    held, left = [], allowance
    for cause, members in sorted(groups.items(), key=lambda g: (len(g[1]), g[0])):
        limit = vanishing if cause == VANISHED else left
        if len(members) > limit or cause in must_ask:
            held.append(_held(cause, members))
        elif cause != VANISHED:
            left -= len(members)
    return held


def hold_of(cause: Cause) -> Hold:
    """Return the hold for removals by *cause*, if they are held."""
    return Hold.VANISHED_MANY if cause == VANISHED else Hold.BUDGET


def _held(cause: Cause, members: Iterable[Removal]) -> HeldCause:
    by_product = sorted(members, key=lambda removal: removal.product_id)
    return HeldCause(cause=cause, members=tuple(by_product))
