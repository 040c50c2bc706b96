"""A listing that carries our reference: whether it is of the product that has it."""

import pytest

from catalog.values import replace
from ocop_sync.engine.matching.candidates import Likeness
from ocop_sync.engine.matching.reference import is_of
from ocop_sync.marketplace.listing import RemoteListing
from tests.factories import make_producer, make_product, make_variant
from tests.unit.engine.examples import make_listing, make_offer, make_remote

MAKER = make_producer(id="CS-0001", name="Hợp tác xã Mẫu Hạ")
OURS = make_product(
    id="SP-00001",
    name="Mật ong rừng Mẫu",
    producer_id="CS-0001",
    variants=(make_variant(sku="SP-00001-1", gtin="2000000000015"),),
)


def there(
    title: str = "Mật ong rừng Mẫu",
    *,
    sku: str = "SP-00001-1",
    gtin: str = "",
    seller_ref: str = "CS-0001",
    seller: str = "",
) -> RemoteListing:
    listing = make_listing(
        client_ref="SP-00001",
        seller_ref=seller_ref,
        title=title,
        variants=(make_offer(sku=sku, gtin=gtin),),
    )
    return replace(make_remote(listing), seller_name=seller)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(there(), id="the very same name"),
        pytest.param(there("MAT ONG RUNG MAU 500g, freeship"), id="a name alike"),
        pytest.param(
            there("Chè Lạ", gtin="2000000000015"), id="another name, its GTIN"
        ),
        pytest.param(there(seller="HTX Mẫu Hạ"), id="its maker, shortened"),
        pytest.param(there(seller="Gian hàng Mẫu"), id="a shop that may sell it"),
        pytest.param(
            there(seller_ref="CS-0009", seller="Hợp tác xã Mẫu Hạ"),
            id="its maker, by another reference",
        ),
    ],
)
def test_what_resembles_is_of_the_product(found: RemoteListing) -> None:
    assert is_of(OURS, MAKER, found)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(there("Chè hoa vàng Lạ"), id="an SKU that is made of the id"),
        pytest.param(there(seller_ref="CS-0009"), id="another producer's reference"),
        pytest.param(
            there(seller="Hợp tác xã Nông nghiệp Thượng Sơn"),
            id="another producer's name, by the same reference",
        ),
        pytest.param(there("Chè", gtin="2000000000022"), id="another GTIN"),
    ],
)
def test_what_does_not_is_not(found: RemoteListing) -> None:
    assert not is_of(OURS, MAKER, found)


def test_an_sku_of_another_making_tells_products_apart() -> None:
    ours = replace(OURS, variants=(make_variant(sku="KHO-1", gtin=""),))

    assert is_of(ours, MAKER, there("Chè hoa vàng Lạ", sku="KHO-1"))


@pytest.mark.parametrize(
    ("likeness", "is_sure", "is_unlike"),
    [
        ({"agrees_on": ("sku:A-1",), "same_seller": True}, True, False),
        (
            {"agrees_on": ("sku:A-1",), "same_seller": True, "another": True},
            False,
            False,
        ),
        ({"agrees_on": ("ref:SP-00001",), "same_seller": True}, True, False),
        (
            {
                "agrees_on": ("ref:SP-00001", "sku:A-1"),
                "same_seller": True,
                "resembles": False,
            },
            False,
            True,
        ),
        (
            {"agrees_on": ("ref:SP-00001",), "resembles": False, "adopted": True},
            False,
            False,
        ),
    ],
)
def test_of_what_has_our_reference_only_likeness_is_sure(
    likeness: dict[str, object], is_sure: bool, is_unlike: bool
) -> None:
    found = Likeness(product_id="SP-00001", ref="M7", **likeness)  # type: ignore[arg-type]

    assert (found.is_sure, found.is_unlike) == (is_sure, is_unlike)
