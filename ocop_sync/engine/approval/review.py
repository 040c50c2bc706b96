"""The content that a person sees before a decision, and whether it still fits.

A fingerprint covers all that the person has seen of one product: the changes, their
reasons, and the text that buyers will see or lose. It never stands for stock: sales go
on while somebody reads, and stock is read when it is sent. Pure; the approved
fingerprints are remembered in `ocop_sync.store.decisions.held_members`. The words are
in `texts/causes.toml`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from catalog.eligibility import Text
from ocop_sync.engine.facet import fingerprint
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.state import stored_shape
from ocop_sync.engine.terms import Decision
from ocop_sync.engine.texts.files import TextTable, Worded, read_texts
from ocop_sync.engine.wanted.origin import CATALOG, CONSENT_RULE, VANISHED, Cause
from ocop_sync.marketplace.change import (
    Change,
    Kind,
    PutSeller,
    Republish,
    SetPrice,
    SetStock,
    StopSeller,
)
from ocop_sync.marketplace.listing import Facet

_REMOVED = {Kind.WITHDRAW: "sale", Kind.SET_STOCK: "stock", Kind.CREATE: "listing"}
"""The part that a kind of change takes; all others take a claim."""
_SHOWN = (Facet.CONTENT.value, Facet.STARS.value)


class _Causes(TextTable):
    """The file: why, where neither a rule nor a hold says it."""

    vanished: Worded
    uncounted: Worded
    emptied: Worded
    catalog: Worded
    consent: Worded


_CAUSES = read_texts("causes.toml", _Causes)


class ReaskReason(StrEnum):
    """Why a product is asked about again after a person has decided."""

    CHANGED = "changed"
    """It has changed since the person saw it."""
    NEW = "new"
    """It was not there when the person decided."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is done.

    Attributes:
        code: Of the rule, or the name of a hold or of another cause.
        seen: The finding.
    """

    code: str
    seen: Text


def cause_of(evaluation: Evaluation, removals: Iterable[Planned]) -> Cause:
    """Return the cause of the changes *removals* of *evaluation*, for the budget.

    If a sheet has set the stock to zero, its import is the cause, even if the wanted
    listing has another one.
    """
    if evaluation.decision is Decision.CREATE_ANEW:
        return VANISHED
    number = _emptied_in(evaluation, removals)
    return evaluation.wanted.cause if number is None else Cause.of_import(number)


def _emptied_in(evaluation: Evaluation, removals: Iterable[Planned]) -> int | None:
    """Return the last import that has left no stock, and that nobody has confirmed."""
    emptied = evaluation.wanted.emptied
    if not emptied:
        return None
    numbers = [
        emptied[sku]
        for each in removals
        if isinstance(each.change, SetStock)
        for sku, count in each.change.stocks.items()
        if count == 0 and sku in emptied
    ]
    return max(numbers, default=None)


def why_of(evaluation: Evaluation, removals: Iterable[Planned] = ()) -> Why:
    """Return why *evaluation* takes something from buyers, or makes it anew.

    *removals* are its changes that do so.
    """
    wanted, changes = evaluation.wanted, list(removals)
    if evaluation.decision is Decision.CREATE_ANEW:
        return Why(VANISHED, _CAUSES.vanished)
    number = _emptied_in(evaluation, changes)
    if number is not None and all(isinstance(e.change, SetStock) for e in changes):
        return Why(Cause.of_import(number), _CAUSES.emptied)
    if wanted.problem is not None and wanted.cause == wanted.problem.value:
        return Why(wanted.problem.value, HOLD_WORDS[Hold(wanted.problem)].seen)
    if wanted.reason is not None:
        return Why(wanted.reason.code, wanted.reason.seen)
    return Why(wanted.cause, _CAUSES.uncounted)


def why_of_change(evaluation: Evaluation, planned: Planned) -> Why:
    """Return why one change of *evaluation* is made."""
    if planned.removes or evaluation.decision is Decision.CREATE_ANEW:
        return why_of(evaluation, [planned])
    return Why(CATALOG, _CAUSES.catalog)


def why_of_seller(change: PutSeller | StopSeller) -> Why:
    """Return why a change of a seller is made."""
    if isinstance(change, StopSeller):
        return Why(CONSENT_RULE, _CAUSES.consent)
    return Why(CATALOG, _CAUSES.catalog)


@dataclass(frozen=True, slots=True)
class Seen:
    """The content that a person sees of one removal.

    Attributes:
        removed: The removed parts: sale, stock, claim, listing.
        reasons: Why.
        shown: The text that buyers see afterwards, or lose.
    """

    product_id: str
    removed: tuple[str, ...]
    reasons: tuple[str, ...]
    shown: Mapping[str, Any]

    def fingerprint(self, version: int | None = None) -> str:
        """Return its fingerprint, in *version* of the stored shape."""
        version = version or stored_shape.present()
        shown = stored_shape.as_of(dict(self.shown), version)
        data = [self.product_id, self.removed, self.reasons, shown]
        return stored_shape.marked(_in_any_order(data), version)


def seen_of_removal(evaluation: Evaluation, removals: Iterable[Planned]) -> Seen:
    """Return all that *evaluation* takes from buyers of a product, as it is shown.

    A claim comes off in several changes; the remaining ones have the same content.
    Stock stands for nothing where something else is taken as well: a sale must not undo
    an approval. *removals* are its changes that do so; it may also create a vanished
    listing anew.
    """
    changes = list(removals)
    removed = {_REMOVED.get(each.change.kind, "claim") for each in changes}
    return Seen(
        evaluation.wanted.product_id,
        tuple(sorted(removed - {"stock"} or removed)),
        tuple(_reasons(evaluation, changes)),
        _seen_by_buyers(evaluation),
    )


def _reasons(evaluation: Evaluation, removals: Iterable[Planned]) -> list[str]:
    changes, reason = list(removals), evaluation.wanted.reason
    why = why_of(evaluation, changes)
    # As wanted where something vanished: its fingerprint is older than causes are.
    vanished = evaluation.decision is Decision.CREATE_ANEW
    cause = evaluation.wanted.cause if vanished else cause_of(evaluation, changes)
    said = [reason.outcome.value, reason.key, reason.seen.vi] if reason else []
    return [why.code, cause, *said]


def _seen_by_buyers(evaluation: Evaluation) -> dict[str, Any]:
    """Return the values shown afterwards, or the lost ones if none are."""
    values = evaluation.wanted.values
    if values is None or evaluation.decision is Decision.WITHDRAW:
        values = evaluation.state.shown
    return {name: values.get(name) for name in _SHOWN}


def fingerprint_of_change(evaluation: Evaluation, planned: Planned) -> str:
    """Return the fingerprint of one change of *evaluation*, as a plan shows it.

    It stays the same while the other changes of that product are sent.
    """
    change = planned.change
    return _in_any_order(
        [
            change.client_ref,
            change.kind.value,
            _reasons(evaluation, [planned]) if planned.removes else [],
            _written(evaluation, planned),
        ]
    )


def _written(evaluation: Evaluation, planned: Planned) -> list[Any]:
    """Return the text that buyers see before and after; nothing for stock."""
    change, shown = planned.change, _seen_by_buyers(evaluation)
    match change.kind:
        case Kind.SET_STOCK:
            return []
        case Kind.WITHDRAW:
            return [shown]
        case Kind.CREATE | Kind.REPUBLISH:
            values = evaluation.wanted.values or {}
            return [shown, values.get(Facet.PRICE.value)]
    before, after = planned.before, planned.after
    if isinstance(change, SetPrice) and isinstance(before, Mapping):
        before = {sku: before.get(sku) for sku in change.prices}
    return [before, after]


def fingerprint_of_seller(change: PutSeller | StopSeller) -> str:
    """Return the fingerprint of a change of a seller, as a plan shows it."""
    profile = asdict(change.seller) if isinstance(change, PutSeller) else None
    return _in_any_order([change.client_ref, change.kind.value, profile])


_OF_SELLERS = frozenset({Kind.PUT_SELLER.value, Kind.STOP_SELLER.value})


def is_stale(misfits: int, fitting: int) -> bool:
    """Say whether a plan is another by now: more than half of it does not fit."""
    return misfits > fitting


class Reviewed:
    """The changes of one account that a person has reviewed, and those left to send.

    Args:
        fingerprints: That of each change, by its subject (a product, or the
            producer of a seller) and its kind; in the order in which they go.
    """

    def __init__(
        self, fingerprints: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        # Kind and fingerprint of each: there may be hundreds of thousands of subjects.
        self._remaining: dict[str, tuple[tuple[Kind, str], ...]] = {}
        for (subject, kind), fingerprint_ in (fingerprints or {}).items():
            self.add(subject, kind, fingerprint_)

    def add(self, subject: str, kind: str, fingerprint_: str) -> None:
        """Add a change that was reviewed; one of a kind that is there replaces it."""
        others = [each for each in self._remaining.get(subject, ()) if each[0] != kind]
        self._remaining[subject] = (*others, (Kind(kind), fingerprint_))

    @property
    def remaining(self) -> tuple[tuple[str, str], ...]:
        """Return subject and kind of the unsent changes, by subject."""
        return tuple(
            (subject, kind.value)
            for subject, changes in self._remaining.items()
            for kind, _ in changes
        )

    def products(self) -> Iterator[str]:
        """Yield the products of which something is left, in order, each once."""
        for subject in self._remaining:
            if not _OF_SELLERS.intersection(self.kinds_of(subject)):
                yield subject

    def kinds_of(self, subject: str) -> tuple[str, ...]:
        """Return the kinds of change that are left of a product or a seller."""
        return tuple(kind.value for kind, _ in self._remaining.get(subject, ()))

    def has(self, evaluation: Evaluation, planned: Planned) -> bool:
        """Say whether this very change was reviewed, and may go now.

        A republication goes last: before, buyers would see the old content of the day
        on which the listing went down.
        """
        if (
            isinstance(planned.change, Republish)
            and planned is not evaluation.changes[0]
        ):
            return False
        return self.fits(evaluation, planned)

    def fits(self, evaluation: Evaluation, planned: Planned) -> bool:
        """Say whether this very change was reviewed, and is left to send."""
        found = self._fingerprint_of(planned.change)
        return found is not None and found == fingerprint_of_change(evaluation, planned)

    def has_seller(self, change: PutSeller | StopSeller) -> bool:
        """Say whether this very change of a seller was reviewed."""
        return self._fingerprint_of(change) == fingerprint_of_seller(change)

    def _fingerprint_of(self, change: Change) -> str | None:
        found = self._remaining.get(change.client_ref, ())
        return next(
            (fingerprint_ for kind, fingerprint_ in found if kind is change.kind), None
        )

    def sent(self, change: Change) -> None:
        """Note that *change* is sent; no other like it is."""
        self.skip(change.client_ref, change.kind.value)

    def skip(self, subject: str, kind: str) -> None:
        """Take a change off those that are left to send."""
        others = tuple(e for e in self._remaining.get(subject, ()) if e[0] != kind)
        if others:
            self._remaining[subject] = others
        else:
            self._remaining.pop(subject, None)


def checksum(fingerprints: Iterable[str]) -> str:
    """Return the checksum of *fingerprints*, in that order."""
    return fingerprint(list(fingerprints))


def _in_any_order(data: object) -> str:
    """Return the fingerprint of plain *data*, with its keys in any order."""
    return fingerprint(json.dumps(data, sort_keys=True))
