"""Turn the bodies of calls to Mock P into its rows, or refuse them with 422.

Checks that need the shop (a seller, a SKU that is taken) are made in `state`; the flaws
of a product as such are found in `moderation`.
"""

from typing import Any

from adapters.postmart.mock.checks import Fields
from adapters.postmart.mock.refusal import Problem, RefusalError
from adapters.postmart.mock.rows import (
    Attribute,
    Claim,
    Content,
    Seller,
    Submission,
    Variant,
)

MAX_NAME = 150
MAX_DESCRIPTION = 20_000
MAX_IMAGES = 10
MAX_VARIANTS = 50
MAX_PRICE = 10_000_000_000
MAX_QUANTITY = 1_000_000
SELLER_KINDS = ("", "company", "cooperative", "cooperative_group", "household")


def submission_of(body: dict[str, Any]) -> Submission:
    """Return the product that *body* submits."""
    problems: list[Problem] = []
    fields = Fields(body, problems)
    claim = fields.optional_object("ocop_claim")
    row = Submission(
        client_ref=fields.reference("client_ref"),
        seller_external_id=fields.reference("seller_external_id"),
        name=fields.text("name", MAX_NAME),
        category=fields.text("category", 64),
        description=fields.text("description", MAX_DESCRIPTION),
        attributes=_attributes(fields),
        images=fields.texts("images", MAX_IMAGES, 2_000),
        trace_url=fields.text("trace_url", 2_000),
        variants=_variants(fields),
        ocop_claim=None if claim is None else _claim(claim),
    )
    _refuse(problems)
    return row


def content_of(body: dict[str, Any]) -> Content:
    """Return the fields of content that *body* names, and no others."""
    problems: list[Problem] = []
    fields = Fields(body, problems)
    row = Content()
    if "name" in fields:
        row["name"] = fields.text("name", MAX_NAME)
    if "category" in fields:
        row["category"] = fields.text("category", 64)
    if "description" in fields:
        row["description"] = fields.text("description", MAX_DESCRIPTION)
    if "attributes" in fields:
        row["attributes"] = _attributes(fields)
    if "images" in fields:
        row["images"] = fields.texts("images", MAX_IMAGES, 2_000)
    if "trace_url" in fields:
        row["trace_url"] = fields.text("trace_url", 2_000)
    if "variants" in fields:
        row["variants"] = _variants(fields)
    _refuse(problems)
    return row


def claim_of(body: dict[str, Any]) -> Claim:
    """Return the claim of stars in *body*."""
    problems: list[Problem] = []
    claim = _claim(Fields(body, problems))
    _refuse(problems)
    return claim


def prices_of(body: dict[str, Any]) -> dict[str, int]:
    """Return the prices in đồng by SKU."""
    return _numbers_of(body, "prices", "price", MAX_PRICE)


def quantities_of(body: dict[str, Any]) -> dict[str, int]:
    """Return the absolute quantities by SKU."""
    return _numbers_of(body, "inventory", "quantity", MAX_QUANTITY)


def reason_of(body: dict[str, Any]) -> str:
    """Return the reason given, or ""."""
    problems: list[Problem] = []
    reason = Fields(body, problems).text("reason", 2_000)
    _refuse(problems)
    return reason


def seller_of(external_id: str, body: dict[str, Any]) -> Seller:
    """Return the profile in *body* as the seller *external_id*."""
    problems: list[Problem] = []
    fields = Fields({**body, "external_id": external_id}, problems)
    row = Seller(
        external_id=fields.reference("external_id"),
        name=fields.text("name", 200),
        kind=fields.choice("kind", SELLER_KINDS),
        address=fields.text("address", 500),
        commune_code=fields.digits("commune_code", [5]),
        state="active",
        by_hand=False,
    )
    if not row["name"]:
        fields.complain("name", "required", "Thiếu tên gian hàng.")
    _refuse(problems)
    return row


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


def _numbers_of(
    body: dict[str, Any], name: str, number: str, most: int
) -> dict[str, int]:
    problems: list[Problem] = []
    lines = Fields(body, problems).objects(name, 1, MAX_VARIANTS)
    numbers = {line.reference("sku"): line.whole(number, 0, most) for line in lines}
    _refuse(problems)
    return numbers


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise RefusalError(422, *problems)
