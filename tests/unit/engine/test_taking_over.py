"""A listing that is taken over: its content first, and nothing else before that.

How one comes to be taken over is tested in tests/integration/test_adopted.py.
"""

from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.adoption import once_taken_over
from ocop_sync.engine.plan.after_read import after_read, is_applied
from ocop_sync.engine.plan.evaluate import evaluate_listing
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.plan.situation import situation_of
from ocop_sync.engine.plan.transitions import after_intent, after_result
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Base, Decision, Found, Twin, Want
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import Kind, Update
from ocop_sync.marketplace.listing import Listing, RemoteState
from ocop_sync.marketplace.result import Applied, Refused, Submitted, Unknown
from tests.factories import AT
from tests.unit.engine.examples import (
    WORDS,
    kinds_of,
    make_listing,
    make_offer,
    make_remote,
    make_state,
    make_wanted,
    unwanted,
)

BY_HAND = make_listing(
    client_ref="",
    title="Măng khô nhà làm",
    stars=None,
    variants=(make_offer(price_vnd=40_000, stock=99),),
)
"""What somebody has made: it differs in every facet."""


def by_hand(listing: Listing = BY_HAND, **differences: Any) -> State:
    """Return the state of a listing that is to be taken over, and was read."""
    state = make_state(listing, product_id="SP-00001", twin=Twin.TAKING_OVER)
    return replace(state, twin_ref=state.ref, **differences)


def evaluated(
    state: State, wanted: Wanted | None = None, *, writes_reference: bool = False
) -> Evaluation:
    return evaluate_listing(
        wanted or make_wanted(),
        state,
        read_whole=True,
        lag_over=True,
        now=AT,
        writes_reference=writes_reference,
    )


def sent(state: State, **how: Any) -> tuple[State, Update]:
    """Return the state with the intent of what takes it over, and that change."""
    (planned,) = evaluated(state, **how).changes
    assert isinstance(planned.change, Update)
    values = planned.values
    return after_intent(state, planned.change, values, "memory", AT), planned.change


@pytest.mark.parametrize("writes_reference", [True, False])
def test_all_of_its_content_goes_first_and_alone(*, writes_reference: bool) -> None:
    evaluation = evaluated(by_hand(), writes_reference=writes_reference)

    (planned,) = evaluation.changes
    assert evaluation.decision is Decision.ADOPT
    assert isinstance(planned.change, Update)
    assert planned.change.fields == {"title"} | (
        {"client_ref"} if writes_reference else set()
    )
    assert planned.change.listing.client_ref == "SP-00001"


def test_once_it_is_done_all_else_follows() -> None:
    state, change = sent(by_hand())

    after = after_result(state, change, Applied("M000001"))

    assert after.twin is Twin.NONE
    assert kinds_of(evaluated(after)) == ["set_stock", "set_price", "set_stars"]


@pytest.mark.parametrize(
    ("found", "wants"),
    [
        pytest.param(found, want, id=f"{found}, {want}")
        for found in (Found.LIVE, Found.IN_REVIEW)
        for want in Want
        if want is not Want.LISTED
    ],
)
def test_nothing_is_taken_from_what_is_not_ours_yet(found: Found, wants: Want) -> None:
    wish = (
        make_wanted(make_listing(stars=None), want=wants)
        if wants in (Want.WITHOUT_CLAIM, Want.UNKNOWN)
        else unwanted(wants)
    )

    evaluation = evaluated(by_hand(found=found), wish)

    assert evaluation.changes == ()


def test_stock_is_not_lowered_where_nothing_is_ours() -> None:
    wish = replace(unwanted(), at_most={"SP-00001-1": 1})

    evaluation = evaluated(by_hand(), wish)

    assert (evaluation.decision, evaluation.changes) == (Decision.NOTHING, ())


@pytest.mark.parametrize("writes_reference", [True, False])
def test_a_refusal_leaves_it_as_it_is_and_is_not_asked_for_again(
    *, writes_reference: bool
) -> None:
    state, change = sent(by_hand(), writes_reference=writes_reference)

    after = after_result(state, change, Refused(WORDS))
    evaluation = evaluated(after, writes_reference=writes_reference)

    assert after.twin is Twin.TAKING_OVER
    assert (evaluation.changes, evaluation.hold) == ((), Hold.CHANGE_REFUSED)


def test_a_refusal_is_over_once_the_wish_is_another() -> None:
    state, change = sent(by_hand())
    refused = after_result(state, change, Refused(WORDS))

    evaluation = evaluated(refused, make_wanted(make_listing(title="Măng khô")))

    assert kinds_of(evaluation) == ["update"]


def test_without_an_answer_it_is_read_back_and_nothing_else_goes() -> None:
    state, change = sent(by_hand())

    after = after_result(state, change, Unknown("lost"))
    evaluation = evaluated(after)

    assert (evaluation.decision, evaluation.changes) == (Decision.READ_BACK, ())


@pytest.mark.parametrize(
    ("shown", "is_ours"),
    [
        pytest.param(BY_HAND, False, id="as it was"),
        pytest.param(replace(BY_HAND, title="Măng khô Mẫu"), True, id="as it was sent"),
        pytest.param(replace(BY_HAND, client_ref="SP-00001"), True, id="our reference"),
        pytest.param(replace(BY_HAND, title="Khác"), False, id="edited by hand"),
    ],
)
def test_what_is_read_back_says_whether_it_is_ours(
    shown: Listing, *, is_ours: bool
) -> None:
    state, change = sent(by_hand(), writes_reference=True)
    lost = after_result(state, change, Unknown("lost"))

    after = after_read(lost, make_remote(shown), facet_values(shown), AT)

    assert (after.twin is Twin.NONE) is is_ours
    assert (after.awaiting, after.sent is not None) == (None, True)
    if not is_ours:
        assert (after.edited, after.confirmed) == (None, facet_values(shown))


@pytest.mark.parametrize(
    ("client_ref", "done"), [pytest.param("", False), pytest.param("SP-00001", True)]
)
def test_our_reference_alone_tells_whether_it_arrived(
    client_ref: str, *, done: bool
) -> None:
    same = by_hand(replace(make_listing(), client_ref=""))
    state, change = sent(same, writes_reference=True)
    lost = after_result(state, change, Unknown("lost"))
    shown = make_listing(client_ref=client_ref)

    after = after_read(lost, make_remote(shown), facet_values(shown), AT)

    assert change.fields == {"client_ref"}
    assert is_applied(lost, after) is done


def test_while_it_is_reviewed_nothing_else_goes() -> None:
    state, change = sent(by_hand())

    after = after_result(state, change, Submitted("T-1"))

    assert after.twin is Twin.TAKING_OVER
    assert evaluated(after).changes == ()
    ours = replace(BY_HAND, title="Măng khô Mẫu")
    approved = after_read(
        replace(after, ticket=""), make_remote(ours), facet_values(ours), AT
    )
    assert approved.twin is Twin.NONE


def test_one_that_was_in_review_when_it_was_found_is_not_ours_when_it_is_approved() -> (
    None
):
    found = by_hand(found=Found.IN_REVIEW, confirmed=None)

    after = after_read(found, make_remote(BY_HAND), facet_values(BY_HAND), AT)

    assert after.twin is Twin.TAKING_OVER
    assert kinds_of(evaluated(after)) == ["update"]


def test_what_its_seller_edits_meanwhile_is_nobodys_edit() -> None:
    edit = replace(BY_HAND, description="Khác", variants=(make_offer(stock=3),))

    after = after_read(by_hand(), make_remote(edit), facet_values(edit), AT)

    assert (after.edited, after.twin) == (None, Twin.TAKING_OVER)
    (planned,) = evaluated(after).changes
    assert isinstance(planned.change, Update)
    assert planned.change.fields == {"title", "description"}


def test_content_that_cannot_be_composed_leaves_it_as_it_is() -> None:
    wish = make_wanted(want=Want.UNKNOWN, problem=Hold.NO_PICTURE, listing=None)

    evaluation = evaluated(by_hand(), wish)

    assert (evaluation.hold, evaluation.changes) == (Hold.NO_PICTURE, ())


def test_one_that_was_taken_down_goes_up_only_once_it_is_ours() -> None:
    evaluation = evaluated(by_hand(found=Found.DOWN_BY_US))

    assert kinds_of(evaluation) == ["update"]


def test_one_that_is_down_and_as_wanted_is_put_on_sale_at_once() -> None:
    same = by_hand(replace(make_listing(), client_ref=""), found=Found.DOWN_BY_US)

    ours = once_taken_over(make_wanted(), same, writes_reference=False)

    assert kinds_of(evaluated(ours)) == ["republish"]


@pytest.mark.parametrize("found", [Found.IN_REVIEW, Found.ABSENT])
def test_what_is_not_known_for_certain_is_not_ours_yet(found: Found) -> None:
    same = by_hand(replace(make_listing(), client_ref=""), found=found)

    after = once_taken_over(make_wanted(), same, writes_reference=False)

    assert after.twin is Twin.TAKING_OVER


def test_one_that_was_refused_there_is_submitted_with_all_of_its_content() -> None:
    evaluation = evaluated(by_hand(found=Found.REFUSED, refused={"content": "x"}))

    (planned,) = evaluation.changes
    assert isinstance(planned.change, Update)
    assert {"title", "pictures", "variants"} <= planned.change.fields


def test_nothing_is_written_where_all_shows_and_there_is_no_place_for_ours() -> None:
    same = by_hand(replace(make_listing(), client_ref=""))

    here = once_taken_over(make_wanted(), same, writes_reference=False)
    there = once_taken_over(make_wanted(), same, writes_reference=True)

    assert (here.twin, evaluated(here).decision) == (Twin.NONE, Decision.IN_SYNC)
    (planned,) = evaluated(there, writes_reference=True).changes
    assert isinstance(planned.change, Update)
    assert planned.change.fields == {"client_ref"}


def test_one_that_is_gone_is_made_anew() -> None:
    gone = by_hand(found=Found.ABSENT, absent_reads=2)

    assert kinds_of(evaluated(gone)) == ["create"]


@pytest.mark.parametrize("found", Found)
@pytest.mark.parametrize("awaiting", [None, Kind.UPDATE])
def test_no_situation_is_of_one_that_is_taken_over(
    found: Found, awaiting: Kind | None
) -> None:
    state = by_hand(found=found, awaiting=awaiting)

    situation = situation_of(make_wanted(), state, read_whole=True, lag_over=True)

    assert situation.twin in (Twin.NONE, Twin.SURE)
    assert (situation.twin is Twin.SURE) is (situation.base is Base.NEVER_SENT)


@pytest.mark.parametrize("state", [RemoteState.DOWN, RemoteState.BANNED])
def test_one_that_is_down_is_not_ours_either(state: RemoteState) -> None:
    after = after_read(
        by_hand(), make_remote(BY_HAND, state=state), facet_values(BY_HAND), AT
    )

    assert after.twin is Twin.TAKING_OVER
    assert evaluated(after).changes == ()
