"""Whose word counts for which field: each has one owner.

The department's: name, stars, decisions, papers, producer. The producer's: price, text,
pictures, counted stock. Sales': the quantities promised to buyers. An import is the
department's word; its rights on the fields of others are decided in
`catalog.feed.merge.ownership_guard`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from catalog.model.product import Label, Product, Variant


class Owner(StrEnum):
    """The owner of a field: who decides its value."""

    DEPARTMENT = "department"
    PRODUCER = "producer"
    SALES = "sales"


PRODUCT_FIELDS: Final[Mapping[str, Owner]] = MappingProxyType(
    {
        **{f"label.{name}": Owner.PRODUCER for name in Label.__struct_fields__},
        "description": Owner.PRODUCER,
        "pictures": Owner.PRODUCER,
        "trace_url": Owner.PRODUCER,
        "stock_policy": Owner.PRODUCER,
        "paused": Owner.PRODUCER,
    }
)
"""Owners of fields of a product that are not the department's."""

VARIANT_FIELDS: Final[Mapping[str, Owner]] = MappingProxyType(
    {
        **{
            name: Owner.PRODUCER
            for name in Variant.__struct_fields__
            if name not in {"sku", "counted_at", "sold", "adjusted"}
        },
        "reserved": Owner.SALES,
    }
)
"""The same of a variant, whose fields are the producer's: but for the SKU, which the
catalog mints, `counted_at`, which goes with `on_hand`, and what follows from sales and
adjustments."""

_GETTERS: Final = {
    Product: {path: attrgetter(path) for path in PRODUCT_FIELDS},
    Variant: {path: attrgetter(path) for path in VARIANT_FIELDS},
}


def changed_fields(known: Product | None, item: Product) -> Iterator[tuple[str, str]]:
    """Yield the changed fields of *item* that are not the department's.

    Returns:
        Pairs of SKU ("" for the product itself) and field; the field "" stands for all
        fields of a new one.
    """
    if known is None:
        yield "", ""
    else:
        yield from (("", field) for field in _different(known, item))
    before = {} if known is None else {each.sku: each for each in known.variants}
    for variant in item.variants:
        old = before.get(variant.sku)
        if old is None:
            yield variant.sku, ""
        elif old is not variant:
            yield from ((variant.sku, field) for field in _different(old, variant))


def _different(known: Product | Variant, item: Product | Variant) -> Iterator[str]:
    for path, get in _GETTERS[type(item)].items():
        if get(known) != get(item):
            yield path
