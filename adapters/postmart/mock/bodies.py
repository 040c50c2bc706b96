"""Turn the bodies of calls to Mock P that set no content into rows.

Anything else is refused with 422. The bodies of content are read in `content`; checks
that need the shop are made in `state`.
"""

from typing import Any

from adapters.postmart.mock.checks import Fields, refuse_if_any
from adapters.postmart.mock.content import MAX_PRICE, MAX_QUANTITY, MAX_VARIANTS
from adapters.postmart.mock.refusal import Problem
from adapters.postmart.mock.rows import Seller

SELLER_KINDS = ("", "company", "cooperative", "cooperative_group", "household")


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
    refuse_if_any(problems)
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
    refuse_if_any(problems)
    return row


def _numbers_of(
    body: dict[str, Any], name: str, number: str, most: int
) -> dict[str, int]:
    problems: list[Problem] = []
    lines = Fields(body, problems).objects(name, 1, MAX_VARIANTS)
    numbers = {line.reference("sku"): line.whole(number, 0, most) for line in lines}
    refuse_if_any(problems)
    return numbers
