"""Structs and dataclasses are copied, named and told apart by the same functions."""

from dataclasses import dataclass
from typing import Any

import pytest
from msgspec import Struct

from catalog.model.effect import NO_IMPORT, Effect, EffectKind
from catalog.model.product import Product
from catalog.model.product import Variant as CatalogPack
from catalog.values import compared, is_frozen, names_of, replace, types_of


class Pack(Struct, frozen=True, kw_only=True):
    """A struct."""

    sku: str
    stock: int = 0


class Parcel(Pack, frozen=True, kw_only=True):
    """A struct with the fields of another one."""

    weight_g: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A dataclass."""

    sku: str
    stock: int = 0


@dataclass
class Basket:
    """A dataclass that changes."""

    sku: str


class Heap(Struct):
    """A struct that changes."""

    sku: str


@pytest.mark.parametrize("kind", [Pack, Parcel, Shelf])
def test_a_copy_has_the_changed_field_and_all_others(kind: type[Pack]) -> None:
    before = kind(sku="A", stock=1)

    after = replace(before, stock=2)

    assert after == kind(sku="A", stock=2)
    assert before == kind(sku="A", stock=1)


@pytest.mark.parametrize("kind", [Pack, Shelf])
def test_a_field_that_is_not_there_is_refused(kind: type[Pack]) -> None:
    changes: dict[str, Any] = {"stok": 2}

    with pytest.raises(TypeError, match="stok"):
        replace(kind(sku="A"), **changes)


def test_fields_are_named_in_their_order() -> None:
    assert {*names_of(Parcel)} == {"sku", "stock", "weight_g"}
    assert names_of(Pack) == names_of(Shelf) == ("sku", "stock")


@pytest.mark.parametrize("kind", [Pack, Shelf])
def test_types_are_told_by_name_in_the_order_of_fields(kind: type[Pack]) -> None:
    assert list(types_of(kind).items()) == [("sku", str), ("stock", int)]


def test_all_fields_but_the_named_ones_are_compared() -> None:
    take = compared(Parcel, but=("stock",))

    one, other = Parcel(sku="A", stock=1), Parcel(sku="A", stock=2)
    assert take(one) == take(other)
    assert take(one) != take(replace(one, weight_g=5))


def test_what_is_kept_beside_a_product_is_no_difference_between_two() -> None:
    pack = CatalogPack(sku="A", on_hand=5)
    counted = replace(pack, sold=1, adjusted=2)
    assert (counted, hash(counted)) == (pack, hash(pack))
    assert counted != replace(pack, on_hand=4)

    product = Product(id="SP-1", name="Chè", variants=(pack,))
    effect = Effect(EffectKind.STOPPED, "", NO_IMPORT, confirmed=True)
    told = replace(product, effects=(effect,))
    assert (told, hash(told)) == (product, hash(product))
    assert told != replace(product, revision=1)
    assert product != pack


def test_only_what_never_changes_is_a_value() -> None:
    frozen = [Pack(sku="A"), Shelf(sku="A")]

    assert all(map(is_frozen, frozen))
    assert not any(map(is_frozen, [Basket("A"), Heap("A"), Shelf, Pack, "A", None]))
