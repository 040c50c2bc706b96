"""A column of `listing` is named once, and every field that is stored has one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, insert, select, update

from catalog.values import names_of, replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.state.quarantine import Failure, Way
from ocop_sync.engine.state.state import Double, Look, State
from ocop_sync.engine.terms import CountedAs, Decision, Found, Twin
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem
from ocop_sync.store.listing_columns import (
    COLUMNS,
    MOST,
    RECORD_COLUMNS,
    STATE_COLUMNS,
    Writes,
    written_by,
)
from ocop_sync.store.listings.records import Record, to_record, to_values
from ocop_sync.store.tables import listing, metadata

AT = datetime(2026, 11, 29, 17, tzinfo=UTC)
FAILURES = {
    Kind.UPDATE: Failure(
        of="abc", error="def", way=Way.REFUSED, words="Lỗi.", times=2, at=AT
    )
}
READ_FOR_EVALUATING = {
    "past",
    "other_account_doubles",
    "capped",
    "perhaps_sold",
    "perhaps_left",
}
"""Fields of a state that are kept elsewhere than in its row."""

FULL = Record(
    state=State(
        product_id="SP-00001",
        marketplace="san-mau",
        account="a-1",
        seller_ref="CS-0001",
        ref="R-1",
        ticket="T-1",
        version="7",
        found=Found.LIVE,
        read_at=AT,
        absent_reads=1,
        awaiting=Kind.UPDATE,
        sent_at=AT,
        sent={"price": {"SP-00001-1": 1000}},
        confirmed={"price": {"SP-00001-1": 900}},
        edited={"price": {"SP-00001-1": 800}},
        problems=(Problem(code="x", message="Sai."),),
        refused={"price": "abc"},
        failures=FAILURES,
        doubled_ref="R-2",
        doubles=(Double(ref="R-2", found=Found.LIVE, values={}, failures=FAILURES),),
        twin=Twin.SURE,
        twin_ref="R-3",
        mapping_version=2,
        stock_at={"SP-00001-1": AT},
        sales_seen=3,
        must_reread=True,
        look=Look.FIRST,
        look_at=AT,
        lost={"price": [1]},
        unreadable="không đọc được",
        review_unreadable="không đọc được",
    ),
    settled_fingerprint="abc",
    counted=CountedAs("listable"),
    decision=Decision.CHANGE,
    hold=Hold.BUDGET,
    held_group=4,
    urgency=5,
    waiting_since=AT,
    until=AT,
    ends_on="2026-12-31",
    ends_seen_at=AT,
    blocked=True,
    next_try_at=AT,
    evaluated_revision=77,
)
"""Of which no field is as it is by default."""


def stored(record: Record, **changed: Any) -> Record:
    """Return *record* as it comes back from a database, with *changed* columns."""
    engine = create_engine("sqlite://", poolclass=NullPool)  # nothing is left open
    with engine.begin() as conn:
        metadata.create_all(conn, tables=[listing])
        conn.execute(insert(listing), to_values(record))
        if changed:
            conn.execute(update(listing).values(**changed))
        return to_record(conn.execute(select(listing)).one())


def test_every_field_of_a_state_that_is_stored_has_a_column() -> None:
    names = {*names_of(State)} - READ_FOR_EVALUATING

    assert {each.name for each in STATE_COLUMNS} == names


def test_every_field_of_a_record_has_a_column() -> None:
    names = {*names_of(Record)} - {"state"}

    assert {each.name for each in RECORD_COLUMNS} == names


def test_no_column_is_named_twice_and_all_are_in_the_table_in_this_order() -> None:
    assert [each.name for each in COLUMNS] == [each.name for each in listing.c]


@pytest.mark.parametrize(
    ("part", "columns"), [(FULL.state, STATE_COLUMNS), (FULL, RECORD_COLUMNS)]
)
def test_the_example_has_no_field_as_it_is_by_default(part: Any, columns: Any) -> None:
    empty = Record(state=State(product_id="", marketplace=""))
    other = empty.state if part is FULL.state else empty

    same = [c.name for c in columns if getattr(part, c.name) == getattr(other, c.name)]
    assert same == []


def test_a_record_comes_back_as_it_was_stored() -> None:
    assert stored(FULL) == FULL
    assert type(stored(FULL).counted) is CountedAs


def test_a_record_of_which_nothing_is_known_comes_back_as_it_was_stored() -> None:
    nothing = Record(state=State(product_id="SP-00001", marketplace="san-mau"))

    assert stored(nothing) == nothing


def test_what_an_earlier_version_left_empty_is_as_by_default() -> None:
    empty = ("failures", "doubles", "lost", "unreadable", "review_unreadable")

    record = stored(FULL, blocked=None, **dict.fromkeys(empty))

    assert record.blocked is False
    nothing = State(product_id="", marketplace="")
    assert [getattr(record.state, name) for name in empty] == [
        getattr(nothing, name) for name in empty
    ]


def test_what_is_empty_is_stored_as_null_where_it_can_be() -> None:
    values = to_values(Record(state=State(product_id="SP-00001", marketplace="m")))

    for name in ("awaiting", "failures", "doubles", "look", "lost", "unreadable"):
        assert values[name] is None
    assert values["blocked"] is False


def test_what_was_confirmed_as_it_was_sent_is_stored_once() -> None:
    sent = {"price": {"SP-00001-1": 1000}}
    record = Record(
        state=State(product_id="SP-00001", marketplace="m", sent=sent, confirmed=sent)
    )

    values = to_values(record)

    assert values["confirmed"] is True
    assert stored(record) == record


def test_a_sum_of_stock_beyond_what_the_column_holds_is_cut() -> None:
    many = {"stock": {"SP-00001-1": MOST, "SP-00001-2": MOST}}
    record = Record(state=State(product_id="SP-00001", marketplace="m", sent=many))

    assert to_values(record)["stock_shown"] == MOST


def test_an_answer_may_write_all_but_the_key() -> None:
    left = {each.name for each in COLUMNS} - {*written_by(Writes.ANSWER)}

    assert left == {"marketplace", "product_id"}


def test_an_evaluation_writes_nothing_that_is_remembered_of_the_listing() -> None:
    of_state = {each.name for each in STATE_COLUMNS} & {*written_by(Writes.EVALUATION)}

    assert of_state == {"account", "twin", "twin_ref"}


def test_documents_are_json() -> None:
    values = to_values(FULL)

    for name in ("sent", "problems", "failures", "doubles", "stock_at", "lost"):
        json.dumps(values[name])


QUESTIONS = {
    Hold.DOUBLED: "hold_doubled",
    Hold.OUT_OF_SCOPE: "hold_out_of_scope",
    Hold.ORPHAN: "hold_orphan",
    Hold.UNKNOWN_FACT: "hold_unknown",
    Hold.TWIN: "hold_twin",
    Hold.UNLIKE: "hold_unlike",
    Hold.MOVED: "hold_moved",
    Hold.REFUSED: "hold_refused",
    Hold.TAKEN_DOWN: "hold_taken_down",
    Hold.BANNED: "hold_banned",
    Hold.UNREADABLE: "hold_unreadable",
    Hold.UNFORESEEN: "hold_unforeseen",
}
"""The stored decisions by which a person is asked."""


@pytest.mark.parametrize(("hold", "text"), QUESTIONS.items())
def test_a_question_to_a_person_is_stored_as_it_always_was(
    hold: Hold, text: str
) -> None:
    record = replace(FULL, decision=hold)

    assert to_values(record)["decision"] == text
    assert stored(record).decision is hold


@pytest.mark.parametrize("decision", Decision)
def test_any_other_decision_is_stored_by_its_name(decision: Decision) -> None:
    record = replace(FULL, decision=decision)

    assert to_values(record)["decision"] == decision.name.lower()
    assert stored(record).decision is decision
