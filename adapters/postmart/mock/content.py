"""The content of products at Mock P: its fields, and how a body is read as them.

A field stands in this module alone: what is kept, what people may edit, and what a
product without it shows all follow. Checks that need the shop are made in `state`; the
flaws of a product as such are found in `moderation`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict, cast

from adapters.postmart.mock.checks import Fields, refuse_if_any
from adapters.postmart.mock.refusal import Problem

MAX_NAME = 150
MAX_DESCRIPTION = 20_000
MAX_IMAGES = 10
MAX_VARIANTS = 50
MAX_PRICE = 10_000_000_000
MAX_QUANTITY = 1_000_000


class Variant(TypedDict):
    """A pack with its price in đồng and the stock that can be ordered now."""

    sku: str
    pack: str
    price: int
    quantity: int
    gtin: str
    weight_g: int | None


class Claim(TypedDict):
    """The OCOP stars of a state certificate; `valid_to` is a day, ISO 8601."""

    stars: int
    decision: str
    valid_to: str | None


class Attribute(TypedDict):
    """A further name and value."""

    name: str
    value: str


class Content(TypedDict, total=False):
    """The fields of a product that one content call may set."""

    name: str
    category: str
    description: str
    attributes: list[Attribute]
    images: list[str]
    trace_url: str
    variants: list[Variant]


class Submission(Content):
    """A product as it is submitted, with all of its content."""

    client_ref: str
    seller_external_id: str
    ocop_claim: Claim | None


def submission_of(body: Mapping[str, Any]) -> Submission:
    """Return the product that *body* submits."""
    problems: list[Problem] = []
    row = _submission(Fields(body, problems))
    refuse_if_any(problems)
    return row


def content_of(body: Mapping[str, Any]) -> Content:
    """Return the fields of content that *body* names, and no others."""
    problems: list[Problem] = []
    fields = Fields(body, problems)
    row = {name: read(fields) for name, read in _CONTENT.items() if name in fields}
    refuse_if_any(problems)
    return cast("Content", row)


def claim_of(body: Mapping[str, Any]) -> Claim:
    """Return the claim of stars in *body*."""
    problems: list[Problem] = []
    claim = _claim(Fields(body, problems))
    refuse_if_any(problems)
    return claim


def made_by_hand(**values: object) -> Submission:
    """Return a product with *values* of any form, its other fields empty."""
    return cast("Submission", {**_submission(Fields({}, [])), **values})


def pack_made_by_hand(**values: object) -> Variant:
    """The same of a pack."""
    return cast("Variant", {**_variant(Fields({}, [])), **values})


def _submission(fields: Fields) -> Submission:
    claim = fields.optional_object("ocop_claim")
    row = {
        "client_ref": fields.reference("client_ref"),
        "seller_external_id": fields.reference("seller_external_id"),
        **{name: read(fields) for name, read in _CONTENT.items()},
        "ocop_claim": None if claim is None else _claim(claim),
    }
    return cast("Submission", row)


def _attributes(fields: Fields) -> list[Attribute]:
    return [
        Attribute(name=each.text("name", 100), value=each.text("value", 2_000))
        for each in fields.objects("attributes", 0, 100)
    ]


def _variants(fields: Fields) -> list[Variant]:
    rows = [_variant(each) for each in fields.objects("variants", 1, MAX_VARIANTS)]
    if len({row["sku"] for row in rows}) < len(rows):
        fields.complain("variants", "duplicate_sku", "Mã SKU lặp lại trong sản phẩm.")
    return rows


def _variant(fields: Fields) -> Variant:
    return Variant(
        sku=fields.reference("sku"),
        pack=fields.text("pack", 200),
        price=fields.whole("price", 0, MAX_PRICE),
        quantity=fields.whole("quantity", 0, MAX_QUANTITY),
        gtin=fields.digits("gtin", [8, 12, 13, 14]),
        weight_g=fields.optional_whole("weight_g", 1, 1_000_000),
    )


def _claim(fields: Fields) -> Claim:
    return Claim(
        stars=fields.whole("stars", 3, 5),
        decision=fields.text("decision", 100),
        valid_to=fields.day("valid_to"),
    )


_CONTENT: Mapping[str, Callable[[Fields], object]] = {
    "name": lambda fields: fields.text("name", MAX_NAME),
    "category": lambda fields: fields.text("category", 64),
    "description": lambda fields: fields.text("description", MAX_DESCRIPTION),
    "attributes": _attributes,
    "images": lambda fields: fields.texts("images", MAX_IMAGES, 2_000),
    "trace_url": lambda fields: fields.text("trace_url", 2_000),
    "variants": _variants,
}
"""Reads each field of content."""
