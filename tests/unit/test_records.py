"""Intents and answers are stored by the columns that they change, and by few others."""

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.plan.transitions import after_intent, after_not_sent, after_result
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found, Twin
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted, Unknown
from ocop_sync.store.listing_columns import RECORD_COLUMNS
from ocop_sync.store.listings.records import (
    _EVALUATED,
    _INTENDED,
    _NOT_INTENDED,
    Record,
    _differing,
    _new,
    to_values,
)
from tests.factories import AT
from tests.unit.engine.examples import (
    WORDS,
    make_change,
    make_listing,
    make_offer,
    make_state,
)

NEW = facet_values(make_listing(variants=(make_offer(stock=3),)))
KINDS = sorted(set(Kind) - {Kind.PUT_SELLER, Kind.STOP_SELLER})


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_an_intent_changes_is_written_down(kind: Kind) -> None:
    before = make_state(
        found=Found.ABSENT, seller_ref="CS-0009", edited=facet_values(make_listing())
    )
    after = after_intent(before, make_change(kind), NEW, "tai-khoan", AT)
    was, is_ = to_values(Record(state=before)), to_values(Record(state=after))

    changed = {name for name in is_ if was[name] != is_[name]}
    # What stock shows is asked of what is live, and an answer writes it.
    assert changed - {"stock_shown"} <= {*_INTENDED}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "answer",
    [
        Applied("M000001", "2"),
        Submitted("T-1"),
        Refused(WORDS),
        Unknown("mất câu trả lời"),
        None,
    ],
)
def test_a_row_is_as_after_its_answer_by_the_columns_that_this_writes(
    kind: Kind, answer: Result | None
) -> None:
    before = make_state(found=Found.LIVE, edited=facet_values(make_listing()))
    intended = after_intent(before, make_change(kind), NEW, "tai-khoan", AT)
    after = (
        after_not_sent(before, intended)
        if answer is None
        else after_result(intended, make_change(kind), answer)
    )

    written = _new(_differing(intended, after), _NOT_INTENDED)

    row, new = to_values(Record(state=intended)), to_values(Record(state=after))
    assert row | {name: new[name] for name in written} == new
    assert {each.name for each in RECORD_COLUMNS} < {*written}


@pytest.mark.parametrize("found", Found)
def test_a_row_is_as_after_its_read_by_the_columns_that_this_writes(
    found: Found,
) -> None:
    sent = make_state(found=Found.IN_REVIEW, ticket="T-1", confirmed=None)
    shown = replace(make_state(found=found), read_at=AT, edited=NEW, version="7")
    evaluated = replace(shown, account="tai-khoan", twin=Twin.POSSIBLE, twin_ref="R-9")

    written = _new(_differing(sent, evaluated), frozenset(_EVALUATED))

    row, new = to_values(Record(state=sent)), to_values(Record(state=evaluated))
    assert row | {name: new[name] for name in written} == new
    assert {*_EVALUATED} < {*written}
    assert {"doubles", "lost"}.isdisjoint(written)


def test_what_an_answer_leaves_as_it_was_sent_is_not_written_again() -> None:
    sent = after_intent(
        State(product_id="SP-00001", marketplace="m"),
        make_change(Kind.CREATE),
        NEW,
        "tai-khoan",
        AT,
    )
    live = after_result(sent, make_change(Kind.CREATE), Applied("M000001"))

    written = _new(_differing(sent, live), _NOT_INTENDED)

    assert {"sent", "lost", "doubles", "seller_ref"}.isdisjoint(written)
    assert {"found", "ref", "awaiting", "confirmed", "stock_at"} <= {*written}
