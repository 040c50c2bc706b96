"""From wanted listing and state to changes: which, how urgent, and the holds.

The decision in a situation is tested in test_decision_table.py; the transition by an
answer, in test_transitions.py.
"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy
from ocop_sync.engine.plan.evaluation import Evaluation, Planned, Urgency
from ocop_sync.engine.plan.situation import situation_of
from ocop_sync.engine.state.fingerprints import (
    fingerprint_of_facet,
    fingerprint_of_new,
    fingerprint_of_sent,
)
from ocop_sync.engine.state.quarantine import MOST, RESTS, Failure, Way
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Base, Decision, Differs, Found, Twin, Want
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import (
    Change,
    Create,
    Kind,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim
from tests.factories import AT
from tests.unit.engine.examples import (
    CLAIM,
    WORDS,
    edited_there,
    evaluated,
    kinds_of,
    make_listing,
    make_offer,
    make_state,
    make_wanted,
    never_sent,
    packs,
    unwanted,
)

OLD = facet_values(make_listing())
UNCLAIMED = make_listing(stars=None)
ENDED = make_wanted(UNCLAIMED, want=Want.WITHOUT_CLAIM, cause="E02@2024-02-28")


def the_only(evaluation: Evaluation) -> Planned:
    (planned,) = evaluation.changes
    return planned


def the_change(evaluation: Evaluation) -> Change:
    return the_only(evaluation).change


# How urgent


def test_changes_go_in_the_order_of_what_buyers_and_the_law_need_most() -> None:
    assert [each.name for each in sorted(Urgency)] == [
        "WITHDRAW",
        "STOCK_TO_ZERO",
        "STOCK_DOWN",
        "CLAIM_DOWN",
        "PRICE",
        "STOCK_UP",
        "SELLER_FOR_CREATE",
        "CREATE",
        "STARS_UP",
        "SELLER",
        "CONTENT",
    ]


@pytest.mark.parametrize(
    ("listing", "kind", "urgency", "takes"),
    [
        (packs(A=0, B=5), "set_stock", Urgency.STOCK_TO_ZERO, True),
        (packs(A=1, B=5), "set_stock", Urgency.STOCK_DOWN, False),
        (packs(A=1, B=9), "set_stock", Urgency.STOCK_DOWN, False),
        (packs(A=5, B=9), "set_stock", Urgency.STOCK_UP, False),
        (packs(A=5), "update", Urgency.STOCK_DOWN, False),
        (packs(A=5, B=5, C=5), "update", Urgency.PRICE, False),
        (replace(packs(A=5, B=5), stars=None), "set_stars", Urgency.CLAIM_DOWN, True),
        (
            replace(packs(A=5, B=5), stars=StarClaim(stars=3)),
            "set_stars",
            Urgency.CLAIM_DOWN,
            False,
        ),
        (
            replace(packs(A=5, B=5), stars=StarClaim(stars=5)),
            "set_stars",
            Urgency.STARS_UP,
            False,
        ),
        (
            replace(packs(A=5, B=5), stars=replace(CLAIM, decision="2/QĐ-MẪU")),
            "set_stars",
            Urgency.STARS_UP,
            False,
        ),
        (replace(packs(A=5, B=5), title="Khác"), "update", Urgency.CONTENT, False),
    ],
)
def test_a_change_is_as_urgent_as_what_it_does(
    listing: Listing, kind: str, urgency: Urgency, takes: bool
) -> None:
    wanted = make_wanted(listing, uncounted=frozenset("ABC"))

    planned = the_only(evaluated(wanted, make_state(packs(A=5, B=5))))

    found = (planned.change.kind.value, planned.urgency, planned.removes)
    assert found == (kind, urgency, takes)


def test_a_change_of_price_lies_between_stock_down_and_stock_up() -> None:
    dearer = make_listing(variants=(make_offer(price_vnd=50_000),))

    planned = the_only(evaluated(make_wanted(dearer), make_state()))

    assert (planned.urgency, planned.removes) == (Urgency.PRICE, False)


@pytest.mark.parametrize(
    ("uncounted", "there", "takes"),
    [
        ("", packs(A=5, B=5), False),
        ("B", packs(A=5, B=5), False),
        ("A", packs(A=5, B=5), True),
        ("A", packs(A=1, B=5), True),
        ("A", packs(A=0, B=5), False),
    ],
    ids=["counted", "another was not", "not counted", "the last one", "empty before"],
)
def test_stock_to_zero_takes_from_buyers_what_nobody_has_counted(
    uncounted: str, there: Listing, takes: bool
) -> None:
    wanted = make_wanted(packs(A=0, B=3), uncounted=frozenset(uncounted))

    assert the_only(evaluated(wanted, make_state(there))).removes is takes


def test_a_first_claim_is_stars_up() -> None:
    planned = the_only(evaluated(make_wanted(), make_state(UNCLAIMED)))

    assert (planned.urgency, planned.removes) == (Urgency.STARS_UP, False)


@pytest.mark.parametrize(
    ("stock", "stars", "expected"),
    [
        (3, 3, ["set_stock", "set_stars", "set_price", "update"]),
        (30, 5, ["set_price", "set_stock", "set_stars", "update"]),
    ],
)
def test_the_most_urgent_change_goes_first(
    stock: int, stars: int, expected: list[str]
) -> None:
    listing = make_listing(
        title="Khác",
        variants=(make_offer(price_vnd=50_000, stock=stock),),
        stars=StarClaim(stars=stars),
    )

    assert kinds_of(evaluated(make_wanted(listing), make_state())) == expected


def test_a_new_pack_comes_before_a_price() -> None:
    both = make_listing(
        variants=(make_offer(price_vnd=50_000), make_offer(sku="SP-00001-2"))
    )

    assert kinds_of(evaluated(make_wanted(both), make_state())) == [
        "update",
        "set_price",
    ]


def test_an_ended_claim_goes_from_every_part_at_the_urgency_of_stars() -> None:
    bare = make_listing(stars=None, description="", pictures=())
    wanted = make_wanted(bare, want=Want.WITHOUT_CLAIM)

    changes = evaluated(wanted, make_state()).changes

    assert {each.change.kind for each in changes} == {Kind.SET_STARS, Kind.UPDATE}
    assert {(each.urgency, each.removes) for each in changes} == {
        (Urgency.CLAIM_DOWN, True)
    }


@pytest.mark.parametrize(
    ("before", "claims"),
    [
        pytest.param({"title": "Măng OCOP"}, True, id="title"),
        pytest.param({"description": "Đạt 4 sao."}, True, id="text"),
        pytest.param({"description": "Số 001/QĐ-MẪU."}, True, id="decision"),
        pytest.param({"description": "Đến hết 10/5/2026."}, True, id="end"),
        pytest.param({"attributes": (("Hạng", "OCOP"),)}, True, id="attribute"),
        pytest.param({"pictures": ("https://mau.example/2.jpg",)}, True, id="picture"),
        pytest.param({"description": "Măng chua."}, False, id="other text"),
        pytest.param({"trace_url": ""}, False, id="trace page"),
        pytest.param({"category": "C-I.1.a"}, False, id="category"),
    ],
)
def test_only_what_may_be_a_claim_goes_at_the_urgency_of_stars(
    before: dict[str, Any], claims: bool
) -> None:
    state = make_state(make_listing(**before))

    changes = evaluated(ENDED, state).changes

    (update,) = [each for each in changes if each.change.kind is Kind.UPDATE]
    urgency = Urgency.CLAIM_DOWN if claims else Urgency.CONTENT
    assert (update.urgency, update.removes) == (urgency, claims)


def test_a_text_is_content_while_the_claim_holds() -> None:
    state = make_state(make_listing(description="Đạt 4 sao."))

    planned = the_only(evaluated(make_wanted(), state))

    assert (planned.urgency, planned.removes) == (Urgency.CONTENT, False)


# Only what differs


def test_only_fields_that_differ_are_written() -> None:
    listing = make_listing(title="Khác", pictures=())

    planned = the_only(evaluated(make_wanted(listing), make_state()))

    assert planned.change == Update(
        client_ref="SP-00001",
        ref="M000001",
        listing=listing,
        fields=frozenset({"title", "pictures"}),
    )
    assert planned.before == {
        "title": "Măng khô Mẫu",
        "pictures": ["https://mau.example/1.jpg"],
    }
    assert planned.after == {"title": "Khác", "pictures": []}


def test_only_stocks_that_differ_are_written() -> None:
    planned = the_only(
        evaluated(make_wanted(packs(A=5, B=9)), make_state(packs(A=5, B=5)))
    )

    assert planned.change == SetStock(
        client_ref="SP-00001", ref="M000001", stocks={"B": 9}, version="1"
    )
    assert (planned.before, planned.after) == ({"A": 5, "B": 5}, {"B": 9})
    assert planned.values["stock"] == {"A": 5, "B": 9}


def test_only_prices_that_differ_are_written() -> None:
    two = (make_offer(sku="A"), make_offer(sku="B"))
    dearer = (make_offer(sku="A", price_vnd=50_000), make_offer(sku="B"))

    planned = the_only(
        evaluated(
            make_wanted(make_listing(variants=dearer)),
            make_state(make_listing(variants=two)),
        )
    )

    assert planned.change == SetPrice(
        client_ref="SP-00001", ref="M000001", prices={"A": 50_000}
    )
    assert (planned.before, planned.after) == (
        {"A": 45_000, "B": 45_000},
        {"A": 50_000},
    )
    assert planned.values["price"] == {"A": 50_000, "B": 45_000}


def test_a_claim_is_written_whole() -> None:
    claim = replace(CLAIM, stars=5)

    planned = the_only(evaluated(make_wanted(make_listing(stars=claim)), make_state()))

    assert planned.change == SetStars(client_ref="SP-00001", ref="M000001", stars=claim)
    assert planned.before == OLD["stars"]
    assert planned.after == planned.values["stars"] == OLD["stars"] | {"stars": 5}


def test_a_claim_that_goes_is_written_as_none() -> None:
    planned = the_only(evaluated(ENDED, make_state()))

    assert planned.change == SetStars(client_ref="SP-00001", ref="M000001", stars=None)
    assert (planned.after, planned.values["stars"]) == ({}, {})


def test_packs_come_with_their_price_and_stock_and_go_with_them() -> None:
    state = make_state(packs(A=5, B=5))
    other = make_wanted(packs(B=9, C=7))

    update = evaluated(other, state).changes[0]

    assert update.change.kind is Kind.UPDATE
    assert update.values["stock"] == {"B": 5, "C": 7}
    assert update.values["price"] == {"B": 45_000, "C": 45_000}


def test_a_facet_that_is_not_managed_is_not_written() -> None:
    wanted = make_wanted(UNCLAIMED, values={"price": OLD["price"]})

    assert evaluated(wanted, make_state()).decision is Decision.IN_SYNC


def test_what_is_not_managed_is_no_part_of_what_was_sent() -> None:
    listing = make_listing(title="Khác")
    content = facet_values(listing)["content"]

    planned = the_only(
        evaluated(make_wanted(listing, values={"content": content}), make_state())
    )

    assert planned.values == {**OLD, "content": content}


def test_stock_that_is_not_managed_is_nothing_to_a_listing_that_is_down() -> None:
    wanted = make_wanted(values={"content": OLD["content"]})
    state = make_state(found=Found.DOWN_BY_US, edited=facet_values(edit(Facet.STOCK)))

    assert kinds_of(evaluated(wanted, state)) == ["republish"]


some = st.builds(
    lambda title, stocks, price, stars: replace(
        packs(**stocks),
        title=title,
        variants=tuple(
            make_offer(sku=sku, stock=n, price_vnd=price) for sku, n in stocks.items()
        ),
        stars=stars,
    ),
    st.sampled_from(["Măng", "Nấm"]),
    st.dictionaries(st.sampled_from("ABC"), st.integers(0, 2), min_size=1).map(
        lambda stocks: dict(sorted(stocks.items()))
    ),
    st.sampled_from([45_000, 50_000]),
    st.sampled_from([None, *(StarClaim(stars=n) for n in (3, 4, 5))]),
)


@given(some, some)
def test_each_change_leaves_only_its_own_part_different(
    wanted: Listing, shown: Listing
) -> None:
    before, state = facet_values(shown), make_state(shown)

    changes = evaluated(make_wanted(wanted), state).changes

    assert [p.urgency for p in changes] == sorted(p.urgency for p in changes)
    for planned in changes:
        touched = {n for n, v in planned.values.items() if v != before[n]}
        if planned.change.kind is Kind.UPDATE:
            assert planned.values["content"] == facet_values(wanted)["content"]
        else:
            assert touched == {planned.change.kind.value.removeprefix("set_")}


# Refused


@pytest.mark.parametrize("facet", Facet)
def test_a_refused_facet_is_not_sent_again_until_its_wish_changes(facet: Facet) -> None:
    listing = make_listing(
        title="Khác", variants=(make_offer(price_vnd=1, stock=99),), stars=None
    )
    wanted = make_wanted(listing)
    refused = make_state(
        refused={facet.value: fingerprint_of_facet(facet, facet_values(listing))}
    )
    changed = make_state(refused={facet.value: "another"})

    held, free = evaluated(wanted, refused), evaluated(wanted, changed)

    assert len(held.changes) == 3
    assert set(kinds_of(free)) - set(kinds_of(held)) == {
        "update" if facet is Facet.CONTENT else f"set_{facet.value}"
    }
    assert (held.hold, free.hold) == (Hold.CHANGE_REFUSED, None)


def refused_as(listing: Listing, **differences: Any) -> State:
    """Return the state of a listing that was refused as *listing*."""
    return make_state(
        found=Found.REFUSED,
        refused={"create": fingerprint_of_new(facet_values(listing))},
        problems=WORDS,
        **differences,
    )


def test_what_was_refused_is_held_while_nothing_is_corrected() -> None:
    more_stock = make_wanted(make_listing(variants=(make_offer(stock=99),)))

    evaluation = evaluated(more_stock, refused_as(make_listing()))

    assert evaluation.decision is Hold.REFUSED
    assert (evaluation.changes, evaluation.hold) == ((), Hold.REFUSED)


def test_what_was_refused_is_submitted_again_with_its_content_last() -> None:
    corrected = make_listing(
        description="Viết lại", variants=(make_offer(price_vnd=1, stock=99),)
    )

    evaluation = evaluated(make_wanted(corrected), refused_as(make_listing()))

    assert evaluation.decision is Decision.RESUBMIT
    assert kinds_of(evaluation) == ["set_price", "set_stock", "update"]
    update = evaluation.changes[-1].change
    assert isinstance(update, Update)
    assert update.fields == OLD["content"].keys()


def test_what_was_refused_is_submitted_again_though_only_its_price_differs() -> None:
    dearer = make_wanted(make_listing(variants=(make_offer(price_vnd=1),)))

    evaluation = evaluated(dearer, refused_as(make_listing()))

    assert kinds_of(evaluation) == ["set_price", "update"]


def test_a_facet_that_was_refused_is_not_resubmitted() -> None:
    dearer = make_listing(description="Viết lại", variants=(make_offer(price_vnd=1),))
    state = refused_as(make_listing())
    part = {"price": fingerprint_of_facet(Facet.PRICE, facet_values(dearer))}

    evaluation = evaluated(
        make_wanted(dearer), replace(state, refused={**state.refused, **part})
    )

    assert evaluation.decision is Decision.RESUBMIT
    assert (evaluation.changes, evaluation.hold) == ((), Hold.CHANGE_REFUSED)


def test_what_was_refused_and_left_no_listing_is_created() -> None:
    corrected = make_listing(description="Viết lại")

    change = the_change(
        evaluated(make_wanted(corrected), refused_as(make_listing(), ref=""))
    )

    assert isinstance(change, Create)
    assert change.listing == corrected


@pytest.mark.parametrize(
    ("facet", "urgency"),
    [
        (Facet.CONTENT, Urgency.PRICE),
        (Facet.STARS, Urgency.STARS_UP),
    ],
)
def test_a_facet_that_was_not_managed_so_far_is_written_whole(
    facet: Facet, urgency: Urgency
) -> None:
    state = make_state(confirmed={k: v for k, v in OLD.items() if k != facet})

    planned = the_only(evaluated(make_wanted(), state))

    assert (planned.urgency, planned.removes) == (urgency, False)
    assert planned.values == OLD


def test_a_text_that_changes_takes_nothing_where_stars_are_not_managed() -> None:
    other = make_listing(description="Khác")
    shown, values = (
        {facet: value for facet, value in all_.items() if facet != "stars"}
        for all_ in (OLD, facet_values(other))
    )
    wanted = make_wanted(other, want=Want.WITHOUT_CLAIM, values=values)

    planned = the_only(evaluated(wanted, make_state(confirmed=shown)))

    assert (planned.urgency, planned.removes) == (Urgency.CONTENT, False)


def test_what_is_in_review_counts_as_approved_whatever_showed_before() -> None:
    corrected, edited = make_listing(title="Sửa"), make_listing(title="Khác")
    state = edited_there(
        edited, found=Found.IN_REVIEW, sent=facet_values(corrected), ticket="T-1"
    )

    assert evaluated(make_wanted(), state).state.shown == facet_values(corrected)


# Failed again and again


DEARER_AND_MORE = make_wanted(
    make_listing(variants=(make_offer(price_vnd=50_000, stock=11),)), mapping_version=3
)


def failing(evaluation: Evaluation, kind: Kind, way: Way = Way.REFUSED) -> State:
    """Return the state once the change of that kind has failed as it is."""
    (planned,) = [each for each in evaluation.changes if each.change.kind is kind]
    of = fingerprint_of_sent(planned.change, planned.values, 3)
    failure = Failure(of=of, error="e", way=way, words="", times=MOST, at=AT)
    return replace(evaluation.state, failures={kind: failure})


def test_what_fails_again_and_again_is_left_and_the_rest_goes() -> None:
    before = evaluated(DEARER_AND_MORE, make_state())

    after = evaluated(DEARER_AND_MORE, failing(before, Kind.SET_PRICE))

    assert kinds_of(before) == ["set_price", "set_stock"]
    assert (kinds_of(after), after.hold) == (["set_stock"], Hold.QUARANTINED)


def test_what_has_failed_is_tried_again_when_it_is_another_or_has_rested() -> None:
    state = failing(evaluated(DEARER_AND_MORE, make_state()), Kind.SET_PRICE)
    unanswered = failing(
        evaluated(DEARER_AND_MORE, make_state()), Kind.SET_PRICE, Way.UNANSWERED
    )
    mapped_anew = replace(DEARER_AND_MORE, mapping_version=4)

    for evaluation in (
        evaluated(mapped_anew, state),
        evaluated(DEARER_AND_MORE, unanswered, now=AT + RESTS[Way.UNANSWERED]),
    ):
        assert kinds_of(evaluation) == ["set_price", "set_stock"]
        assert evaluation.hold is None


def test_what_may_only_follow_what_fails_does_not_go_without_it() -> None:
    down = make_state(found=Found.DOWN_BY_US)
    before = evaluated(DEARER_AND_MORE, down)

    after = evaluated(DEARER_AND_MORE, failing(before, Kind.SET_STOCK))

    assert kinds_of(before) == ["set_price", "set_stock", "republish"]
    assert (kinds_of(after), after.hold) == (["set_price"], Hold.QUARANTINED)


# Edited there


def edit(facet: Facet) -> Listing:
    return {
        Facet.CONTENT: make_listing(title="Sửa"),
        Facet.PRICE: make_listing(variants=(make_offer(price_vnd=1),)),
        Facet.STOCK: make_listing(variants=(make_offer(stock=99),)),
        Facet.STARS: make_listing(stars=StarClaim(stars=5)),
    }[facet]


@pytest.mark.parametrize("facet", Facet)
@pytest.mark.parametrize(
    ("policy", "written", "hold"),
    [
        (Policy.REPAIR, True, None),
        (Policy.ACCEPT, False, None),
        (Policy.ASK, False, Hold.EDITED_THERE),
    ],
)
def test_what_somebody_edited_follows_the_policy_of_its_facet(
    facet: Facet, policy: Policy, written: bool, hold: Hold | None
) -> None:
    evaluation = evaluated(
        make_wanted(),
        edited_there(edit(facet)),
        policy={each: policy if each is facet else Policy.ASK for each in Facet},
    )

    assert evaluation.decision is Decision.REPAIR
    written = written or facet is Facet.STOCK  # more than there is is never left
    assert (len(evaluation.changes), evaluation.hold) == (int(written), hold)


def test_stars_and_stock_are_repaired_and_the_rest_is_asked() -> None:
    assert DEFAULT_POLICY == {
        Facet.STARS: Policy.REPAIR,
        Facet.STOCK: Policy.REPAIR,
        Facet.PRICE: Policy.ASK,
        Facet.CONTENT: Policy.ASK,
    }


def test_an_edit_of_one_facet_does_not_stop_the_others() -> None:
    wish = make_wanted(make_listing(variants=(make_offer(price_vnd=50_000),)))

    evaluation = evaluated(wish, edited_there(edit(Facet.CONTENT)))

    assert kinds_of(evaluation) == ["set_price"]
    assert evaluation.hold is Hold.EDITED_THERE


def test_an_edit_to_what_is_wanted_needs_nothing() -> None:
    wish = make_listing(title="Sửa")

    evaluation = evaluated(make_wanted(wish), edited_there(edit(Facet.CONTENT)))

    assert (evaluation.decision, evaluation.hold) == (Decision.IN_SYNC, None)


def test_a_repair_is_told_with_what_it_replaces() -> None:
    evaluation = evaluated(make_wanted(), edited_there(edit(Facet.STARS)))

    planned = the_only(evaluation)
    assert planned.before == facet_values(edit(Facet.STARS))["stars"]
    assert (planned.after, planned.urgency) == (OLD["stars"], Urgency.CLAIM_DOWN)


@pytest.mark.parametrize("policy", [Policy.ACCEPT, Policy.ASK])
def test_a_claim_that_has_ended_goes_even_if_it_was_edited_there(
    policy: Policy,
) -> None:
    edited = make_listing(
        title="OCOP 5 sao",
        stars=StarClaim(stars=5),
        variants=(make_offer(price_vnd=1),),
    )

    evaluation = evaluated(
        ENDED, edited_there(edited), policy=dict.fromkeys(Facet, policy)
    )

    assert set(kinds_of(evaluation)) == {"set_stars", "update"}


def written_stocks(
    wanted: Listing,
    there: Listing,
    confirmed: Listing,
    *,
    sales_known: bool = False,
) -> list[dict[str, int]]:
    """Return the stocks that are written over an edit."""
    evaluation = evaluated(
        make_wanted(wanted),
        make_state(confirmed, edited=facet_values(there)),
        sales_known=sales_known,
    )
    changes = [planned.change for planned in evaluation.changes]
    return [dict(change.stocks) for change in changes if isinstance(change, SetStock)]


@pytest.mark.parametrize(
    ("counted", "there", "confirmed", "written"),
    [
        pytest.param(packs(A=5), packs(A=3), packs(A=5), [], id="sold there"),
        pytest.param(packs(A=5), packs(A=9), packs(A=5), [{"A": 5}], id="raised"),
        pytest.param(packs(A=4), packs(A=3), packs(A=5), [], id="new count"),
        pytest.param(packs(A=9), packs(A=3), packs(A=5), [], id="higher count"),
        pytest.param(packs(A=9), packs(A=6), packs(A=5), [{"A": 9}], id="not enough"),
        pytest.param(packs(A=2), packs(A=3), packs(A=5), [{"A": 2}], id="lower count"),
        pytest.param(packs(A=0), packs(A=3), packs(A=5), [{"A": 0}], id="none left"),
        pytest.param(
            packs(A=5, B=5), packs(A=3, B=3), packs(A=5, B=5), [], id="both sold there"
        ),
        pytest.param(
            packs(A=5, B=5),
            packs(A=3, B=9),
            packs(A=5, B=5),
            [{"B": 5}],
            id="one sold, one raised",
        ),
        pytest.param(
            packs(A=5, B=7),
            packs(A=3, B=5),
            packs(A=5, B=5),
            [{"B": 7}],
            id="one sold, one counted",
        ),
    ],
)
def test_stock_that_was_sold_there_is_not_raised_before_sales_are_known(
    counted: Listing, there: Listing, confirmed: Listing, written: object
) -> None:
    assert written_stocks(counted, there, confirmed) == written


def test_what_is_missing_once_sales_are_known_was_no_sale_and_is_put_back() -> None:
    five, three = packs(A=5), packs(A=3)

    assert written_stocks(five, three, five, sales_known=True) == [{"A": 5}]


@pytest.mark.parametrize(
    ("there", "sales_known", "waits"),
    [
        pytest.param(packs(A=3, B=5), False, True, id="perhaps sold there"),
        pytest.param(packs(A=3, B=5), True, False, id="missing there"),
        pytest.param(packs(A=9, B=5), False, False, id="raised there"),
    ],
)
def test_stock_that_is_left_is_waited_for(
    there: Listing, sales_known: bool, waits: bool
) -> None:
    both = packs(A=5, B=5)
    state = make_state(both, edited=facet_values(there))

    evaluation = evaluated(make_wanted(both), state, sales_known=sales_known)

    assert (evaluation.waits, evaluation.hold) == (waits, None)


@given(*[st.lists(st.integers(0, 4), min_size=2, max_size=2)] * 2)
def test_stock_is_never_raised_over_a_sale_that_is_not_known(
    counted: list[int], there: list[int]
) -> None:
    wanted, shown = (packs(A=a, B=b) for a, b in (counted, there))

    for stocks in written_stocks(wanted, shown, wanted):
        assert all(n < facet_values(shown)["stock"][sku] for sku, n in stocks.items())


# New, down, and to be withdrawn


def test_what_is_new_is_created_whole() -> None:
    planned = the_only(evaluated(make_wanted(), never_sent()))

    change = planned.change
    assert isinstance(change, Create)
    assert (change.client_ref, change.listing) == ("SP-00001", make_listing())
    assert (planned.urgency, planned.removes) == (Urgency.CREATE, False)
    assert (planned.before, planned.after, planned.values) == (None, OLD, OLD)


def key_of(
    product_id: str = "SP-00001", marketplace: str = "memory", minutes: int = 0
) -> str:
    wanted = make_wanted(make_listing(client_ref=product_id))
    state = never_sent(product_id=product_id, marketplace=marketplace)
    evaluation = evaluated(wanted, state, now=AT + timedelta(minutes=minutes))
    change = the_change(evaluation)
    assert isinstance(change, Create)
    return change.key


def test_every_intent_to_create_has_a_key_of_its_own() -> None:
    keys = [key_of(), key_of("SP-00002"), key_of(marketplace="khac"), key_of(minutes=1)]

    assert len(set(keys)) == 4
    assert key_of() == keys[0]


def test_what_has_vanished_is_created_anew() -> None:
    evaluation = evaluated(
        make_wanted(), make_state(found=Found.ABSENT, absent_reads=2)
    )

    assert evaluation.decision is Decision.CREATE_ANEW
    assert isinstance(the_change(evaluation), Create)


def test_what_we_took_down_is_republished() -> None:
    planned = the_only(evaluated(make_wanted(), make_state(found=Found.DOWN_BY_US)))

    assert planned.change == Republish(client_ref="SP-00001", ref="M000001")
    assert (planned.urgency, planned.removes, planned.values) == (
        Urgency.CREATE,
        False,
        OLD,
    )
    assert (planned.before, planned.after) == (
        {"found": "down_by_us"},
        {"found": "live"},
    )


def test_what_is_down_is_corrected_before_it_is_on_sale_again() -> None:
    wish = make_listing(title="Khác", variants=(make_offer(stock=1),))

    evaluation = evaluated(make_wanted(wish), make_state(found=Found.DOWN_BY_US))

    assert kinds_of(evaluation) == ["set_stock", "update", "republish"]


@pytest.mark.parametrize("found", [Found.DOWN_BY_US, Found.REFUSED])
def test_what_is_not_on_sale_takes_nothing_from_buyers(found: Found) -> None:
    wish = make_wanted(packs(A=0, B=3), uncounted=frozenset("A"))

    evaluation = evaluated(wish, make_state(packs(A=5, B=5), found=found))

    assert "set_stock" in kinds_of(evaluation)
    assert not any(planned.removes for planned in evaluation.changes)


def test_what_is_down_stays_down_while_a_correction_is_refused() -> None:
    wish = make_listing(title="Khác", variants=(make_offer(stock=1),))
    refused = {"stock": fingerprint_of_facet(Facet.STOCK, facet_values(wish))}

    evaluation = evaluated(
        make_wanted(wish), make_state(found=Found.DOWN_BY_US, refused=refused)
    )

    assert (evaluation.changes, evaluation.hold) == ((), Hold.CHANGE_REFUSED)


def test_what_is_down_is_not_refilled_over_a_sale() -> None:
    sold = make_state(
        packs(A=5, B=5),
        found=Found.DOWN_BY_US,
        edited=facet_values(packs(A=3, B=9)),
    )

    evaluation = evaluated(make_wanted(packs(A=5, B=5)), sold)

    changes = [planned.change for planned in evaluation.changes]
    stocks = [dict(each.stocks) for each in changes if isinstance(each, SetStock)]
    assert stocks == [{"B": 5}]
    assert "republish" in kinds_of(evaluation)


@pytest.mark.parametrize(
    ("here", "there", "moved"),
    [
        ("CS-0001", "CS-0001", False),
        ("CS-0001", "CS-0002", True),
        ("CS-0001", "", False),
        ("", "CS-0002", False),
    ],
)
def test_a_listing_has_moved_if_both_producers_are_known_and_differ(
    here: str, there: str, moved: bool
) -> None:
    situation = situation_of(
        make_wanted(make_listing(seller_ref=here)),
        make_state(seller_ref=there),
        read_whole=True,
        lag_over=True,
    )

    assert situation.moved is moved


def test_a_withdrawal_says_why_in_vietnamese() -> None:
    planned = the_only(evaluated(unwanted(), make_state()))

    assert planned.change == Withdraw(
        client_ref="SP-00001", ref="M000001", reason="Không có giấy mẫu"
    )
    assert (planned.urgency, planned.removes) == (Urgency.WITHDRAW, True)
    assert planned.values == OLD
    assert (planned.before, planned.after) == (
        {"found": "live"},
        {"found": "down_by_us"},
    )


def test_a_submission_is_cancelled_by_its_ticket() -> None:
    state = make_state(found=Found.IN_REVIEW, ref="", ticket="T-1")

    change = the_change(evaluated(unwanted(reason=None), state))

    assert change == Withdraw(client_ref="SP-00001", ref="", reason="", ticket="T-1")


# What is held, and the situation


@pytest.mark.parametrize(
    ("wanted", "state", "hold"),
    [
        pytest.param(
            make_wanted(), make_state(doubled_ref="M000002"), Hold.DOUBLED, id="doubled"
        ),
        pytest.param(
            unwanted(Want.UNKNOWN, problem=Hold.NO_PRICE),
            make_state(doubled_ref="M000002"),
            Hold.DOUBLED,
            id="doubled, no price",
        ),
        pytest.param(
            unwanted(Want.OUT_OF_SCOPE), make_state(), Hold.OUT_OF_SCOPE, id="service"
        ),
        pytest.param(unwanted(Want.NO_PRODUCT), make_state(), Hold.ORPHAN, id="orphan"),
        pytest.param(
            make_wanted(want=Want.UNKNOWN),
            never_sent(),
            Hold.UNKNOWN_FACT,
            id="unknown",
        ),
        pytest.param(
            unwanted(Want.UNKNOWN, problem=Hold.NO_PRICE),
            never_sent(),
            Hold.NO_PRICE,
            id="no price, new",
        ),
        pytest.param(
            unwanted(Want.UNKNOWN, problem=Hold.NO_PRICE),
            make_state(),
            Hold.NO_PRICE,
            id="no price, live",
        ),
        pytest.param(
            make_wanted(want=Want.UNKNOWN), make_state(), None, id="unknown, live"
        ),
        pytest.param(
            make_wanted(), never_sent(twin=Twin.POSSIBLE), Hold.TWIN, id="twin"
        ),
        pytest.param(
            make_wanted(),
            make_state(found=Found.DOWN_BY_PERSON),
            Hold.TAKEN_DOWN,
            id="taken down",
        ),
        pytest.param(
            make_wanted(), make_state(found=Found.BANNED), Hold.BANNED, id="banned"
        ),
        pytest.param(make_wanted(), make_state(), None, id="in sync"),
    ],
)
def test_what_is_held_changes_nothing_and_says_why(
    wanted: Wanted, state: State, hold: Hold | None
) -> None:
    evaluation = evaluated(wanted, state)

    assert (evaluation.changes, evaluation.hold) == ((), hold)
    assert (evaluation.wanted, evaluation.state) == (wanted, state)


def test_what_is_live_is_kept_right_while_a_fact_is_unknown() -> None:
    dearer = make_listing(variants=(make_offer(price_vnd=50_000),))
    wanted = make_wanted(dearer, want=Want.UNKNOWN, problem=Hold.NO_CATEGORY)

    evaluation = evaluated(wanted, make_state())

    assert kinds_of(evaluation) == ["set_price"]
    assert evaluation.hold is Hold.NO_CATEGORY


def test_a_claim_in_the_name_is_held_while_the_rest_of_it_goes() -> None:
    wanted = replace(ENDED, problem=Hold.CLAIM_IN_NAME)

    first, later = (
        evaluated(wanted, make_state()),
        evaluated(wanted, make_state(UNCLAIMED)),
    )

    assert (kinds_of(first), first.hold) == (["set_stars"], Hold.CLAIM_IN_NAME)
    assert (kinds_of(later), later.hold) == ([], Hold.CLAIM_IN_NAME)


@pytest.mark.parametrize(
    ("wanted", "state", "expected"),
    [
        (make_wanted(), make_state(), {"differs": Differs.EQUAL, "base": Base.OURS}),
        (
            make_wanted(make_listing(title="Khác")),
            make_state(),
            {"differs": Differs.FROM_WANTED},
        ),
        (
            make_wanted(),
            edited_there(edit(Facet.PRICE)),
            {"differs": Differs.FROM_BOTH},
        ),
        # An edit that is accepted, or none of our business, is no reason for another.
        (
            make_wanted(values={"price": {"SP-00001-1": 1}}),
            edited_there(edit(Facet.CONTENT)),
            {"differs": Differs.FROM_WANTED},
        ),
        (
            make_wanted(make_listing(title="Khác")),
            make_state(found=Found.REFUSED),
            {"differs": Differs.EQUAL, "found": Found.REFUSED},
        ),
        (unwanted(), make_state(), {"want": Want.NOT_LISTED, "differs": Differs.EQUAL}),
        (make_wanted(), make_state(doubled_ref="M000002"), {"doubled": True}),
        (make_wanted(), make_state(), {"doubled": False, "twin": Twin.NONE}),
        (make_wanted(), never_sent(twin=Twin.SURE), {"twin": Twin.SURE}),
        (make_wanted(), make_state(absent_reads=1), {"absent_twice": False}),
        (make_wanted(), make_state(absent_reads=2), {"absent_twice": True}),
        (make_wanted(), refused_as(make_listing()), {"cured": False}),
        (make_wanted(), refused_as(make_listing(title="Khác")), {"cured": True}),
        (make_wanted(), make_state(awaiting=Kind.UPDATE), {"base": Base.UNANSWERED}),
    ],
)
def test_the_situation_is_read_off_the_values(
    wanted: Wanted, state: State, expected: dict[str, object]
) -> None:
    situation = situation_of(wanted, state, read_whole=True, lag_over=True)

    assert {name: getattr(situation, name) for name in expected} == expected


@pytest.mark.parametrize("found", Found)
@pytest.mark.parametrize("read_whole", [True, False])
def test_what_was_never_sent_is_absent_once_the_account_was_read(
    found: Found, read_whole: bool
) -> None:
    situation = situation_of(
        make_wanted(), never_sent(found=found), read_whole=read_whole, lag_over=True
    )

    assert situation.found is (Found.ABSENT if read_whole else Found.UNREAD)
    assert situation.read_whole is read_whole


@pytest.mark.parametrize(
    ("lag_over", "expected"), [(True, Decision.READ_BACK), (False, Decision.WAIT)]
)
def test_what_was_lost_is_read_back_when_its_lag_is_over(
    lag_over: bool, expected: Decision
) -> None:
    lost = make_state(awaiting=Kind.UPDATE)

    evaluation = evaluated(
        make_wanted(make_listing(title="Khác")), lost, lag_over=lag_over
    )

    assert (evaluation.decision, evaluation.changes) == (expected, ())
