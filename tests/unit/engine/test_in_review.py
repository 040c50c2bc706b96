"""A change to a listing on sale that is reviewed first.

Some marketplaces show the old listing meanwhile, some the new one, and some
none. That new listings are reviewed is tested in test_transitions.py.
"""

from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.after_read import after_follow, after_read, is_applied
from ocop_sync.engine.plan.transitions import after_intent, after_result
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Decision, Found, Want
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.listing import Listing, RemoteState
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted
from tests.factories import AT
from tests.unit.engine.examples import (
    WORDS,
    evaluated,
    kinds_of,
    make_listing,
    make_offer,
    make_remote,
    make_state,
    make_wanted,
    never_sent,
    packs,
)

OLD = make_listing()
NEW = make_listing(title="Măng khô Mẫu loại một")
CHANGES = {
    "update": NEW,
    "set_price": make_listing(variants=(make_offer(price_vnd=50_000),)),
    "set_stock": make_listing(variants=(make_offer(stock=3),)),
    "set_stars": make_listing(stars=None),
}
every_change = pytest.mark.parametrize("wish", CHANGES.values(), ids=CHANGES)


TAKEN_IN = Submitted("T-1")


def send(wanted: Wanted, state: State, result: Result = TAKEN_IN) -> State:
    """Return the state after the next change was sent and answered."""
    planned = evaluated(wanted, state).changes[0]
    sent = after_intent(state, planned.change, planned.values, "memory", AT)
    return after_result(sent, planned.change, result)


def in_review(wish: Listing = NEW, **differences: Any) -> State:
    """Return the state of a listing on sale whose change to *wish* is reviewed."""
    return send(make_wanted(wish), make_state(**differences))


def read(before: State, shown: Listing, **differences: Any) -> State:
    remote = make_remote(shown, **differences)
    return after_read(before, remote, facet_values(shown), AT)


@every_change
def test_what_is_in_review_is_not_confirmed(wish: Listing) -> None:
    state = in_review(wish)

    assert (state.found, state.ticket) == (Found.IN_REVIEW, "T-1")
    assert state.confirmed == facet_values(OLD)
    assert state.sent == facet_values(wish)


@every_change
def test_what_is_approved_is_confirmed_by_its_read(wish: Listing) -> None:
    approved = replace(after_follow(in_review(wish), Applied("M000001"), AT), ticket="")

    after = read(approved, wish)

    assert (after.found, after.edited) == (Found.LIVE, None)
    assert after.confirmed == facet_values(wish)
    assert evaluated(make_wanted(wish), after).decision is Decision.IN_SYNC


@every_change
def test_a_refused_change_is_held_with_the_marketplaces_words(wish: Listing) -> None:
    refused = after_follow(in_review(wish), Refused(WORDS), AT)

    after = read(refused, OLD)

    evaluation = evaluated(make_wanted(wish), after)
    assert (evaluation.hold, evaluation.changes) == (Hold.CHANGE_REFUSED, ())
    assert (after.found, after.problems, after.edited) == (Found.LIVE, WORDS, None)


def test_what_was_refused_in_review_is_sent_again_once_it_is_corrected() -> None:
    refused = after_follow(in_review(), Refused(WORDS), AT)

    after = read(refused, OLD)

    assert kinds_of(evaluated(make_wanted(make_listing(title="Khác")), after)) == [
        "update"
    ]


def test_a_change_that_takes_the_listing_off_sale_is_refused_with_it() -> None:
    refused = after_follow(in_review(), Refused(WORDS), AT)

    after = read(refused, NEW, state=RemoteState.REFUSED)

    evaluation = evaluated(make_wanted(NEW), after)
    assert evaluation.decision is Hold.REFUSED
    corrected = evaluated(make_wanted(make_listing(title="Khác")), after)
    assert kinds_of(corrected) == ["update"]


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        pytest.param(OLD, RemoteState.LIVE, id="old one on sale"),
        pytest.param(NEW, RemoteState.LIVE, id="new one on sale"),
        pytest.param(OLD, RemoteState.IN_REVIEW, id="old one off sale"),
        pytest.param(NEW, RemoteState.IN_REVIEW, id="new one off sale"),
    ],
)
@pytest.mark.parametrize(
    ("end", "then", "hold"),
    [
        pytest.param(Applied("M000001"), NEW, None, id="approved"),
        pytest.param(Refused(WORDS), OLD, Hold.CHANGE_REFUSED, id="refused"),
    ],
)
def test_a_read_during_a_review_changes_nothing_of_its_end(
    shown: Listing, state: RemoteState, end: Result, then: Listing, hold: Hold | None
) -> None:
    during = read(in_review(), shown, state=state)
    decided = replace(after_follow(during, end, AT), ticket="")

    evaluation = evaluated(make_wanted(NEW), read(decided, then))

    assert evaluated(make_wanted(NEW), during).decision is Decision.FOLLOW
    assert during.ticket == "T-1"
    assert (evaluation.hold, evaluation.changes) == (hold, ())


@every_change
def test_what_shows_as_before_once_a_review_without_a_ticket_is_over_was_refused(
    wish: Listing,
) -> None:
    after = read(replace(in_review(wish), ticket=""), OLD)

    evaluation = evaluated(make_wanted(wish), after)
    assert (after.found, after.edited) == (Found.LIVE, None)
    assert (evaluation.hold, evaluation.changes) == (Hold.CHANGE_REFUSED, ())


@every_change
def test_what_shows_once_a_review_without_a_ticket_is_over_was_approved(
    wish: Listing,
) -> None:
    after = read(replace(in_review(wish), ticket=""), wish)

    assert (after.found, after.refused) == (Found.LIVE, {})
    assert evaluated(make_wanted(wish), after).decision is Decision.IN_SYNC


def lost_twice(wanted: Wanted, state: State) -> State:
    """Send what is due; its answer and its ticket are lost, and it is refused."""
    planned = evaluated(wanted, state).changes[0]
    version = wanted.mapping_version
    lost = after_intent(
        state, planned.change, planned.values, "memory", AT, mapping_version=version
    )
    return read(read(lost, OLD, state=RemoteState.IN_REVIEW), OLD)


def test_what_was_refused_without_a_ticket_is_sent_again_once_it_has_changed() -> None:
    first = make_wanted(NEW, mapping_version=1)

    refused = lost_twice(first, make_state())

    assert evaluated(first, refused).changes == ()
    corrected = make_wanted(make_listing(title="Khác"), mapping_version=1)
    assert kinds_of(evaluated(corrected, refused)) == ["update"]
    mapped = replace(first, mapping_version=2)
    assert kinds_of(evaluated(mapped, refused)) == ["update"]
    assert evaluated(mapped, lost_twice(mapped, refused)).changes == ()


def test_what_was_lost_during_a_review_without_a_ticket_was_not_refused() -> None:
    """The claim has to go: its change may never have arrived."""
    state = replace(in_review(), ticket="")
    planned = evaluated(ENDED, state).changes[0]
    lost = after_intent(state, planned.change, planned.values, "memory", AT)

    after = read(lost, OLD)

    assert kinds_of(evaluated(ENDED, after))[0] == kinds_of(evaluated(ENDED, state))[0]


def test_an_edit_that_the_marketplace_reviews_by_itself_is_not_written_over() -> None:
    """The claim has ended and goes at once; of the price, a person is asked."""
    pack = make_offer(price_vnd=99_000)
    dearer = read(make_state(), make_listing(variants=(pack,)))
    wanted = make_wanted(make_listing(stars=None), want=Want.WITHOUT_CLAIM)

    reviewed = read(dearer, make_listing(variants=(pack,)), state=RemoteState.IN_REVIEW)

    evaluation = evaluated(wanted, reviewed)
    assert kinds_of(evaluation) == ["set_stars"]
    assert evaluation.hold is Hold.EDITED_THERE


def test_a_review_that_we_have_not_begun_refuses_nothing_of_ours() -> None:
    """Somebody has edited it there; the marketplace looks at it, and lets it be."""
    sua = make_listing(title="Sửa")
    edited = read(make_state(), sua)
    assert evaluated(make_wanted(), edited).hold is Hold.EDITED_THERE

    after = read(read(edited, sua, state=RemoteState.IN_REVIEW), sua)

    assert after.refused == {}
    assert evaluated(make_wanted(), after).hold is Hold.EDITED_THERE


def test_an_edit_during_a_review_without_a_ticket_is_no_refusal_of_another_field() -> (
    None
):
    after = read(replace(in_review(), ticket=""), make_listing(description="Sửa"))

    evaluation = evaluated(make_wanted(NEW), after)
    assert (kinds_of(evaluation), evaluation.hold) == (["update"], Hold.EDITED_THERE)


def test_a_lost_change_that_is_found_in_review_is_awaited() -> None:
    wanted, before = make_wanted(NEW), make_state()
    planned = evaluated(wanted, before).changes[0]
    lost = after_intent(before, planned.change, planned.values, "memory", AT)

    after = read(lost, OLD, state=RemoteState.IN_REVIEW)

    approved = read(after, NEW)
    assert (after.sent, after.confirmed) == (facet_values(NEW), facet_values(OLD))
    assert evaluated(wanted, approved).decision is Decision.IN_SYNC


def test_an_edit_beside_a_change_in_review_is_still_an_edit() -> None:
    wish = CHANGES["set_stars"]
    state = in_review(wish, edited=facet_values(make_listing(title="Sửa")))

    after = read(replace(state, ticket=""), make_listing(title="Sửa", stars=None))

    evaluation = evaluated(make_wanted(wish), after)
    assert (evaluation.hold, evaluation.changes) == (Hold.EDITED_THERE, ())


@pytest.mark.parametrize(
    "state", [RemoteState.IN_REVIEW, RemoteState.REFUSED, RemoteState.DOWN]
)
def test_nothing_is_confirmed_of_what_was_never_on_sale(state: RemoteState) -> None:
    new = send(make_wanted(), never_sent())

    after = read(new, OLD, state=state)

    assert after.confirmed is None
    assert after.shown == facet_values(OLD)


def test_what_is_taken_in_for_review_is_no_longer_refused() -> None:
    after = in_review(refused={"content": "earlier", "price": "p"})

    assert after.refused == {"price": "p"}


def test_a_refusal_in_review_does_not_end_an_earlier_one() -> None:
    before = in_review(refused={"price": "p"})

    after = after_follow(before, Refused(WORDS), AT)

    assert (after.refused["price"], "content" in after.refused) == ("p", True)


def test_what_is_made_anew_and_in_review_was_never_on_sale() -> None:
    gone = make_state(found=Found.ABSENT, absent_reads=2)
    planned = evaluated(make_wanted(NEW), gone).changes[0]
    lost = after_intent(gone, planned.change, planned.values, "memory", AT)

    after = read(lost, NEW, state=RemoteState.IN_REVIEW)

    assert after.confirmed is None
    assert after.shown == facet_values(NEW)


def test_a_lost_change_that_is_in_review_has_arrived() -> None:
    before = make_state()
    planned = evaluated(make_wanted(NEW), before).changes[0]
    lost = after_intent(before, planned.change, planned.values, "memory", AT)

    assert is_applied(lost, read(lost, OLD, state=RemoteState.IN_REVIEW))


def test_a_pack_of_a_refused_change_is_nobodys_edit() -> None:
    two = packs(A=5, B=5)
    reviewed = send(make_wanted(two), make_state(packs(A=5)))
    refused = after_follow(reviewed, Refused(WORDS), AT)

    off_sale = read(refused, two, state=RemoteState.REFUSED)

    on_sale_again = read(off_sale, two)
    assert on_sale_again.edited is None
    assert on_sale_again.confirmed == facet_values(two)


def test_a_sale_after_a_refused_count_is_not_taken_for_the_count() -> None:
    refused = after_follow(
        in_review(make_listing(variants=(make_offer(stock=12),))), Refused(WORDS), AT
    )
    ten, nine = OLD, make_listing(variants=(make_offer(stock=9),))

    after = read(read(refused, ten), nine)

    assert after.confirmed is not None
    assert after.confirmed["stock"] == facet_values(ten)["stock"]


def test_a_part_that_is_corrected_confirms_nothing_of_what_was_never_on_sale() -> None:
    new = send(make_wanted(), never_sent())
    refused = read(
        after_follow(new, Refused(WORDS), AT), OLD, state=RemoteState.REFUSED
    )

    after = send(make_wanted(CHANGES["set_price"]), refused, Applied("M000001"))

    assert after.confirmed is None
    assert after.shown == facet_values(CHANGES["set_price"])


# A claim that ends during a review

ENDED = make_wanted(make_listing(stars=None), want=Want.WITHOUT_CLAIM)


def test_a_claim_that_ends_in_the_first_review_cancels_it() -> None:
    new = send(make_wanted(), never_sent())

    first, read_ = evaluated(ENDED, new), read(new, OLD, state=RemoteState.IN_REVIEW)

    assert kinds_of(first) == kinds_of(evaluated(ENDED, read_)) == ["withdraw"]


def test_what_was_on_sale_stays_without_its_claim() -> None:
    evaluation = evaluated(ENDED, in_review())

    assert evaluation.decision is Decision.CHANGE
    assert kinds_of(evaluation) == ["set_stars", "update"]


@pytest.mark.parametrize("answer", [Submitted("T-2"), Applied("M000001")])
def test_a_claim_taken_off_in_review_is_taken_off_once(answer: Result) -> None:
    wanted = replace(ENDED, values=facet_values(replace(NEW, stars=None)))

    after = send(wanted, in_review(), answer)

    evaluation = evaluated(wanted, after)
    assert (evaluation.decision, evaluation.changes) == (Decision.FOLLOW, ())
    assert after.found is Found.IN_REVIEW


def test_a_refused_clearing_of_a_claim_leaves_the_review_as_it_is() -> None:
    wanted = replace(ENDED, values=facet_values(replace(NEW, stars=None)))

    after = send(wanted, in_review(), Refused(WORDS))

    evaluation = evaluated(wanted, after)
    assert (evaluation.hold, evaluation.changes) == (Hold.CHANGE_REFUSED, ())
    approved = read(replace(after, ticket=""), NEW)
    assert approved.edited is None


def test_a_review_that_cannot_be_cancelled_ends_like_any_other() -> None:
    blocked = replace(ENDED, want=Want.NOT_LISTED)

    after = send(blocked, in_review(), Refused(WORDS))

    assert read(replace(after, ticket=""), NEW).edited is None
