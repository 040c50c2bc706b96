"""Turn values into the rows that are written.

Names are stored folded and with a sort key beside them, for searching and
sorting in the database. The other way is in `catalog.db.from_rows`.
"""

from typing import Any

from catalog.db import tables
from catalog.model.certificate import Certificate
from catalog.model.producer import Producer
from catalog.model.product import Label, Product, Variant
from catalog.text import fold, sort_key
from catalog.values import names_of

Values = dict[str, Any]
"""A row to be written: values by column."""

_OF_PRODUCT = [c.name for c in tables.product.columns if c.name in names_of(Product)]
"""Columns of a product that are called as its fields are."""


def _fields(owner: Label | Variant | Certificate) -> Values:
    """Return the attributes of *owner* by name; `asdict` would copy each of them."""
    return {name: getattr(owner, name) for name in names_of(type(owner))}


def producer_values(producer: Producer) -> Values:
    """Return the row of *producer*."""
    certified, now = producer.certified_address, producer.address
    consent, identity = producer.consent, producer.identity_ready
    return {
        "id": producer.id,
        "name": producer.name,
        "name_folded": fold(producer.name),
        "sort_key": sort_key(producer.name),
        "kind": producer.kind.value,
        "certified_address": certified.text,
        "certified_old_commune_code": certified.old_commune_code,
        "certified_commune_code": certified.commune_code,
        "address": now.text,
        "old_commune_code": now.old_commune_code,
        "commune_code": now.commune_code,
        "consent": consent.value.value,
        "consent_by": consent.by,
        "consent_on": consent.on,
        "identity_ready": identity.value.value,
        "identity_ready_by": identity.by,
        "identity_ready_on": identity.on,
    }


def product_values(product: Product, revision: int) -> Values:
    """Return the row of *product* itself, without its parts."""
    pictures = [
        f"{p.shows_ocop_mark.value} {p.size or '-'} {p.url}" for p in product.pictures
    ]
    return {
        **{name: getattr(product, name) for name in _OF_PRODUCT},
        "name_folded": fold(product.name),
        "sort_key": sort_key(product.name),
        **{f"label_{name}": text for name, text in _fields(product.label).items()},
        "pictures": "\n".join(pictures),
        "stock_policy": product.stock_policy.value,
        "revision": revision,
    }


def variant_values(product: Product) -> list[Values]:
    """Return the rows of the variants of *product*, without their sales."""
    rows = [{"product_id": product.id, **_fields(each)} for each in product.variants]
    for row in rows:
        del row["sold"], row["adjusted"]
    return rows


def certificate_values(product: Product) -> list[Values]:
    """Return the rows of the certificates of *product*."""
    return [
        {
            "product_id": product.id,
            "n": n,
            **_fields(each),
            "evidence": each.evidence.value,
            "year_means": each.year_means.value,
        }
        for n, each in enumerate(product.certificates)
    ]


def paper_values(product: Product) -> list[Values]:
    """Return the rows of the papers of *product*."""
    return [
        {
            "product_id": product.id,
            "kind": each.kind.value,
            "held": each.held.value.value,
            "held_by": each.held.by,
            "held_on": each.held.on,
            "expires_on": each.expires_on,
            "number": each.number,
            "issued_on": each.issued_on,
        }
        for each in product.papers
    ]
