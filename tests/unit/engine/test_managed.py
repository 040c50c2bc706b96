"""A facet that begins to be managed is written, though nothing is known of it there."""

from typing import Any

import pytest

from ocop_sync.engine.decide import Decision, Found
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.state import State
from ocop_sync.marketplace.change import Update
from tests.unit.engine.examples import (
    judged,
    kinds_of,
    make_listing,
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
    judgement = judged(make_wanted(), without(facet))

    assert judgement.decision is Decision.CHANGE
    kind = "update" if facet == "content" else f"set_{facet}"
    (planned,) = judgement.changes
    assert planned.change.kind.value == kind
    assert planned.values[facet] == facet_values(make_listing())[facet]


@pytest.mark.parametrize("facet", NUMBERS)
def test_numbers_that_begin_to_be_managed_are_written_for_all_packs(facet: str) -> None:
    wish = packs(A=0, B=5)
    known = {n: v for n, v in facet_values(wish).items() if n != facet}

    judgement = judged(make_wanted(wish), make_state(wish, sent=known, confirmed=known))

    (planned,) = judgement.changes
    assert planned.after == facet_values(wish)[facet]
    assert (planned.before, planned.takes) == ({}, False)


@pytest.mark.parametrize("facet", NUMBERS)
def test_a_facet_of_which_nothing_is_wanted_is_not_written(facet: str) -> None:
    values = {**facet_values(make_listing()), facet: {}}

    judgement = judged(make_wanted(values=values), without(facet))

    assert judgement.decision is Decision.IN_SYNC


@pytest.mark.parametrize("facet", NUMBERS)
def test_it_is_written_before_a_listing_goes_up_again(facet: str) -> None:
    judgement = judged(make_wanted(), without(facet, found=Found.DOWN_BY_US))

    assert kinds_of(judgement) == [f"set_{facet}", "republish"]


@pytest.mark.parametrize("facet", NUMBERS)
def test_a_new_text_writes_the_numbers_that_begin_to_be_managed(facet: str) -> None:
    wish = make_listing(title="Măng khô loại mới")

    judgement = judged(make_wanted(wish), without(facet))

    (update,) = [each for each in judgement.changes if isinstance(each.change, Update)]
    assert update.values[facet] == facet_values(wish)[facet]
