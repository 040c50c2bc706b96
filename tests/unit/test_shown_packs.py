"""What has come of a price and a count, as a marketplace is known to show them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.producer.shown_packs import Arrival, ShownPack, shown_packs
from ocop_sync.store.listings.records import Record
from tests.factories import make_product, make_variant

SKU = "SP-00001-1"
PRODUCT = replace(
    make_product(variants=(make_variant(sku=SKU, price_vnd=90_000),)), revision=7
)
SENT_AT = datetime(2026, 1, 5, 3, 50, tzinfo=UTC)
LATER = datetime(2026, 1, 5, 4, 10, tzinfo=UTC)
READ_AT = datetime(2026, 1, 5, 3, 52, tzinfo=UTC)


def values(price: int, stock: int = 20) -> Any:
    return {"price": {SKU: price}, "stock": {SKU: stock}}


def shown(evaluated: int = 7, **state: Any) -> ShownPack:
    times = {"sent_at": SENT_AT, "read_at": READ_AT}
    made = State(product_id="SP-00001", marketplace="voso", **(times | state))
    record = Record(state=made, evaluated_revision=evaluated)
    return shown_packs(record, PRODUCT)[SKU]


def test_what_is_shown_as_it_is_wanted_is_confirmed_since_the_last_look() -> None:
    found = shown(sent=values(90_000), confirmed=values(90_000))

    assert (found.price, found.count) == (Arrival.CONFIRMED, Arrival.CONFIRMED)
    assert (found.price_vnd, found.stock, found.at) == (90_000, 20, READ_AT)


@pytest.mark.parametrize(
    ("awaiting", "expected"), [(None, LATER), (Kind.SET_PRICE, READ_AT)]
)
def test_an_answer_is_a_look_and_a_call_without_one_is_none(
    awaiting: Kind | None, expected: datetime
) -> None:
    found = shown(
        sent=values(90_000),
        confirmed=values(90_000),
        sent_at=LATER,
        awaiting=awaiting,
    )

    assert found.at == expected


def test_what_no_sync_has_looked_at_waits() -> None:
    found = shown(evaluated=6, sent=values(85_000), confirmed=values(85_000))

    assert (found.price, found.count) == (Arrival.WAITING, Arrival.WAITING)
    assert found.price_vnd == 85_000


def test_what_was_sent_is_not_said_to_be_there() -> None:
    found = shown(sent=values(90_000, 5), confirmed=values(85_000, 20))

    assert (found.price, found.count) == (Arrival.SENT, Arrival.SENT)
    assert (found.price_vnd, found.stock) == (85_000, 20)


def test_what_is_shown_still_is_not_right_while_another_value_may_come() -> None:
    found = shown(
        sent=values(85_000), confirmed=values(90_000), awaiting=Kind.SET_PRICE
    )

    assert (found.price, found.count) == (Arrival.WAITING, Arrival.CONFIRMED)


def test_an_edit_at_the_marketplace_is_shown_as_buyers_see_it() -> None:
    found = shown(sent=values(90_000), confirmed=values(90_000), edited=values(70_000))

    assert (found.price_vnd, found.price) == (70_000, Arrival.DIFFERS)


@pytest.mark.parametrize(
    ("facet", "expected"),
    [
        ("price", (Arrival.REFUSED, Arrival.SENT)),
        ("stock", (Arrival.SENT, Arrival.REFUSED)),
    ],
)
def test_a_refused_number_is_told_apart_from_the_other(
    facet: str, expected: tuple[Arrival, Arrival]
) -> None:
    found = shown(
        sent=values(90_000, 5), confirmed=values(85_000), refused={facet: "x"}
    )

    assert (found.price, found.count) == expected


def test_what_was_entered_after_a_refusal_waits_and_is_not_refused_yet() -> None:
    found = shown(
        evaluated=6,
        sent=values(80_000),
        confirmed=values(85_000),
        refused={"price": "x"},
    )

    assert found.price == Arrival.WAITING


def test_a_pack_that_is_not_shown_has_nothing_to_tell() -> None:
    state = State(product_id="SP-00001", marketplace="voso", sent=values(90_000))

    assert shown_packs(Record(state=state), PRODUCT) == {}
    assert shown_packs(None, PRODUCT) == {}
