"""The transitions of a state by intents, answers and reads, and of a whole life.

The decisions are tested in test_decision_table.py and test_diff.py; here only that a
life comes to an end, and that none leads where no rule foresees.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import product, starmap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.values import names_of, replace
from ocop_sync.engine.facet import Values, facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.after_read import after_follow, after_read, after_unreadable
from ocop_sync.engine.plan.transitions import after_intent, after_not_sent, after_result
from ocop_sync.engine.state.fingerprints import (
    fingerprint_of_act,
    fingerprint_of_facet,
    fingerprint_of_new,
)
from ocop_sync.engine.state.state import DriftHistory, State
from ocop_sync.engine.terms import Base, Decision, Found, Twin, Want
from ocop_sync.engine.wanted.wanted import Wanted, no_product
from ocop_sync.marketplace.change import Change, Create, Kind
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import (
    Facet,
    Listing,
    Problem,
    RemoteListing,
    RemoteState,
    StarClaim,
    Unreadable,
)
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted, Unknown
from tests.factories import AT
from tests.unit.engine.examples import (
    WORDS,
    WRITES,
    edited_there,
    evaluated,
    make_change,
    make_listing,
    make_offer,
    make_remote,
    make_state,
    make_wanted,
    never_sent,
    packs,
    unwanted,
)

LATER = AT + timedelta(hours=1)
OTHER = make_listing(
    title="Măng khô Mẫu loại một",
    variants=(make_offer(price_vnd=50_000, stock=3),),
    stars=StarClaim(stars=5),
)
OLD, NEW = facet_values(make_listing()), facet_values(OTHER)
KINDS = [Kind.CREATE, *FACET_OF, Kind.WITHDRAW, Kind.REPUBLISH]
ANSWERS: dict[str, Result] = {
    "applied": Applied("M000001", "2"),
    "submitted": Submitted("T-1"),
    "refused": Refused(WORDS),
    "unknown": Unknown("mất câu trả lời"),
}
BEFORE = {
    Kind.CREATE: never_sent(
        read_at=AT,
        absent_reads=1,
        edited=OLD,
        problems=(Problem(code="cu", message="Cũ"),),
        refused={"create": "cu"},
        twin=Twin.SURE,
        twin_ref="M000007",
    ),
    Kind.REPUBLISH: make_state(found=Found.DOWN_BY_US),
}


def values_after(kind: Kind) -> Values:
    """Return all values as a change of that kind leaves them."""
    if kind is Kind.CREATE:
        return NEW
    facet = FACET_OF.get(kind)
    return OLD | ({facet.value: NEW[facet]} if facet else {})


def intended(kind: Kind, **differences: Any) -> State:
    """Return the state in which a change of that kind has just been sent."""
    before = replace(BEFORE.get(kind, make_state()), **differences)
    change = make_change(kind, OTHER)
    return after_intent(before, change, values_after(kind), "memory", AT)


MADE: dict[str, object] = {
    "read_at": None,
    "absent_reads": 0,
    "edited": None,
    "problems": (),
    "refused": {},
    "twin": Twin.NONE,
    "twin_ref": "",
    "stock_at": {"SP-00001-1": AT},
}
EXPECTED: dict[tuple[Kind, str], dict[str, object]] = {
    (Kind.CREATE, "applied"): {
        "found": Found.LIVE,
        "ref": "M000001",
        "version": "2",
        "confirmed": NEW,
        **MADE,
    },
    (Kind.CREATE, "submitted"): {"found": Found.IN_REVIEW, "ticket": "T-1", **MADE},
    (Kind.CREATE, "refused"): {
        "found": Found.REFUSED,
        "problems": WORDS,
        "refused": {"create": fingerprint_of_new(NEW)},
    },
    (Kind.WITHDRAW, "applied"): {"found": Found.DOWN_BY_US, "version": ""},
    (Kind.REPUBLISH, "applied"): {
        "found": Found.LIVE,
        "version": "",
        "read_at": None,
    },
    (Kind.REPUBLISH, "submitted"): {"found": Found.IN_REVIEW, "ticket": "T-1"},
}
for each, facet_ in FACET_OF.items():
    is_stock = each is Kind.SET_STOCK
    # A version that answers anything else may hide what was sold before it.
    version = {"version": "2" if is_stock else ""}
    since = {"stock_at": {"SP-00001-1": AT}} if is_stock else {}
    written = {"confirmed": OLD | {facet_.value: NEW[facet_]}}
    EXPECTED |= {
        (each, "applied"): {**version, **since, **written},
        (each, "submitted"): {"found": Found.IN_REVIEW, "ticket": "T-1", **since},
        (each, "refused"): {
            "sent": OLD,
            "problems": WORDS,
            "refused": {facet_.value: fingerprint_of_facet(facet_, NEW)},
        },
    }
for each in (Kind.WITHDRAW, Kind.REPUBLISH):
    EXPECTED[each, "refused"] = {
        "problems": WORDS,
        "refused": {each.value: fingerprint_of_act(make_change(each, OTHER), OLD)},
    }


@pytest.mark.parametrize(
    ("kind", "answer"), EXPECTED, ids=lambda each: getattr(each, "value", each)
)
def test_an_answer_to_a_change(kind: Kind, answer: str) -> None:
    sent = intended(kind)

    after = after_result(sent, make_change(kind, OTHER), ANSWERS[answer])

    assert after == replace(sent, awaiting=None, **EXPECTED[kind, answer])  # type: ignore[arg-type] # the table holds fields of State


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_leaves_the_state_awaiting(kind: Kind) -> None:
    sent = intended(kind)

    after = after_result(sent, make_change(kind), ANSWERS["unknown"])

    assert after == sent
    assert after.base is Base.UNANSWERED


def test_a_withdrawal_that_is_only_submitted_is_not_done() -> None:
    sent = intended(Kind.WITHDRAW)

    after = after_result(sent, make_change(Kind.WITHDRAW), ANSWERS["submitted"])

    assert after == sent


def test_every_answer_to_every_change_is_in_the_table() -> None:
    pairs = {(kind, answer) for kind in KINDS for answer in ANSWERS}
    elsewhere = {(kind, "unknown") for kind in KINDS} | {(Kind.WITHDRAW, "submitted")}

    assert EXPECTED.keys() == pairs - elsewhere


@pytest.mark.parametrize("kind", KINDS)
def test_an_intent_is_written_down_before_it_is_sent(kind: Kind) -> None:
    before = make_state(account="", seller_ref="CS-0009", edited=OLD)
    # A new listing is made under the producer that the product has now, and has
    # nothing to do with an earlier one.
    new = {"seller_ref": "CS-0001", "confirmed": None, "edited": None}

    after = after_intent(before, make_change(kind), NEW, "tai-khoan", LATER)

    assert after == replace(
        before,
        awaiting=kind,
        sent=NEW,
        sent_at=LATER,
        account="tai-khoan",
        **(new if kind is Kind.CREATE else {}),  # type: ignore[arg-type] # fields of State
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_sent_leaves_no_trace_but_the_account(kind: Kind) -> None:
    before = BEFORE.get(kind, make_state(account=""))
    sent = after_intent(before, make_change(kind), NEW, "tai-khoan", AT)

    assert after_not_sent(before, sent) == replace(before, account="tai-khoan")


def test_a_submission_may_come_with_a_reference() -> None:
    after = after_result(
        intended(Kind.CREATE), make_change(Kind.CREATE), Submitted("T-1", "M000005")
    )

    assert (after.ticket, after.ref) == ("T-1", "M000005")


def test_an_answer_without_a_reference_keeps_the_one_that_is_known() -> None:
    change = make_change(Kind.SET_STOCK)

    after = after_result(intended(Kind.SET_STOCK), change, Applied(""))

    assert (after.ref, after.version) == ("M000001", "")


def test_cancelling_a_submission_that_left_nothing_behind_unmakes_it() -> None:
    in_review = never_sent(
        found=Found.IN_REVIEW, ticket="T-1", sent=NEW, confirmed=NEW, edited=OLD
    )
    sent = after_intent(in_review, make_change(Kind.WITHDRAW), NEW, "memory", AT)

    after = after_result(sent, make_change(Kind.WITHDRAW), Applied(""))

    assert after.base is Base.NEVER_SENT
    assert (after.found, after.ticket) == (Found.ABSENT, "")
    assert after.shown == {}


def test_cancelling_a_submission_that_has_a_listing_takes_it_down() -> None:
    sent = intended(Kind.WITHDRAW, found=Found.IN_REVIEW, ticket="T-1")

    after = after_result(sent, make_change(Kind.WITHDRAW), ANSWERS["applied"])

    assert (after.found, after.ticket) == (Found.DOWN_BY_US, "")
    assert after.base is Base.OURS


def test_what_is_written_over_an_edit_ends_only_that_part_of_it() -> None:
    sent = intended(Kind.SET_PRICE, edited=facet_values(make_listing(title="Sửa")))

    after = after_result(sent, make_change(Kind.SET_PRICE), ANSWERS["applied"])

    assert after.shown["price"] == NEW["price"]
    assert after.shown["content"]["title"] == "Sửa"


def test_packs_that_come_with_an_update_bring_price_and_stock_along() -> None:
    two = facet_values(
        make_listing(variants=(make_offer(), make_offer(sku="SP-00001-2", stock=3)))
    )
    sent = after_intent(make_state(), make_change(Kind.UPDATE), two, "memory", AT)

    after = after_result(sent, make_change(Kind.UPDATE), ANSWERS["applied"])

    assert after.confirmed == two


def test_packs_bring_along_only_what_is_managed() -> None:
    part = {"content": NEW["content"], "price": NEW["price"]}
    sent = after_intent(make_state(), make_change(Kind.UPDATE), part, "memory", AT)

    after = after_result(sent, make_change(Kind.UPDATE), ANSWERS["applied"])

    assert after.confirmed == OLD | part


@pytest.mark.parametrize("answer", ["applied", "refused"])
def test_another_facet_of_what_was_refused_does_not_cure_it(answer: str) -> None:
    as_new = {"create": fingerprint_of_new(OLD)}
    sent = intended(Kind.SET_PRICE, found=Found.REFUSED, refused=as_new)

    after = after_result(sent, make_change(Kind.SET_PRICE), ANSWERS[answer])

    price = (
        {"price": fingerprint_of_facet(Facet.PRICE, NEW)} if answer == "refused" else {}
    )
    assert (after.found, after.refused) == (Found.REFUSED, as_new | price)


@pytest.mark.parametrize("answer", ["applied", "refused"])
def test_a_refused_listing_stays_refused_as_it_was_submitted_last(answer: str) -> None:
    parts = {"create": fingerprint_of_new(OLD), "price": "p"}
    sent = intended(Kind.UPDATE, found=Found.REFUSED, refused=parts)

    after = after_result(sent, make_change(Kind.UPDATE), ANSWERS[answer])

    assert after.found is Found.REFUSED
    assert after.refused == {
        **parts,
        "create": fingerprint_of_new(values_after(Kind.UPDATE)),
    }
    assert after.read_at == (None if answer == "applied" else AT)
    assert after.shown == (values_after(Kind.UPDATE) if answer == "applied" else OLD)
    assert after.sent == after.shown
    assert after.problems == (() if answer == "applied" else WORDS)


def test_words_of_a_refusal_stay_until_nothing_is_refused() -> None:
    both = {"price": "p", "stock": "s"}
    sent = intended(Kind.SET_PRICE, refused=both, problems=WORDS)
    once = after_result(sent, make_change(Kind.SET_PRICE), ANSWERS["applied"])
    again = after_intent(once, make_change(Kind.SET_STOCK), NEW, "memory", AT)

    twice = after_result(again, make_change(Kind.SET_STOCK), ANSWERS["applied"])

    assert (once.refused, once.problems) == ({"stock": "s"}, WORDS)
    assert (twice.refused, twice.problems) == ({}, ())


def test_refusals_of_several_facets_are_remembered_side_by_side() -> None:
    sent = intended(Kind.SET_PRICE, refused={"stock": "s"})

    after = after_result(sent, make_change(Kind.SET_PRICE), ANSWERS["refused"])

    assert after.refused == {
        "stock": "s",
        "price": fingerprint_of_facet(Facet.PRICE, NEW),
    }


def test_a_refused_change_leaves_what_the_marketplace_shows() -> None:
    edit = facet_values(make_listing(title="Sửa"))
    values, change = edit | {"price": NEW["price"]}, make_change(Kind.SET_PRICE)
    sent = after_intent(make_state(edited=edit), change, values, "memory", AT)

    after = after_result(sent, make_change(Kind.SET_PRICE), ANSWERS["refused"])

    assert after.sent == after.shown == edit


def test_a_refused_create_leaves_no_listing_behind() -> None:
    gone = make_state(found=Found.ABSENT, absent_reads=2)
    sent = after_intent(gone, make_change(Kind.CREATE), NEW, "memory", AT)

    after = after_result(sent, make_change(Kind.CREATE), ANSWERS["refused"])

    assert after.ref == ""


def test_more_stock_makes_no_refused_listing_acceptable() -> None:
    more = facet_values(make_listing(variants=(make_offer(stock=99),)))
    dearer = facet_values(make_listing(variants=(make_offer(price_vnd=1),)))

    assert fingerprint_of_new(more) == fingerprint_of_new(OLD)
    assert fingerprint_of_new(dearer) != fingerprint_of_new(OLD)


# What became of a submission


def submitted(**differences: Any) -> State:
    given = {"found": Found.IN_REVIEW, "ticket": "T-1", "sent": NEW}
    return never_sent(**given | differences)


@pytest.mark.parametrize(
    ("answer", "changed"),
    [
        pytest.param(Submitted("T-1"), {}, id="still in review"),
        # Live only once it is read: until then it is followed on.
        pytest.param(Applied("M000005"), {"ref": "M000005"}, id="approved"),
        pytest.param(
            Refused(WORDS),
            {
                "found": Found.REFUSED,
                "ticket": "",
                "read_at": LATER,
                "problems": WORDS,
                "refused": {"create": fingerprint_of_new(NEW)},
            },
            id="refused",
        ),
        # It was there once: only a second look says that it is gone.
        pytest.param(
            Unknown("không còn"),
            {"found": Found.ABSENT, "ticket": "", "absent_reads": 1},
            id="no longer known",
        ),
    ],
)
def test_what_became_of_a_submission(
    answer: Result, changed: dict[str, object]
) -> None:
    before = submitted()

    assert after_follow(before, answer, LATER) == replace(before, **changed)  # type: ignore[arg-type] # the table holds fields of State


def test_a_submission_whose_listing_is_known_is_followed_by_its_ticket() -> None:
    before = submitted(ref="M000005")

    assert after_follow(before, Submitted("T-1"), LATER) == before


def test_a_submission_that_is_not_known_is_looked_for_by_its_listing() -> None:
    before = submitted(ref="M000005")

    assert after_follow(before, Unknown("?"), LATER) == replace(before, ticket="")


# Reads


def read(before: State, shown: Listing | None = None, **differences: Any) -> State:
    remote = make_remote(shown, **differences)
    return after_read(before, remote, facet_values(remote.shown), LATER)


@pytest.mark.parametrize(
    ("state", "before", "found"),
    [
        (RemoteState.LIVE, make_state(), Found.LIVE),
        (RemoteState.LIVE, make_state(found=Found.DOWN_BY_US), Found.LIVE),
        (RemoteState.IN_REVIEW, make_state(), Found.IN_REVIEW),
        (RemoteState.REFUSED, make_state(), Found.REFUSED),
        (RemoteState.BANNED, make_state(found=Found.DOWN_BY_US), Found.BANNED),
        (RemoteState.DOWN, make_state(), Found.DOWN_BY_PERSON),
        (RemoteState.DOWN, never_sent(), Found.DOWN_BY_PERSON),
        (RemoteState.DOWN, make_state(found=Found.DOWN_BY_US), Found.DOWN_BY_US),
        (RemoteState.DOWN, intended(Kind.WITHDRAW), Found.DOWN_BY_US),
        (RemoteState.DOWN, intended(Kind.REPUBLISH), Found.DOWN_BY_US),
        (RemoteState.DOWN, intended(Kind.SET_PRICE), Found.DOWN_BY_PERSON),
    ],
)
def test_a_read_says_what_is_found(
    state: RemoteState, before: State, found: Found
) -> None:
    after = read(replace(before, absent_reads=2), state=state)

    assert (after.found, after.read_at, after.absent_reads) == (found, LATER, 0)


@pytest.mark.parametrize("kind", [*FACET_OF])
def test_a_lost_change_that_shows_was_applied(kind: Kind) -> None:
    values, facet = values_after(kind), FACET_OF[kind]
    lost = intended(kind)

    after = after_read(lost, make_remote(), values, LATER)

    assert after.base is Base.OURS
    assert (after.confirmed, after.edited) == (values, None)
    assert after.confirmed is not None
    assert after.confirmed[facet] == NEW[facet]


@pytest.mark.parametrize("kind", [*FACET_OF])
def test_a_lost_change_that_does_not_show_is_sent_again(kind: Kind) -> None:
    wanted = make_wanted(OTHER, values=values_after(kind))

    after = read(intended(kind))

    assert (after.sent, after.confirmed, after.edited) == (OLD, OLD, None)
    assert [p.change.kind for p in evaluated(wanted, after).changes] == [kind]


def test_a_lost_create_that_is_found_is_ours() -> None:
    after = read(intended(Kind.CREATE), OTHER, ref="M000005", version="3")

    assert (after.base, after.ref, after.version) == (Base.OURS, "M000005", "3")
    assert after.sent == after.confirmed == NEW
    assert after.edited is None


def test_a_lost_create_that_is_not_there_was_never_made() -> None:
    gone = make_state(found=Found.ABSENT, absent_reads=2, ticket="T-0")
    lost = after_intent(gone, make_change(Kind.CREATE), NEW, "memory", AT)

    after = after_read(lost, None, {}, LATER)

    assert after.base is Base.NEVER_SENT
    assert (after.ref, after.ticket, after.shown) == ("", "", {})
    assert (after.found, after.read_at) == (Found.ABSENT, LATER)


def test_a_lost_change_to_a_listing_that_is_gone_counts_its_absence() -> None:
    edit = facet_values(make_listing(title="Sửa"))

    once = after_read(intended(Kind.UPDATE, edited=edit), None, {}, AT)
    twice = after_read(once, None, {}, LATER)

    assert [once.absent_reads, twice.absent_reads] == [1, 2]
    assert (twice.base, twice.found) == (Base.OURS, Found.ABSENT)
    assert (twice.edited, twice.read_at) == (None, LATER)


def test_an_edit_is_kept_apart_from_what_was_confirmed() -> None:
    edit = make_listing(title="Sửa")

    after = read(make_state(), edit)

    assert (after.confirmed, after.edited) == (OLD, facet_values(edit))
    assert after.shown == facet_values(edit)


def test_an_edit_that_is_undone_is_forgotten() -> None:
    edited = edited_there(make_listing(title="Sửa"))

    assert read(edited).edited is None


def test_an_edit_beside_a_lost_change_is_still_seen() -> None:
    edit = replace(OTHER, title="Sửa", stars=make_listing().stars)

    after = read(intended(Kind.SET_PRICE), edit)

    assert after.confirmed is not None
    assert after.confirmed["price"] == NEW["price"]
    assert after.confirmed["content"] == OLD["content"]
    assert after.edited == facet_values(edit)


def test_what_is_adopted_counts_as_sent_and_confirmed_as_it_is() -> None:
    after = read(never_sent(), OTHER, ref="M000005")

    assert after.base is Base.OURS
    assert after.sent == after.confirmed == NEW
    assert after.edited is None


def test_a_read_of_what_was_sent_does_not_replace_it() -> None:
    assert read(submitted()).sent == NEW


def test_what_was_created_anew_is_nobodys_edit() -> None:
    gone = make_state(found=Found.ABSENT, absent_reads=2)
    sent = after_intent(gone, make_change(Kind.CREATE), NEW, "memory", AT)
    in_review = after_result(sent, make_change(Kind.CREATE), Submitted("T-1"))

    after = read(in_review, OTHER, ref="M000005")

    assert after.edited is None
    assert after.confirmed == NEW


@pytest.mark.parametrize("state", RemoteState)
def test_a_ticket_is_followed_only_while_in_review(state: RemoteState) -> None:
    after = read(submitted(), state=state)

    assert after.ticket == ("T-1" if state is RemoteState.IN_REVIEW else "")


def test_the_marketplaces_last_words_are_kept() -> None:
    told = read(make_state(), state=RemoteState.BANNED, problems=WORDS)

    assert told.problems == WORDS
    assert read(told).problems == WORDS


def test_a_refusal_that_is_read_is_of_what_was_sent() -> None:
    sent = make_state(sent=NEW, refused={"price": "p"})

    ours = read(sent, state=RemoteState.REFUSED)
    adopted = read(never_sent(), state=RemoteState.REFUSED)

    assert ours.refused == {"price": "p", "create": fingerprint_of_new(NEW)}
    assert adopted.refused == {"create": fingerprint_of_new(OLD)}


def test_a_lost_create_that_is_found_refused_was_refused_as_it_was_sent() -> None:
    lost = replace(intended(Kind.CREATE), refused={})

    after = read(lost, state=RemoteState.REFUSED)

    assert after.refused == {"create": fingerprint_of_new(NEW)}


@pytest.mark.parametrize(
    ("shown", "refused"),
    [
        pytest.param(
            OTHER, fingerprint_of_new(values_after(Kind.UPDATE)), id="applied"
        ),
        pytest.param(make_listing(), fingerprint_of_new(OLD), id="not applied"),
    ],
)
def test_a_lost_correction_counts_as_refused_only_if_it_was_applied(
    shown: Listing, refused: str
) -> None:
    lost = intended(
        Kind.UPDATE, found=Found.REFUSED, refused={"create": fingerprint_of_new(OLD)}
    )

    after = read(lost, shown, state=RemoteState.REFUSED)

    assert after.refused == {"create": refused}


@pytest.mark.parametrize("before", [{}, {"create": "earlier"}])
def test_a_lost_create_that_is_refused_with_other_values_is_not_cured_by_reading(
    before: dict[str, str],
) -> None:
    lost = replace(intended(Kind.CREATE), refused=before)

    once = read(lost, state=RemoteState.REFUSED)
    twice = read(once, state=RemoteState.REFUSED)

    assert once.refused == twice.refused == {"create": fingerprint_of_new(NEW)}
    assert evaluated(make_wanted(OTHER), twice).hold is Hold.REFUSED


def test_what_is_submitted_again_and_refused_was_refused_as_it_is_now() -> None:
    first = refused_listing(ref="M000001")
    sent = after_intent(first, make_change(Kind.UPDATE), NEW, "memory", AT)
    in_review = after_result(sent, make_change(Kind.UPDATE), Submitted("T-2"))

    after = read(in_review, OTHER, state=RemoteState.REFUSED)

    assert after.refused == {
        "create": fingerprint_of_new(NEW),
        "content": fingerprint_of_facet(Facet.CONTENT, NEW),
    }


REFUSALS = {"create": "c", "withdraw": "w", "republish": "r"} | {
    facet.value: "f" for facet in Facet
}


@pytest.mark.parametrize(
    ("state", "ended"),
    [
        pytest.param(RemoteState.LIVE, {"create", "republish"}, id="on sale"),
        pytest.param(RemoteState.DOWN, {"create", "withdraw"}, id="down"),
        pytest.param(RemoteState.REFUSED, {"withdraw", "republish"}, id="refused"),
        pytest.param(
            RemoteState.BANNED, {"create", "withdraw", "republish"}, id="banned"
        ),
    ],
)
def test_a_refusal_stays_while_what_it_was_about_stands(
    state: RemoteState, ended: set[str]
) -> None:
    after = read(make_state(refused=REFUSALS), state=state)

    assert after.refused.keys() == REFUSALS.keys() - ended


@pytest.mark.parametrize("kind", [Kind.WITHDRAW, Kind.REPUBLISH])
def test_what_is_accepted_is_no_longer_refused(kind: Kind) -> None:
    sent = intended(kind, refused={kind.value: "p", "price": "p"}, problems=WORDS)

    after = after_result(sent, make_change(kind), ANSWERS["applied"])

    assert (after.refused, after.problems) == ({"price": "p"}, WORDS)


values_drawn = st.sampled_from([OLD, NEW, facet_values(make_listing(stars=None))])
states = st.builds(
    State,
    product_id=st.just("SP-00001"),
    marketplace=st.just("memory"),
    ref=st.sampled_from(["", "M000001"]),
    ticket=st.sampled_from(["", "T-1"]),
    found=st.sampled_from(Found),
    absent_reads=st.integers(0, 3),
    awaiting=st.none() | st.sampled_from(KINDS),
    sent=st.none() | values_drawn,
    confirmed=st.none() | values_drawn,
    edited=st.none() | values_drawn,
    refused=st.dictionaries(
        st.sampled_from(["create", "price", "withdraw"]), st.text()
    ),
)
remotes = st.builds(
    make_remote,
    st.sampled_from([make_listing(), OTHER]),
    state=st.sampled_from(RemoteState),
)


@given(states, st.none() | remotes)
def test_after_a_read_nothing_is_awaited(
    before: State, remote: RemoteListing | None
) -> None:
    shown = facet_values(remote.shown) if remote else {}

    after = after_read(before, remote, shown, LATER)

    assert after.awaiting is None
    assert after.found is not Found.UNREAD
    # What shows during a review is no more than that.
    told = remote is not None and after.found is not Found.IN_REVIEW
    assert not told or after.shown == shown


@given(states, remotes)
def test_reading_twice_says_no_more_than_reading_once(
    before: State, remote: RemoteListing
) -> None:
    shown = facet_values(remote.shown)
    once = after_read(before, remote, shown, LATER)
    twice = after_read(once, remote, shown, LATER)

    assert twice == once


def test_of_what_is_new_nothing_is_remembered() -> None:
    state = State(product_id="SP-00001", marketplace="memory")

    told = {name for name in names_of(State) if getattr(state, name)}
    assert told - {"past"} == {"product_id", "marketplace", "found", "twin"}
    assert state.past == DriftHistory()
    assert (state.found, state.twin) == (Found.UNREAD, Twin.NONE)


@pytest.mark.parametrize(
    ("differences", "base"),
    [
        ({}, Base.NEVER_SENT),
        ({"sent": OLD}, Base.OURS),
        ({"sent": OLD, "awaiting": Kind.SET_PRICE}, Base.UNANSWERED),
        ({"awaiting": Kind.CREATE}, Base.UNANSWERED),
    ],
)
def test_the_base_says_what_we_have_to_do_with_it(
    differences: dict[str, Any], base: Base
) -> None:
    assert never_sent(**differences).base is base


@pytest.mark.parametrize(
    ("differences", "shown"),
    [
        ({}, {}),
        ({"sent": OLD}, OLD),
        ({"sent": OLD, "confirmed": NEW}, NEW),
        ({"sent": OLD, "confirmed": OLD, "edited": NEW}, NEW),
    ],
)
def test_what_is_shown_is_what_was_learnt_last(
    differences: dict[str, Any], shown: Values
) -> None:
    assert never_sent(**differences).shown == shown


# Whole lives


def keep_sending(
    wanted: Wanted, state: State, answer: Callable[[Change], Result]
) -> tuple[list[str], State]:
    """Send what is decided, one change at a time, until nothing is due."""
    sent: list[str] = []
    while changes := evaluated(wanted, state).changes:
        change = changes[0].change
        sent.append(change.kind.value)
        assert len(sent) < 10, sent
        lost = after_intent(state, change, changes[0].values, "memory", AT)
        state = after_result(lost, change, answer(change))
    return sent, state


def refused_listing(**differences: Any) -> State:
    refused = {"create": fingerprint_of_new(OLD)}
    return make_state(found=Found.REFUSED, refused=refused, **differences)


RESUBMITTED = make_wanted(make_listing(description="Viết lại"))
DEARER = make_wanted(make_listing(variants=(make_offer(price_vnd=1),)))


@pytest.mark.parametrize(
    ("wanted", "state"),
    [
        pytest.param(make_wanted(OTHER), make_state(), id="live"),
        pytest.param(
            make_wanted(packs(A=5, B=5)),
            make_state(packs(A=5, B=5), edited=facet_values(packs(A=3, B=9))),
            id="one sold, one raised",
        ),
        pytest.param(
            make_wanted(packs(A=9, C=5)), make_state(packs(A=5, B=5)), id="other packs"
        ),
        pytest.param(
            make_wanted(packs(A=9, C=5)),
            make_state(packs(A=5, B=5), found=Found.DOWN_BY_US),
            id="other packs, down",
        ),
        pytest.param(RESUBMITTED, refused_listing(), id="refused content"),
        pytest.param(DEARER, refused_listing(), id="refused price"),
        pytest.param(RESUBMITTED, refused_listing(ref=""), id="refused, no listing"),
        pytest.param(make_wanted(), never_sent(), id="new"),
        pytest.param(unwanted(), make_state(), id="blocked"),
        pytest.param(make_wanted(), make_state(found=Found.DOWN_BY_US), id="down"),
        pytest.param(
            RESUBMITTED, make_state(found=Found.ABSENT, absent_reads=2), id="vanished"
        ),
    ],
)
def test_what_is_refused_is_not_sent_without_end(wanted: Wanted, state: State) -> None:
    sent, after = keep_sending(wanted, state, lambda _: Refused(WORDS))

    assert sorted(sent) == sorted(set(sent))
    assert evaluated(wanted, after).hold in (Hold.REFUSED, Hold.CHANGE_REFUSED)


def test_what_was_refused_and_is_accepted_is_not_sent_without_end() -> None:
    sent, _ = keep_sending(RESUBMITTED, refused_listing(), lambda _: Applied("M000001"))

    assert sent == ["update"]


def test_one_sending_is_enough_where_everything_is_applied() -> None:
    sent, after = keep_sending(
        make_wanted(OTHER), make_state(), lambda _: Applied("M000001")
    )

    assert sent == ["set_stock", "set_price", "set_stars", "update"]
    assert evaluated(make_wanted(OTHER), after).decision is Decision.IN_SYNC


shelves = st.builds(
    lambda title, stocks, price, stars: make_listing(
        title=title,
        variants=tuple(
            make_offer(sku=sku, stock=n, price_vnd=price)
            for sku, n in sorted(stocks.items())
        ),
        stars=stars,
    ),
    st.sampled_from(["Măng", "Nấm"]),
    st.dictionaries(st.sampled_from("ABC"), st.integers(0, 2), min_size=1),
    st.sampled_from([45_000, 50_000]),
    st.sampled_from([None, StarClaim(stars=3), StarClaim(stars=4)]),
)
habits = st.dictionaries(
    st.sampled_from(KINDS), st.sampled_from(["refused", "refused", "submitted"])
)


@settings(max_examples=300)
@given(
    wish=shelves,
    shown=shelves,
    edit=st.none() | shelves,
    want=st.sampled_from([Want.LISTED, Want.WITHOUT_CLAIM, Want.UNKNOWN]),
    found=st.sampled_from([Found.LIVE, Found.REFUSED, Found.DOWN_BY_US]),
    habit=habits,
)
def test_no_habit_of_a_marketplace_keeps_us_sending(
    *,
    wish: Listing,
    shown: Listing,
    edit: Listing | None,
    want: Want,
    found: Found,
    habit: dict[Kind, str],
) -> None:
    edited = facet_values(edit) if edit else None
    state = make_state(shown, found=found, edited=edited)

    sent, _ = keep_sending(
        make_wanted(wish, want=want),
        state,
        lambda change: ANSWERS[habit.get(change.kind, "applied")],
    )

    assert len(sent) <= len(KINDS)


WISHES = [
    make_wanted(),
    make_wanted(OTHER),
    make_wanted(make_listing(stars=None), want=Want.WITHOUT_CLAIM),
    make_wanted(want=Want.UNKNOWN, problem=Hold.NO_ACCOUNT),
    unwanted(),
    unwanted(Want.OUT_OF_SCOPE),
    unwanted(Want.UNKNOWN, reason=make_wanted().reason),
    no_product("SP-00001"),
]
LIKELY = [*WISHES[:2], WISHES[0], unwanted()]
not_sent, nothing_found = "not sent", "nothing found"
answered = st.sampled_from([*ANSWERS.values(), Applied("M000001"), Submitted("T-2")])
odd = Unreadable(ref="M000001", reason="state: unknown value")
events = answered | answered | remotes | st.sampled_from([not_sent, nothing_found, odd])
lives = st.lists(st.tuples(st.sampled_from(LIKELY + WISHES), events), max_size=15)


def live_on(state: State, wanted: Wanted, event: Any) -> State:
    """Return the state after one thing more has happened to it."""
    evaluation = evaluated(wanted, state)
    assert evaluation.decision is not Hold.UNFORESEEN
    assert bool(evaluation.changes) <= (evaluation.decision in WRITES)
    if isinstance(event, RemoteListing):
        return after_read(state, event, facet_values(event.shown), LATER)
    if event == nothing_found:
        return after_read(state, None, {}, LATER)
    if isinstance(event, Unreadable):
        return after_unreadable(state, event)
    if state.ticket and event != not_sent:
        state = after_follow(state, event, LATER)
    if not evaluation.changes:
        return state
    return _sent(
        state, evaluation.changes[0].change, evaluation.changes[0].values, event
    )


def _sent(state: State, change: Change, values: Values, event: Any) -> State:
    if isinstance(change, Create):
        assert state.found in (Found.UNREAD, Found.ABSENT, Found.REFUSED)
    intent = after_intent(state, change, values, "memory", AT)
    if event == not_sent:
        return after_not_sent(state, intent)
    if change.kind is Kind.WITHDRAW and isinstance(event, Submitted):
        return intent  # no marketplace reviews a withdrawal
    return after_result(intent, change, event)


FEW_WISHES = [*WISHES[:1], WISHES[2], unwanted(), no_product("SP-00001")]
FEW_EVENTS = [
    *ANSWERS.values(),
    *(not_sent, nothing_found, odd),
    *(make_remote(state=state) for state in RemoteState),
    make_remote(OTHER),
]


def memory_of(state: State) -> str:
    """Return what sets a state apart: no instant, and no more than two absences."""
    absent = min(state.absent_reads, 2)
    return repr(replace(state, absent_reads=absent, read_at=None, sent_at=None))


@pytest.mark.slow
def test_no_short_life_leads_where_no_rule_foresees() -> None:
    known, reached = set[str](), [never_sent()]

    for _ in range(4):
        steps = product(reached, FEW_WISHES, FEW_EVENTS)
        after = {memory_of(found): found for found in starmap(live_on, steps)}
        reached = [state for memory, state in after.items() if memory not in known]
        known |= after.keys()

    others = {Found.UNREAD, Found.UNREADABLE}  # an odd listing keeps what is known
    assert {state.found for state in reached} == set(Found) - others
    assert any(state.unreadable for state in reached)


@settings(max_examples=200)
@given(lives)
def test_no_life_leads_where_no_rule_foresees(life: list[tuple[Wanted, Any]]) -> None:
    state = never_sent()

    for wanted, event in life:
        state = live_on(state, wanted, event)


def test_a_refused_listing_that_is_down_was_put_up_by_nobody() -> None:
    """A person took it down: it is not republished unasked."""
    down = make_remote(state=RemoteState.DOWN)
    refused = make_state(found=Found.REFUSED, refused={"create": "f"})
    seen = make_state(found=Found.IN_REVIEW)  # a review that we know no ticket of

    for before in (refused, seen):
        after = after_read(before, down, facet_values(make_listing()), AT)
        assert after.found is Found.DOWN_BY_PERSON


def test_attributes_that_show_in_another_order_are_stored_so_and_no_edit() -> None:
    pairs = (("Hạn sử dụng", "12 tháng"), ("Hướng dẫn", "Để nơi khô ráo"))
    stored = facet_values(make_listing(attributes=pairs))
    remote = make_remote(shown=make_listing(attributes=tuple(sorted(pairs))))

    state = after_read(
        make_state(confirmed=stored, sent=stored),
        remote,
        facet_values(remote.shown),
        AT,
    )

    assert state.edited is None
    assert state.confirmed == facet_values(remote.shown)


def test_a_part_that_puts_up_what_we_took_down_has_put_it_on_sale() -> None:
    before = make_state(found=Found.DOWN_BY_US, awaiting=Kind.SET_STOCK)
    change = make_change(Kind.SET_STOCK)

    live = after_result(before, change, Applied("M1", "2", RemoteState.LIVE))
    down = after_result(before, change, Applied("M1", "2", RemoteState.DOWN))

    assert (live.found, live.read_at) == (Found.LIVE, None)
    assert down.found is Found.DOWN_BY_US
