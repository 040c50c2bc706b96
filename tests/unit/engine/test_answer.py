"""An answer that contradicts itself is not believed."""

import pytest

from ocop_sync.engine.state.answer import believed
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted, Unknown
from tests.unit.engine.examples import WORDS, make_change, make_state

LIVE, DOWN, BANNED = RemoteState.LIVE, RemoteState.DOWN, RemoteState.BANNED
IN_REVIEW, REFUSED = RemoteState.IN_REVIEW, RemoteState.REFUSED
PARTS = [Kind.UPDATE, Kind.SET_PRICE, Kind.SET_STOCK, Kind.SET_STARS]
NOT_ENDED = {LIVE, IN_REVIEW, REFUSED, DOWN}


def fitting(kind: Kind, found: Found) -> set[RemoteState]:
    """Return the states of an answer to a change that is believed."""
    return {
        state
        for state in RemoteState
        if not isinstance(
            believed(
                make_state(found=found), make_change(kind), Applied("M1", "2", state)
            ),
            Unknown,
        )
    }


@pytest.mark.parametrize("found", list(Found))
@pytest.mark.parametrize(
    ("kind", "states"),
    [(Kind.CREATE, {LIVE}), (Kind.WITHDRAW, {DOWN}), (Kind.REPUBLISH, {LIVE})],
)
def test_an_act_is_done_only_if_the_answer_shows_it(
    kind: Kind, states: set[RemoteState], found: Found
) -> None:
    assert fitting(kind, found) == states


@pytest.mark.parametrize("kind", PARTS)
@pytest.mark.parametrize(
    ("found", "states"),
    [
        (Found.LIVE, {LIVE}),
        (Found.IN_REVIEW, NOT_ENDED),
        (Found.REFUSED, NOT_ENDED),
        (Found.DOWN_BY_US, {DOWN, LIVE}),
        (Found.DOWN_BY_PERSON, {DOWN}),
        (Found.BANNED, {BANNED}),
    ],
)
def test_a_part_is_changed_only_of_what_is_as_it_was_found(
    kind: Kind, found: Found, states: set[RemoteState]
) -> None:
    assert fitting(kind, found) == states


@pytest.mark.parametrize(
    "answer", [Applied("M1"), Submitted("T-1"), Refused(WORDS), Unknown("mất")]
)
@pytest.mark.parametrize("kind", [Kind.CREATE, Kind.WITHDRAW, *PARTS])
def test_an_answer_that_says_no_state_is_taken_as_it_is(
    kind: Kind, answer: Result
) -> None:
    assert believed(make_state(), make_change(kind), answer) is answer
