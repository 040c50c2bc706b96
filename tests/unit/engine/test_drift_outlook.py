"""The outlook of drift follows the evaluation, told apart for people."""

import pytest

from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_outlook import ASKED, DriftOutlook, outlook_of
from ocop_sync.engine.plan.drift_policy import fingerprint_of_decision
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.state.drift import Drift, DriftKind, drifts_of
from ocop_sync.engine.state.state import DriftDecision, State
from ocop_sync.engine.terms import Found, Want
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.listing import StarClaim
from tests.unit.engine.examples import (
    edited_there,
    evaluated,
    make_listing,
    make_offer,
    make_state,
    make_wanted,
    unwanted,
)

TITLE = edited_there(make_listing(title="Sửa"))
STARS = edited_there(make_listing(stars=StarClaim(stars=5)))
RAISED = edited_there(make_listing(variants=(make_offer(stock=99),)))
DOWN = make_state(found=Found.DOWN_BY_PERSON)
GONE = make_state(found=Found.ABSENT, absent_reads=2)
BANNED = make_state(found=Found.BANNED)
DOUBLED = make_state(doubled_ref="M2")
MISSED = replace(DOWN, found=Found.ABSENT, absent_reads=1)

WANTED, BLOCKED = make_wanted(), unwanted()
UNKNOWN = unwanted(Want.UNKNOWN, problem=Hold.UNKNOWN_FACT)


def told(state: State, field: str, *, ours: bool) -> State:
    """Return *state* after a person has said something of *field*."""
    word = DriftDecision(
        ours=ours, fingerprint=fingerprint_of_decision(WANTED, state, field)
    )
    return replace(state, past=replace(state.past, decisions={field: word}))


def outlooks(evaluation: Evaluation, *shown: Drift) -> list[str]:
    """Return the outlook of *shown*, or of all that an evaluation's state shows."""
    drifts = shown or drifts_of(evaluation.state)
    return [outlook_of(each, evaluation, evaluation.hold).value for each in drifts]


@pytest.mark.parametrize(
    ("wanted", "state", "expected"),
    [
        pytest.param(WANTED, TITLE, "asked", id="a title, by policy"),
        pytest.param(WANTED, STARS, "healed", id="stars, by policy"),
        pytest.param(WANTED, RAISED, "healed", id="stock above what there is"),
        pytest.param(WANTED, DOWN, "asked", id="taken down"),
        pytest.param(WANTED, GONE, "healed", id="gone"),
        pytest.param(WANTED, BANNED, "asked", id="banned"),
        pytest.param(WANTED, DOUBLED, "asked", id="doubled"),
        pytest.param(BLOCKED, DOUBLED, "asked", id="doubled, and may not be sold"),
        pytest.param(BLOCKED, DOWN, "unneeded", id="taken down, and may not be sold"),
        pytest.param(BLOCKED, GONE, "unneeded", id="gone, and may not be sold"),
        pytest.param(BLOCKED, BANNED, "unneeded", id="banned, and may not be sold"),
        pytest.param(BLOCKED, TITLE, "withdrawn", id="edited, and may not be sold"),
        pytest.param(UNKNOWN, DOWN, "held", id="taken down, and a fact is unknown"),
    ],
)
def test_what_becomes_of_drift_by_itself(
    wanted: Wanted, state: State, expected: str
) -> None:
    assert outlooks(evaluated(wanted, state)) == [expected]


@pytest.mark.parametrize(
    ("state", "field", "ours", "expected"),
    [
        (TITLE, "content.title", True, "healed"),
        (TITLE, "content.title", False, "left"),
        (DOWN, "taken_down", True, "healed"),
        (DOWN, "taken_down", False, "left"),
        (GONE, "vanished", False, "left"),
    ],
)
def test_a_persons_word_decides(
    state: State, field: str, ours: bool, expected: str
) -> None:
    evaluation = evaluated(WANTED, told(state, field, ours=ours))

    assert outlooks(evaluation) == [expected]


def test_of_two_edits_only_the_one_without_a_word_is_asked_about() -> None:
    both = edited_there(make_listing(title="Sửa", description="Sửa"))

    evaluation = evaluated(WANTED, told(both, "content.title", ours=False))

    fields = [each.field for each in drifts_of(both)]
    assert dict(zip(fields, outlooks(evaluation), strict=True)) == {
        "content.title": "left",
        "content.description": "asked",
    }


def test_what_was_not_found_once_is_looked_at_again() -> None:
    down = Drift(kind=DriftKind.TAKEN_DOWN, expected=MISSED.ref)

    assert outlooks(evaluated(WANTED, MISSED), down) == ["open"]


@pytest.mark.parametrize(
    ("wanted", "state", "gate", "expected"),
    [
        (WANTED, GONE, Hold.VANISHED_MANY, DriftOutlook.ASKED),
        (replace(BLOCKED, want=Want.NOT_LISTED), TITLE, Hold.BUDGET, DriftOutlook.HELD),
    ],
    ids=["vanished with many others", "withdrawn above the budget"],
)
def test_what_has_to_pass_the_gate_waits_for_a_person(
    wanted: Wanted, state: State, gate: Hold, expected: DriftOutlook
) -> None:
    evaluation = evaluated(wanted, state)
    (shown,) = drifts_of(state)

    assert outlook_of(shown, evaluation, gate) is expected


def test_every_kind_of_drift_can_be_a_question() -> None:
    assert set(ASKED) == set(DriftKind)
    assert all(ASKED.values())
