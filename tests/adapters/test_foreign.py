"""Products that nobody made through this service.

A missing field is left empty: no packs, no SKU, a price or a stock of 0. Of a product
that carries a reference it would be believed, so such a one cannot be read.
"""

from typing import Any, Final

import pytest

from ocop_sync.marketplace.listing import RemoteListing, Variant
from ocop_sync.marketplace.port import Unreadable
from tests.adapters.traits import NAMES, traits_of

EMPTY: Final = Variant(sku="", pack="", price_vnd=0, stock=0)


def read(name: str, ref: str, packs: Any) -> RemoteListing | Unreadable:
    """Return a product that is on sale, as the adapter reads it."""
    return traits_of(name).read_foreign(ref, packs)


def spelt(name: str, pack: dict[str, Any]) -> dict[str, Any]:
    """Return a pack as a marketplace spells it."""
    return traits_of(name).spell(pack)


@pytest.mark.parametrize("packs", [None, []])
@pytest.mark.parametrize("name", NAMES)
def test_one_without_packs_has_none(name: str, packs: Any) -> None:
    found = read(name, "", packs)

    assert isinstance(found, RemoteListing)
    assert found.shown.variants == ()


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param({}, id="missing"),
        pytest.param({"sku": None, "price": None, "quantity": None}, id="null"),
        pytest.param({"sku": "", "price": 0, "quantity": 0}, id="empty"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_pack_that_lacks_all_is_empty(name: str, pack: dict[str, Any]) -> None:
    found = read(name, "", [spelt(name, pack)])

    assert isinstance(found, RemoteListing)
    assert found.shown.variants == (EMPTY,)


@pytest.mark.parametrize("lacks", ["sku", "price", "quantity"])
@pytest.mark.parametrize("name", NAMES)
def test_what_a_pack_lacks_is_empty_and_all_else_is_read(name: str, lacks: str) -> None:
    pack = {"sku": "TAY-1", "price": 45_000, "quantity": 3}
    del pack[lacks]

    found = read(name, "", [spelt(name, pack)])

    assert isinstance(found, RemoteListing)
    (shown,) = found.shown.variants
    assert (shown.sku, shown.price_vnd, shown.stock) == (
        pack.get("sku", ""),
        pack.get("price", 0),
        pack.get("quantity", 0),
    )


@pytest.mark.parametrize("lacks", ["sku", "price", "quantity"])
@pytest.mark.parametrize("name", NAMES)
def test_with_a_reference_it_cannot_be_read(name: str, lacks: str) -> None:
    pack = {"sku": "SP-00001-1", "price": 45_000, "quantity": 3, lacks: None}

    found = read(name, "SP-00001", [spelt(name, pack)])

    assert isinstance(found, Unreadable)
    assert (found.ref, found.client_ref) == ("7", "SP-00001")


@pytest.mark.parametrize("packs", [{}, 7, [7], [{"sku": 7}], [{"price": "x"}]])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_as_documented_cannot_be_read_anyhow(name: str, packs: Any) -> None:
    if isinstance(packs, list) and isinstance(packs[0], dict):
        packs = [spelt(name, packs[0])]

    assert isinstance(read(name, "", packs), Unreadable)
