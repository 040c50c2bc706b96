"""The answer to edits: the policy, a person's decision, and fights.

How a policy becomes changes is tested in test_diff.py and test_edited.py.
"""

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_policy import (
    DEFAULT_POLICY,
    FIGHT_RETURNS,
    Policy,
    decision_on,
    fingerprint_of_decision,
    target_of,
)
from ocop_sync.engine.plan.situation import situation_of
from ocop_sync.engine.plan.transitions import after_intent, after_result
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.state.state import DriftDecision, DriftHistory, State
from ocop_sync.engine.terms import Decision, Found, Want
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import SetStock, Update
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim
from ocop_sync.marketplace.result import Applied
from tests.factories import AT
from tests.unit.engine.examples import (
    edited_there,
    evaluated,
    kinds_of,
    make_listing,
    make_offer,
    make_state,
    make_wanted,
)

FIVE = make_listing(stars=StarClaim(stars=5))
TITLE = make_listing(title="Sửa")
PRICE = make_listing(variants=(make_offer(price_vnd=1),))


def told(state: State, wanted: Wanted, field: str, *, ours: bool) -> State:
    """Return *state* after a person has said something of *field*."""
    word = DriftDecision(
        ours=ours, fingerprint=fingerprint_of_decision(wanted, state, field)
    )
    return replace(state, past=replace(state.past, decisions={field: word}))


def fought(state: State, field: str, times: int = FIGHT_RETURNS) -> State:
    return replace(state, past=DriftHistory(repairs={field: times}))


def test_what_a_person_says_was_not_sold_is_put_back_before_sales_are_known() -> None:
    wish, state = (
        make_wanted(),
        edited_there(make_listing(variants=(make_offer(stock=7),))),
    )

    unsaid = evaluated(wish, state)
    said = evaluated(wish, told(state, wish, "stock", ours=True))

    assert (kinds_of(unsaid), unsaid.waits) == ([], True)
    assert (kinds_of(said), said.waits) == (["set_stock"], False)


# Fields of content


def test_a_field_that_was_edited_stays_and_the_others_are_written() -> None:
    wish = make_wanted(make_listing(description="Viết lại"))

    evaluation = evaluated(wish, edited_there(TITLE))

    (planned,) = evaluation.changes
    assert isinstance(planned.change, Update)
    assert planned.change.fields == {"description"}
    assert planned.values["content"]["title"] == "Sửa"
    assert evaluation.hold is Hold.EDITED_THERE


def test_what_was_left_is_still_an_edit_after_the_rest_is_written() -> None:
    wish, state = make_wanted(make_listing(description="Viết lại")), edited_there(TITLE)
    (planned,) = evaluated(wish, state).changes
    sent = after_intent(state, planned.change, planned.values, "memory", AT)

    after = after_result(sent, planned.change, Applied("M000001", "2"))

    assert after.confirmed is not None
    assert after.confirmed["content"]["title"] == "Măng khô Mẫu"
    assert after.confirmed["content"]["description"] == "Viết lại"
    assert evaluated(wish, after).hold is Hold.EDITED_THERE
    assert evaluated(wish, after).changes == ()


# A person's word


@pytest.mark.parametrize(
    ("edit", "field", "kind"),
    [(TITLE, "content.title", "update"), (PRICE, "price", "set_price")],
)
def test_a_word_for_ours_puts_right_what_would_be_asked_about(
    edit: Listing, field: str, kind: str
) -> None:
    wish, state = make_wanted(), edited_there(edit)

    evaluation = evaluated(wish, told(state, wish, field, ours=True))

    assert (kinds_of(evaluation), evaluation.hold) == ([kind], None)


@pytest.mark.parametrize(
    ("edit", "field"),
    [(TITLE, "content.title"), (PRICE, "price"), (FIVE, "stars")],
)
def test_a_word_for_theirs_leaves_it_without_a_question(
    edit: Listing, field: str
) -> None:
    wish, state = make_wanted(), edited_there(edit)

    evaluation = evaluated(wish, told(state, wish, field, ours=False))

    assert (kinds_of(evaluation), evaluation.hold) == ([], None)


def test_a_word_about_one_field_says_nothing_of_another() -> None:
    wish = make_wanted()
    state = edited_there(make_listing(title="Sửa", description="Sửa"))

    evaluation = evaluated(wish, told(state, wish, "content.title", ours=True))

    (planned,) = evaluation.changes
    assert isinstance(planned.change, Update)
    assert planned.change.fields == {"title"}
    assert evaluation.hold is Hold.EDITED_THERE


@pytest.mark.parametrize("ours", [True, False])
def test_a_word_is_void_once_something_else_is_wanted(ours: bool) -> None:
    state = told(edited_there(TITLE), make_wanted(), "content.title", ours=ours)

    evaluation = evaluated(make_wanted(make_listing(title="Mới")), state)

    assert (kinds_of(evaluation), evaluation.hold) == ([], Hold.EDITED_THERE)


@pytest.mark.parametrize("ours", [True, False])
def test_a_word_is_void_once_something_else_is_found(ours: bool) -> None:
    wish = make_wanted()
    state = told(edited_there(TITLE), wish, "content.title", ours=ours)
    again = replace(state, edited=facet_values(make_listing(title="Sửa nữa")))

    evaluation = evaluated(wish, again)

    assert (kinds_of(evaluation), evaluation.hold) == ([], Hold.EDITED_THERE)


def test_a_word_holds_however_a_value_was_put_together() -> None:
    wish = make_wanted()
    state = told(edited_there(PRICE), wish, "price", ours=False)
    edited = state.edited or {}
    two = {"B": 1, "A": 2}
    other = {"A": 2, "B": 1}

    one = replace(state, edited={**edited, "price": two})
    same = replace(state, edited={**edited, "price": other})

    assert fingerprint_of_decision(wish, one, "price") == fingerprint_of_decision(
        wish, same, "price"
    )
    assert decision_on(wish, one, "price") is None


def test_a_word_does_not_keep_a_claim_that_has_ended() -> None:
    bare = make_listing(stars=None)
    ended = make_wanted(bare, want=Want.WITHOUT_CLAIM, stars=None)
    state = edited_there(FIVE)

    evaluation = evaluated(ended, told(state, ended, "stars", ours=False))

    assert kinds_of(evaluation) == ["set_stars"]


def test_a_word_for_ours_puts_stock_up_that_may_have_been_sold() -> None:
    wish = make_wanted()
    state = edited_there(make_listing(variants=(make_offer(stock=3),)))

    asked, said = (
        evaluated(wish, state),
        evaluated(wish, told(state, wish, "stock", ours=True)),
    )

    assert kinds_of(asked) == []
    (planned,) = said.changes
    assert isinstance(planned.change, SetStock)
    assert planned.change.stocks == {"SP-00001-1": 10}


# Taken down, or gone

DOWN = make_state(found=Found.DOWN_BY_PERSON)
GONE = make_state(found=Found.ABSENT, absent_reads=2)


def test_what_was_taken_down_goes_up_again_by_a_persons_word() -> None:
    wish = make_wanted()

    evaluation = evaluated(wish, told(DOWN, wish, DriftKind.TAKEN_DOWN, ours=True))

    assert evaluation.decision is Decision.REPUBLISH
    assert (kinds_of(evaluation), evaluation.hold) == (["republish"], None)


def test_what_was_taken_down_stays_so_by_a_persons_word() -> None:
    wish = make_wanted()

    evaluation = evaluated(wish, told(DOWN, wish, DriftKind.TAKEN_DOWN, ours=False))

    assert (kinds_of(evaluation), evaluation.hold) == ([], Hold.LEFT)


@pytest.mark.parametrize("edit", [TITLE, PRICE], ids=["title", "price"])
def test_what_goes_up_by_a_word_does_not_write_over_what_was_edited(
    edit: Listing,
) -> None:
    wish, state = make_wanted(), replace(edited_there(edit), found=DOWN.found)

    evaluation = evaluated(wish, told(state, wish, DriftKind.TAKEN_DOWN, ours=True))

    assert (kinds_of(evaluation), evaluation.hold) == ([], Hold.EDITED_THERE)


def test_what_is_gone_is_not_made_anew_if_a_person_leaves_it_so() -> None:
    wish = make_wanted()

    free, left = (
        evaluated(wish, GONE),
        evaluated(wish, told(GONE, wish, DriftKind.VANISHED, ours=False)),
    )

    assert free.decision is Decision.CREATE_ANEW
    assert (kinds_of(left), left.hold) == ([], Hold.LEFT)


@pytest.mark.parametrize("state", [DOWN, GONE], ids=["down", "gone"])
def test_a_word_about_a_whole_listing_outlasts_its_stock_but_not_its_price(
    state: State,
) -> None:
    wish = make_wanted()
    kind = DriftKind.TAKEN_DOWN if state is DOWN else DriftKind.VANISHED
    said = told(state, wish, kind, ours=False)
    stock = make_wanted(make_listing(variants=(make_offer(stock=3),)))

    assert evaluated(stock, said).hold is Hold.LEFT
    assert evaluated(make_wanted(PRICE), said).hold is not Hold.LEFT


def test_what_a_person_took_down_is_withdrawn_by_nobody_once_it_is_not_wanted() -> None:
    wish = make_wanted()
    said = told(DOWN, wish, DriftKind.TAKEN_DOWN, ours=True)

    evaluation = evaluated(replace(wish, want=Want.NOT_LISTED), said)

    assert evaluation.decision is Decision.NOTHING


def test_a_word_about_what_was_taken_down_is_void_once_it_is_live_again() -> None:
    wish = make_wanted()
    said = told(DOWN, wish, DriftKind.TAKEN_DOWN, ours=False)

    evaluation = evaluated(wish, replace(said, found=Found.LIVE))

    assert evaluation.decision is Decision.IN_SYNC


def test_a_word_about_what_is_down_is_void_once_it_is_edited_there() -> None:
    wish = make_wanted()
    said = told(DOWN, wish, DriftKind.TAKEN_DOWN, ours=False)

    evaluation = evaluated(wish, replace(said, edited=facet_values(TITLE)))

    assert evaluation.hold is Hold.TAKEN_DOWN


def test_a_word_about_what_is_down_is_void_once_it_is_gone() -> None:
    wish = make_wanted()
    said = told(DOWN, wish, DriftKind.TAKEN_DOWN, ours=False)

    evaluation = evaluated(wish, replace(said, found=Found.ABSENT, absent_reads=2))

    assert evaluation.decision is Decision.CREATE_ANEW


# Fights


@pytest.mark.parametrize(
    ("times", "kinds", "hold"),
    [(FIGHT_RETURNS - 1, ["set_stars"], None), (FIGHT_RETURNS, [], Hold.FOUGHT)],
)
def test_what_was_put_right_so_often_is_asked_about(
    times: int, kinds: list[str], hold: Hold | None
) -> None:
    evaluation = evaluated(make_wanted(), fought(edited_there(FIVE), "stars", times))

    assert (kinds_of(evaluation), evaluation.hold) == (kinds, hold)


def test_a_fight_about_a_field_is_none_about_its_neighbour() -> None:
    policy = dict.fromkeys(Facet, Policy.REPAIR)
    state = fought(
        edited_there(make_listing(title="Sửa", description="Sửa")), "content.title"
    )

    evaluation = evaluated(make_wanted(), state, policy=policy)

    (planned,) = evaluation.changes
    assert isinstance(planned.change, Update)
    assert planned.change.fields == {"description"}
    assert evaluation.hold is Hold.FOUGHT


def test_a_fight_does_not_stop_what_nobody_edited() -> None:
    wish = make_wanted(make_listing(variants=(make_offer(price_vnd=50_000),)))

    evaluation = evaluated(wish, fought(edited_there(FIVE), "stars"))

    assert kinds_of(evaluation) == ["set_price"]


def test_a_fight_does_not_keep_a_claim_that_has_ended() -> None:
    bare = make_listing(stars=None)
    ended = make_wanted(bare, want=Want.WITHOUT_CLAIM, stars=None)

    evaluation = evaluated(ended, fought(edited_there(FIVE), "stars"))

    assert kinds_of(evaluation) == ["set_stars"]


def test_in_a_fight_about_stock_it_is_lowered_and_never_raised() -> None:
    packs = (make_offer(sku="A", stock=10), make_offer(sku="B", stock=10))
    there = (make_offer(sku="A", stock=99), make_offer(sku="B", stock=3))
    state = make_state(
        make_listing(variants=packs),
        edited=facet_values(make_listing(variants=there)),
    )

    evaluation = evaluated(
        make_wanted(make_listing(variants=packs)), fought(state, "stock")
    )

    (planned,) = evaluation.changes
    assert isinstance(planned.change, SetStock)
    assert planned.change.stocks == {"A": 10}


def test_a_word_ends_the_question_of_a_fight() -> None:
    wish, state = make_wanted(), fought(edited_there(FIVE), "stars")

    evaluation = evaluated(wish, told(state, wish, "stars", ours=True))

    assert (kinds_of(evaluation), evaluation.hold) == (["set_stars"], None)


@pytest.mark.parametrize("policy", [Policy.ASK, Policy.ACCEPT])
def test_stock_that_is_wanted_lower_is_lowered_whatever_the_policy(
    policy: Policy,
) -> None:
    wish = make_wanted(make_listing(variants=(make_offer(stock=4),)))
    state = edited_there(make_listing(variants=(make_offer(stock=99),)))

    target = target_of(wish, state, {**DEFAULT_POLICY, Facet.STOCK: policy})

    assert target.values["stock"] == {"SP-00001-1": 4}


def test_what_was_accepted_there_ends_with_the_next_change_of_ours() -> None:
    accepted = {**DEFAULT_POLICY, Facet.PRICE: Policy.ACCEPT}
    wish = make_listing(variants=(make_offer(price_vnd=2),))

    kept = target_of(make_wanted(), edited_there(PRICE), accepted)
    written = target_of(make_wanted(wish), edited_there(PRICE), accepted)

    assert kept.values["price"] == facet_values(PRICE)["price"]
    assert written.values["price"] == facet_values(wish)["price"]


def test_a_new_certificate_is_written_once_also_in_a_fight_about_stars() -> None:
    three = make_wanted(make_listing(stars=StarClaim(stars=3)))
    state = fought(edited_there(FIVE), "stars")

    assert evaluated(make_wanted(), state).hold is Hold.FOUGHT
    assert kinds_of(evaluated(three, state)) == ["set_stars"]


@pytest.mark.parametrize(
    ("times", "decision", "hold"),
    [
        (FIGHT_RETURNS - 1, Decision.CREATE_ANEW, None),
        (FIGHT_RETURNS, Hold.TAKEN_DOWN, Hold.FOUGHT),
    ],
)
def test_what_is_gone_again_and_again_is_not_made_anew_unasked(
    times: int, decision: Decision, hold: Hold | None
) -> None:
    evaluation = evaluated(make_wanted(), fought(GONE, "vanished", times))

    assert (evaluation.decision, evaluation.hold) == (decision, hold)


def test_what_is_gone_again_is_looked_for_again_before_anything_else() -> None:
    once = make_state(found=Found.ABSENT, absent_reads=1)

    evaluation = evaluated(make_wanted(), fought(once, "vanished"))

    assert evaluation.decision is Decision.READ_AGAIN


def test_what_is_down_and_fought_about_is_not_put_up() -> None:
    state = fought(replace(edited_there(FIVE), found=Found.DOWN_BY_US), "stars")

    evaluation = evaluated(make_wanted(), state)

    assert (kinds_of(evaluation), evaluation.hold) == ([], Hold.FOUGHT)


def test_where_both_are_so_an_edit_is_asked_about_before_a_fight() -> None:
    both = make_listing(title="Sửa", stars=StarClaim(stars=5))

    evaluation = evaluated(make_wanted(), fought(edited_there(both), "stars"))

    assert evaluation.hold is Hold.EDITED_THERE


def test_what_no_word_and_no_fight_concerns_was_found_as_it_was_read() -> None:
    for found in Found:
        state = make_state(found=found)
        situation = situation_of(make_wanted(), state, True, True)
        assert situation.found is found
