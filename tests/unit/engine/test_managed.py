"""A facet that begins to be managed is written, though nothing is known of it there."""

from typing import Any

import pytest

from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.plan.after_read import after_read
from ocop_sync.engine.plan.transitions import after_intent, after_result
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.marketplace.change import Update
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.result import Applied
from tests.factories import AT
from tests.unit.engine.examples import (
    evaluated,
    kinds_of,
    make_listing,
    make_remote,
    make_state,
    make_wanted,
    packs,
)

NUMBERS = ["price", "stock"]


def without(facet: str, **differences: Any) -> State:
    """Return the state of a listing of which *facet* was never written or read."""
    values = facet_values(make_listing())
    known = {name: value for name, value in values.items() if name != facet}
    return make_state(**{"sent": known, "confirmed": known} | differences)


@pytest.mark.parametrize("facet", ["content", *NUMBERS, "stars"])
def test_a_facet_that_begins_to_be_managed_is_written(facet: str) -> None:
    evaluation = evaluated(make_wanted(), without(facet))

    assert evaluation.decision is Decision.CHANGE
    kind = "update" if facet == "content" else f"set_{facet}"
    (planned,) = evaluation.changes
    assert planned.change.kind.value == kind
    assert planned.values[facet] == facet_values(make_listing())[facet]


@pytest.mark.parametrize("facet", NUMBERS)
def test_numbers_that_begin_to_be_managed_are_written_for_all_packs(facet: str) -> None:
    wish = packs(A=0, B=5)
    known = {n: v for n, v in facet_values(wish).items() if n != facet}

    evaluation = evaluated(
        make_wanted(wish), make_state(wish, sent=known, confirmed=known)
    )

    (planned,) = evaluation.changes
    assert planned.after == facet_values(wish)[facet]
    assert (planned.before, planned.removes) == ({}, False)


@pytest.mark.parametrize(("stock", "takes"), [(0, True), (5, False)])
def test_a_stock_that_begins_to_be_managed_may_take_from_buyers(
    stock: int, *, takes: bool
) -> None:
    """Nobody knows how many are on offer: a zero that is no count asks the budget."""
    wish = packs(A=stock)
    known = {n: v for n, v in facet_values(wish).items() if n != "stock"}
    uncounted = make_wanted(wish, uncounted=frozenset({"A"}))

    evaluation = evaluated(uncounted, make_state(wish, sent=known, confirmed=known))

    (planned,) = evaluation.changes
    assert planned.removes == takes


@pytest.mark.parametrize("facet", NUMBERS)
def test_a_facet_of_which_nothing_is_wanted_is_not_written(facet: str) -> None:
    values = {**facet_values(make_listing()), facet: {}}

    evaluation = evaluated(make_wanted(values=values), without(facet))

    assert evaluation.decision is Decision.IN_SYNC


@pytest.mark.parametrize("facet", NUMBERS)
def test_it_is_written_before_a_listing_goes_up_again(facet: str) -> None:
    evaluation = evaluated(make_wanted(), without(facet, found=Found.DOWN_BY_US))

    assert kinds_of(evaluation) == [f"set_{facet}", "republish"]


@pytest.mark.parametrize("facet", NUMBERS)
def test_it_is_evaluated_though_the_first_read_of_it_shows_a_refusal(
    facet: str,
) -> None:
    """What is confirmed stays as it was before; to evaluate it must not end a sync."""
    refused = make_remote(state=RemoteState.REFUSED)
    values = facet_values(refused.shown)
    state = after_read(without(facet), refused, values, AT)
    wish = make_listing(title="Măng khô loại mới")

    evaluation = evaluated(make_wanted(wish), state)

    assert evaluation.decision is Decision.RESUBMIT
    assert kinds_of(evaluation) == ["update"]


@pytest.mark.parametrize("facet", NUMBERS)
def test_what_goes_before_it_does_not_count_as_having_written_it(facet: str) -> None:
    """A content that goes first, as a pack is gone, writes no number of the others."""
    had, wish = packs(A=3, B=5), packs(A=3)
    known = {n: v for n, v in facet_values(had).items() if n != facet}
    state = make_state(had, sent=known, confirmed=known)
    first = evaluated(make_wanted(wish), state).changes[0]

    sent = after_intent(state, first.change, first.values, "memory", AT)
    after = after_result(sent, first.change, Applied(ref=state.ref))

    assert isinstance(first.change, Update)
    assert kinds_of(evaluated(make_wanted(wish), after)) == [f"set_{facet}"]
