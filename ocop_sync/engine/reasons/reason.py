"""Why a product is not simply on sale at a marketplace: one list, in one shape.

It holds side by side the verdict's reasons, the gaps in the marketplace's mapping or in
the catalog, the questions to a person, and the waits. The words of waits are in
`texts/waits.toml`. Pure; which of it is known is up to the caller.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from catalog.eligibility import Outcome, Text, Verdict
from catalog.eligibility import Reason as RuleReason
from catalog.values import replace
from ocop_sync.engine.facet import changed_skus, differing_facets, differing_fields
from ocop_sync.engine.hold import HOLD_WORDS, UNANSWERED_TODO, Hold, named_in
from ocop_sync.engine.reasons.remedy import todo_of
from ocop_sync.engine.state.problem_words import as_text
from ocop_sync.engine.state.quarantine import MOST, Failure, Way
from ocop_sync.engine.state.state import State
from ocop_sync.engine.texts.files import TextTable, Worded, every, read_texts
from ocop_sync.engine.wanted.wanted import Obstacle
from ocop_sync.marketplace.listing import Facet, Problem

MAPPING_CODES: Mapping[Hold, str] = {
    Hold.NO_CATEGORY: "M01",
    Hold.TITLE_TOO_LONG: "M02",
    Hold.DESCRIPTION_TOO_LONG: "M03",
    Hold.NO_PICTURE: "M04",
    Hold.PICTURE_TOO_SMALL: "M05",
}
"""The holds of a marketplace's mapping; other holds go by their names."""

_NO_WORD = frozenset({Way.UNANSWERED, Way.NOT_TAKEN})
"""Ways to fail without a word of the marketplace on the change."""

_SEEN_ANEW = frozenset(
    {
        *MAPPING_CODES,
        Hold.UNKNOWN_FACT,
        Hold.NO_ACCOUNT,
        Hold.NO_PRICE,
        Hold.NO_STOCK_COUNT,
        Hold.CLAIM_IN_NAME,
    }
)
"""Holds that a verdict and `Draft.obstacles` find as things are now: the stored ones
are older."""

HOLD, WAIT = "hold", "wait"
"""The outcomes of a marketplace's reason: nothing new is made until a person has done
something, or it passes by itself."""

_STRENGTH = {
    name: place
    for place, name in enumerate(
        (
            Outcome.OUT_OF_SCOPE.value,
            Outcome.BLOCK.value,
            HOLD,
            Outcome.NO_OCOP_CLAIM.value,
            WAIT,
            Outcome.WARN.value,
        )
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason, whoever gives it.

    Attributes:
        code: Such as "E04" of a rule, "M01" to "M05" of a mapping, or the name of a
            hold or of a wait.
        outcome: Its effect: a rule's outcome, `HOLD` or `WAIT`.
        known: False if a fact is missing.
        seen: The finding.
        todo: The advice for it.
    """

    code: str
    outcome: str
    known: bool
    seen: Text
    todo: Text


class Wait(StrEnum):
    """The event that a product waits for, with nothing for a person to do."""

    IN_REVIEW = "in_review"
    UNCONFIRMED = "unconfirmed"
    SELLER_IN_REVIEW = "seller_in_review"
    PENDING = "pending"
    LIST_TOO_OLD = "list_too_old"
    """A person is to bring a newer list of the marketplace."""


class _Waits(TextTable):
    """The file: the waits, and an account that fails meanwhile."""

    waits: Annotated[dict[Wait, Worded], every(Wait)]
    newer_list: Worded
    hand_work: Worded
    nothing_to_do: Worded
    failing: Worded
    paused: Worded
    resume: Worded
    see_status: Worded


_WAITS = read_texts("waits.toml", _Waits, values=("account", "why"))

NEWER_LIST_TODO, NOTHING_TO_DO = _WAITS.newer_list, _WAITS.nothing_to_do


def of_wait(wait: Wait) -> Reason:
    """Return a wait as a reason."""
    return Reason(
        code=wait.value,
        outcome=WAIT,
        known=True,
        seen=_WAITS.waits[wait],
        todo=NEWER_LIST_TODO if wait is Wait.LIST_TOO_OLD else NOTHING_TO_DO,
    )


def with_old_reads(reason: Reason) -> Reason:
    """Return *reason*; where it waits to be read, with what a person does for that.

    It is of a product at a marketplace whose lists people carry to us.
    """
    if reason.code != Wait.UNCONFIRMED or reason.outcome != WAIT:
        return reason
    return replace(reason, todo=NEWER_LIST_TODO)


def with_hand_work(reason: Reason) -> Reason:
    """Return *reason*; where it waits for a change, with what a person does for that.

    A change was asked for, at a marketplace whose network is people.
    """
    asked = (Wait.IN_REVIEW, Wait.UNCONFIRMED)
    if reason.outcome != WAIT or reason.code not in asked:
        return reason
    return replace(reason, todo=_WAITS.hand_work)


def with_trouble(reason: Reason, account: str, todo: Text | None) -> Reason:
    """Return *reason*; where it waits for runs of an account that fails, with that.

    Danger: reasons are shown over the API and on pages, and the words of an error may
    name an address of ours, or where a secret is kept. `ocop-sync status` has them, for
    whoever runs the service.

    Args:
        reason: Of a product there.
        account: Key of the account.
        todo: The advice for it, where it is known; in our own words.
    """
    if reason.code not in (Wait.PENDING, Wait.UNCONFIRMED) or reason.outcome != WAIT:
        return reason
    fails = _WAITS.failing.filled((("account", account),))
    seen = Text(reason.seen.vi + fails.vi, reason.seen.en + fails.en)
    return replace(reason, seen=seen, todo=todo or _WAITS.see_status)


def with_pause(reason: Reason, account: str, why: str) -> Reason:
    """Return *reason*; where it waits for writes at a paused account, with that.

    Args:
        reason: Of a product there.
        account: Key of the account.
        why: Since when it is paused, by whom and why.
    """
    if reason.code != Wait.PENDING or reason.outcome != WAIT:
        return reason
    is_paused = _WAITS.paused.filled((("account", account), ("why", f": {why}")))
    seen = Text(reason.seen.vi + is_paused.vi, reason.seen.en + is_paused.en)
    todo = _WAITS.resume.filled((("account", shlex.quote(account)),))
    return replace(reason, seen=seen, todo=todo)


def of_obstacle(obstacle: Obstacle) -> Reason:
    """Return a hold as a reason, with its figures or quoted words behind it.

    A refusal keeps the marketplace's words; the advice is added.
    """
    hold, measured, problems, todo = obstacle
    words = HOLD_WORDS[hold]
    quoted = as_text(problems) if problems else Text(measured, measured)
    more = Text(*(f" ({each})" if each else "" for each in (quoted.vi, quoted.en)))
    return Reason(
        code=MAPPING_CODES.get(hold, hold.value),
        outcome=HOLD,
        known=True,
        seen=Text(words.seen.vi + more.vi, words.seen.en + more.en),
        todo=todo
        or todo_of(problems, of_seller=hold is Hold.SELLER_REFUSED)
        or words.todo,
    )


def at_place(reason: Reason, marketplace: str, product: str) -> Reason:
    """Return *reason* with the commands that it names as they are for one product."""
    todo = named_in(reason.todo, marketplace=marketplace, product=product)
    return reason if todo == reason.todo else replace(reason, todo=todo)


def of_rule(reason: RuleReason) -> Reason:
    """Return a verdict's reason."""
    return Reason(
        code=reason.code,
        outcome=reason.outcome.value,
        known=reason.known,
        seen=reason.seen,
        todo=reason.todo,
    )


def reasons_of(
    verdict: Verdict,
    obstacles: Iterable[Obstacle] = (),
    held: Obstacle | None = None,
    wait: Wait | None = None,
) -> tuple[Reason, ...]:
    """Return all reasons in one list, the strongest first, then by code.

    Args:
        verdict: The catalog's verdict.
        obstacles: Further obstacles, as things are now.
        held: The stored hold, with its figures or quoted words.
        wait: Its wait, if it has one; for the next sync only where nothing else stops
            it.
    """
    found = [of_rule(reason) for reason in verdict.reasons]
    found += [of_obstacle(obstacle) for obstacle in obstacles]
    if held is not None and held.hold not in _SEEN_ANEW:
        found.append(of_obstacle(held))
    if wait is not None and not (wait is Wait.PENDING and _stops(found)):
        found.append(of_wait(wait))
    return tuple(sorted(found, key=_rank))


def _stops(reasons: Iterable[Reason]) -> bool:
    return any(reason.outcome != Outcome.WARN.value for reason in reasons)


def _rank(reason: Reason) -> tuple[int, str, bool]:
    return _STRENGTH[reason.outcome], reason.code, not reason.known


def held_of(
    hold: Hold, state: State, *, group: int | None, seller: Iterable[Problem]
) -> Obstacle:
    """Return a stored hold with its details, in nobody's language.

    *seller* has the marketplace's words of the seller's refusal.
    """
    if group is not None:
        return Obstacle(hold, f"#{group}")
    if hold is Hold.SELLER_REFUSED:
        problems = tuple(seller)
        return Obstacle(hold, _said(problems), problems)
    if hold in (Hold.REFUSED, Hold.CHANGE_REFUSED, Hold.BANNED):
        return Obstacle(hold, _said(state.problems), state.problems)
    if hold is Hold.QUARANTINED:
        failed = [each for each in state.failures.values() if each.times >= MOST]
        nobody = all(each.way in _NO_WORD for each in failed)
        todo = UNANSWERED_TODO if failed and nobody else None
        return Obstacle(hold, _failed(failed), todo=todo)
    if hold in (Hold.EDITED_THERE, Hold.FOUGHT):
        return Obstacle(hold, "; ".join(_edits(state)))
    refs = {
        Hold.TWIN: state.twin_ref,
        Hold.UNLIKE: state.twin_ref,
        Hold.DOUBLED: f"{state.ref}, {state.doubled_ref}",
        Hold.MOVED: state.seller_ref,
        Hold.TAKEN_DOWN: state.ref,
        Hold.LEFT: state.ref,
        Hold.UNREADABLE: f"{state.ref or '?'}: {state.unreadable}",
    }
    return Obstacle(hold, refs.get(hold, ""))


def _said(problems: Iterable[Problem]) -> str:
    quoted = "; ".join(each.message or each.code for each in problems)
    return f"«{quoted}»" if quoted else ""


def _failed(failures: Iterable[Failure]) -> str:
    """Return the words about failed changes, each once."""
    found = [each.words for each in failures if each.words]
    return f"«{'; '.join(dict.fromkeys(found))}»" if found else ""


_SHOWN_CHARACTERS = 60


def _edits(state: State) -> Iterator[str]:
    """Yield the edits there: the value that we wrote, and the present one."""
    was, now = state.confirmed or {}, state.edited or {}
    for facet in sorted(differing_facets(was, now)):
        before, after = was[facet], now.get(facet, {})
        counted = facet in (Facet.PRICE, Facet.STOCK)
        others = (changed_skus if counted else differing_fields)(before, after)
        for key, value in before.items():
            if key in others:
                yield f"{key}: {_cut(value)} → {_cut(after.get(key))}"


def _cut(value: object) -> str:
    text = str(value)
    more = len(text) > _SHOWN_CHARACTERS
    return f"{text[:_SHOWN_CHARACTERS]}…" if more else text
