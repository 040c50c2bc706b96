"""From when on a change waits, by the entries that nobody has asked for yet."""

from datetime import datetime, timedelta

import pytest

from catalog.db.field_changes import WHOLE, Entity
from ocop_sync.service.evaluate.delay_beginnings import SALE, Beginning, beginning_of
from ocop_sync.store.listings.pending_entries import Pending, PendingEntry
from tests.factories import AT

FIRST = AT - timedelta(days=30)
SKU = "SP-00001-1"

Place = tuple[Entity, str, str]
PRICE = (Entity.VARIANT, SKU, "price_vnd")
COUNT = (Entity.VARIANT, SKU, "count")
SOLD_AT_THE_DOOR = (Entity.VARIANT, SKU, "adjustment")
DESCRIPTION = (Entity.PRODUCT, "", "description")
CERTIFICATE = (Entity.CERTIFICATE, "0", "recognition")
PAPER = (Entity.PAPER, "food_safety", WHOLE)


def ago(hours: float) -> datetime:
    return AT - timedelta(hours=hours)


def began(
    facet: str,
    *entries: tuple[Place, float],
    turned: float | None = None,
    goes_up: bool = False,
    first: datetime | None = FIRST,
) -> Beginning:
    """Return the beginning by *entries*, each a place and its age in hours."""
    found = [PendingEntry(*place, ago(hours)) for place, hours in entries]
    return beginning_of(
        facet,
        Pending(None, found),
        turned_at=None if turned is None else ago(turned),
        goes_up=goes_up,
        first=first,
        now=AT,
    )


@pytest.mark.parametrize(
    ("facet", "entries", "turned", "hours"),
    [
        pytest.param("price", [(PRICE, 5)], None, 5, id="its entry"),
        pytest.param("price", [(DESCRIPTION, 5)], None, 0, id="that of another"),
        pytest.param("price", [(PAPER, 5)], 3, 0, id="no verdict"),
        pytest.param("stock", [(COUNT, 5), (SOLD_AT_THE_DOOR, 2)], None, 2, id="count"),
        pytest.param("content", [(DESCRIPTION, 4), (CERTIFICATE, 9)], 7, 4, id="own"),
        pytest.param("content", [(PRICE, 9)], 7, 7, id="a date"),
        pytest.param("stars", [(CERTIFICATE, 9)], 7, 9, id="a certificate"),
        pytest.param("stars", [(PAPER, 6)], None, 6, id="another verdict"),
        pytest.param("stars", [], None, 0, id="nothing"),
        pytest.param(SALE, [(PAPER, 6), (CERTIFICATE, 9)], 12, 12, id="off sale"),
        pytest.param(SALE, [(PRICE, 6)], None, 6, id="no verdict is known"),
    ],
)
def test_a_change_waits_since_what_asks_for_it(
    facet: str, entries: list[tuple[Place, float]], turned: float | None, hours: float
) -> None:
    assert began(facet, *entries, turned=turned).at == ago(hours)


def test_what_goes_on_sale_waits_since_the_last_that_forbade_it() -> None:
    told = began(SALE, (CERTIFICATE, 9), (PAPER, 6), (PRICE, 1), goes_up=True)

    assert told.at == ago(6)


def test_a_facet_waits_since_the_oldest_of_the_values_that_stand() -> None:
    other = (Entity.VARIANT, "SP-00001-2", "price_vnd")

    told = began("price", (PRICE, 8), (other, 5), (PRICE, 2))

    assert told == Beginning(ago(5), ((ago(8), ago(2)),))


@pytest.mark.parametrize("first", [None, ago(3)])
def test_nothing_waits_since_before_the_first_whole_sync(
    first: datetime | None,
) -> None:
    assert began("price", (PRICE, 50), first=first).at == (first or AT)


def test_a_clock_that_was_put_back_makes_no_delay_of_the_future() -> None:
    assert began("price", (PRICE, -2)).at == AT
