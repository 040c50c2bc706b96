"""The demonstration's made-up values for real products: marked, and nothing else.

Which product may then be listed is covered in `test_public_catalog`.
"""

from datetime import UTC, datetime

import pytest

from catalog.fiction.demonstration import MARK, demonstration_values
from catalog.model.fact import Fact
from catalog.model.product import Picture, Product, Variant

COUNTED_AT = datetime(2024, 3, 1, tzinfo=UTC)
BARE = Product(
    id="QN-99",
    name="Mật ong Mẫu",
    producer_id="QN-CS-99",
    set_code="I.2.b",
    source="https://nguon.example/1",
)


def test_everything_that_is_made_up_says_so() -> None:
    shown = demonstration_values(BARE, 7, counted_at=COUNTED_AT)

    (variant,) = shown.variants
    assert MARK in variant.pack
    assert MARK in shown.description
    assert shown.source == f"{BARE.source}; giá, tồn kho, quy cách và ảnh: {MARK}"
    assert all("mo-phong.example" in picture.url for picture in shown.pictures)


def test_it_can_be_sold_with_what_is_made_up() -> None:
    shown = demonstration_values(BARE, 7, counted_at=COUNTED_AT)

    (variant,) = shown.variants
    assert variant.price_vnd is not None
    assert variant.price_vnd > 0
    assert variant.on_hand is not None
    assert variant.on_hand > 0
    assert variant.counted_at == COUNTED_AT
    assert [picture.shows_ocop_mark for picture in shown.pictures] == [Fact.NO]


@pytest.mark.parametrize("code", ["II.1.b", "III.1"], ids=["alcohol", "medicine"])
def test_what_decides_whether_it_may_be_sold_is_never_made_up(code: str) -> None:
    bare = Product(id="QN-98", name="Rượu Mẫu", set_code=code)

    shown = demonstration_values(bare, 7)

    assert shown.certificates == ()
    assert shown.papers == ()
    assert shown.alcohol_percent is None
    assert shown.producer_id is None
    assert shown.set_code == code


def test_the_same_seed_gives_the_same_values_and_another_others() -> None:
    first = demonstration_values(BARE, 7)

    assert demonstration_values(BARE, 7) == first
    assert demonstration_values(BARE, 8) != first


def test_what_the_catalog_holds_stays() -> None:
    priced = Product(
        id="QN-97", name="Chè Mẫu", variants=(Variant(sku="QN-97-1", price_vnd=1),)
    )
    pictured = Product(
        id="QN-96",
        name="Chè Mẫu",
        description="Lời của cơ sở.",
        pictures=(Picture(url="https://anh.example/1.jpg"),),
    )

    shown = demonstration_values(pictured, 7)

    assert demonstration_values(priced, 7) == priced
    assert shown.description == pictured.description
    assert shown.pictures == pictured.pictures


@pytest.mark.parametrize("code", ["VI", "V.3"], ids=["service", "animals"])
def test_what_is_no_goods_gets_no_price(code: str) -> None:
    no_goods = Product(id="QN-95", name="Du lịch Mẫu", set_code=code)

    assert demonstration_values(no_goods, 7) == no_goods
