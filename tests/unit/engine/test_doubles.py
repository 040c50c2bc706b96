"""Which of several listings of ours stays, and the changes of the others.

That it is carried out is tested in tests/integration/test_doubles.py.
"""

from datetime import timedelta
from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.plan.doubles import fingerprint_of_kept, proposed, with_doubles
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.state.look_up import AGAIN_AFTER, after_look, to_look_up
from ocop_sync.engine.state.state import (
    Double,
    DriftDecision,
    DriftHistory,
    Look,
    State,
)
from ocop_sync.engine.state.stock import offered_at_most
from ocop_sync.engine.terms import Found, Want
from ocop_sync.marketplace.listing import RemoteState
from tests.factories import AT
from tests.unit.engine.examples import (
    evaluated,
    make_listing,
    make_offer,
    make_remote,
    make_state,
    make_wanted,
    never_sent,
)

FIRST, SECOND, THIRD = "M000001", "M000002", "M000010"
SKU = make_offer().sku


def stocked(n: int) -> Any:
    return make_listing(variants=(make_offer(stock=n),))


def make_double(n: int = 5, **differences: Any) -> Double:
    double = Double(ref=SECOND, found=Found.LIVE, values=facet_values(stocked(n)))
    return replace(double, **differences)


def doubled(*doubles: Double, shows: int = 5, **differences: Any) -> State:
    """Return the state of a product with second listings, by default one."""
    doubles = doubles or (make_double(),)
    given = {"doubles": doubles, "doubled_ref": doubles[0].ref}
    return make_state(stocked(shows), **given | differences)


def writes(evaluation: Evaluation) -> list[tuple[str, str, bool]]:
    """Return the changes of an evaluation: what, to which listing, whether it takes."""
    return [
        (each.change.kind.value, getattr(each.change, "ref", ""), each.removes)
        for each in evaluation.changes
    ]


@pytest.mark.parametrize(
    ("before", "states", "stays"),
    [
        pytest.param(make_state(ref=SECOND), {}, SECOND, id="the one we knew"),
        pytest.param(never_sent(), {}, FIRST, id="the lowest number"),
        pytest.param(
            make_state(), {FIRST: RemoteState.DOWN}, SECOND, id="the one on sale"
        ),
        pytest.param(
            never_sent(), {FIRST: RemoteState.IN_REVIEW}, SECOND, id="one that sells"
        ),
        pytest.param(
            make_state(),
            {FIRST: RemoteState.IN_REVIEW},
            FIRST,
            id="the one we knew, with a change in review",
        ),
        pytest.param(
            make_state(),
            dict.fromkeys((FIRST, SECOND, THIRD), RemoteState.DOWN),
            FIRST,
            id="none is on sale",
        ),
    ],
)
def test_one_is_proposed_to_stay(
    before: State, states: dict[str, RemoteState], stays: str
) -> None:
    found = [
        make_remote(ref=ref, state=states.get(ref, RemoteState.LIVE))
        for ref in (THIRD, SECOND, FIRST)
    ]

    assert proposed(before, found).ref == stays


def test_the_one_that_a_person_has_chosen_goes_before_all_others() -> None:
    found = [make_remote(ref=ref) for ref in (FIRST, SECOND)]

    assert proposed(make_state(), found, fingerprint_of_kept(SECOND)).ref == SECOND
    gone = [make_remote(ref=FIRST), make_remote(ref=SECOND, state=RemoteState.DOWN)]
    assert proposed(make_state(), gone, fingerprint_of_kept(SECOND)).ref == FIRST


def test_the_other_one_stops_selling_outside_the_budget() -> None:
    evaluation = evaluated(make_wanted(stocked(5)), doubled())

    assert writes(evaluation) == [("set_stock", SECOND, False)]
    assert evaluation.hold == "doubled"


@pytest.mark.parametrize(
    "double",
    [
        pytest.param(make_double(0), id="it offers nothing"),
        pytest.param(make_double(pending=True), id="it was written to, no answer"),
    ],
)
def test_it_is_written_to_once(double: Double) -> None:
    assert writes(evaluated(make_wanted(stocked(5)), doubled(double))) == []


def test_more_is_offered_only_by_one_alone() -> None:
    wanted = make_wanted(stocked(9))

    assert writes(evaluated(wanted, doubled())) == [("set_stock", SECOND, False)]
    assert writes(evaluated(wanted, doubled(make_double(pending=True)))) == []
    assert writes(evaluated(wanted, doubled(make_double(0)))) == [
        ("set_stock", FIRST, False)
    ]


@pytest.mark.parametrize("found", [Found.BANNED, Found.DOWN_BY_PERSON, Found.REFUSED])
def test_while_the_first_is_off_sale_nothing_is_taken_from_the_other(
    found: Found,
) -> None:
    assert writes(evaluated(make_wanted(stocked(5)), doubled(found=found))) == []


def test_a_verdict_ends_both_and_counts_them_in_the_budget() -> None:
    wanted = make_wanted(stocked(5), want=Want.NOT_LISTED)

    ends = writes(evaluated(wanted, doubled()))
    left = writes(evaluated(wanted, doubled(found=Found.DOWN_BY_US)))

    assert ends == [("withdraw", FIRST, True), ("withdraw", SECOND, True)]
    assert left == [("withdraw", SECOND, True)]


def test_of_what_is_not_in_the_catalog_nothing_is_written() -> None:
    wanted = replace(make_wanted(), want=Want.NO_PRODUCT, values=None, listing=None)

    assert writes(evaluated(wanted, doubled())) == []


def test_a_person_ends_the_others() -> None:
    word = DriftDecision(ours=True, fingerprint=fingerprint_of_kept(FIRST))
    past = DriftHistory(decisions={DriftKind.DOUBLED.value: word})

    evaluation = evaluated(make_wanted(stocked(5)), doubled(past=past))

    assert writes(evaluation) == [("withdraw", SECOND, False)]


def test_what_the_others_offer_counts_for_all_marketplaces() -> None:
    assert offered_at_most(doubled(shows=5)) == {SKU: 10}
    assert offered_at_most(doubled(found=Found.BANNED)) == {SKU: 5}


def test_at_another_account_nothing_is_known_but_that_it_is_there() -> None:
    before = make_state(doubled_ref="shop-2/M7")

    after = with_doubles(before, before, [])

    assert (after.doubled_ref, after.doubles) == ("shop-2/M7", ())


def test_one_in_review_is_looked_up_until_that_is_over() -> None:
    """Nobody tells that it has been approved: its ticket is not ours."""
    in_review = to_look_up(doubled(make_double(found=Found.IN_REVIEW)), AT)
    state = in_review
    for n in range(1, 4):
        state = after_look(state, AT + n * AGAIN_AFTER)
        assert (state.look, state.look_at) == (Look.LAST, AT + (n + 1) * AGAIN_AFTER)

    over = after_look(doubled(look=Look.LAST, look_at=AT), AT + timedelta(hours=1))
    assert over.look is None


def test_a_listing_without_a_name_may_be_the_second_that_was_not_seen() -> None:
    before = doubled(make_double(), make_double(ref=THIRD))
    third = make_remote(stocked(5), ref=THIRD)

    after = with_doubles(before, before, [(third, facet_values(stocked(5)))], {""})
    read = with_doubles(before, before, [(third, facet_values(stocked(5)))])

    assert {(each.ref, each.pending) for each in after.doubles} == {
        (SECOND, True),
        (THIRD, False),
    }
    assert [each.ref for each in read.doubles] == [THIRD]


def test_a_second_listing_that_stays_has_not_become_the_one_without_a_name() -> None:
    before = doubled()

    after = with_doubles(before, replace(before, ref=SECOND), [], {""})

    assert (after.doubles, after.doubled_ref) == ((), "")
