"""Decide how a review of Mock V ends, as its staff and its machines would.

When it ends is kept by `state`, by the mock's clock.
"""

import re
from collections.abc import Mapping
from typing import Any

from adapters.voso.mock.refusal import Problem, problem
from ocop_sync.testing.mocks.pictures import Flaw

CONTACT = re.compile(r"https?://|www\.|\bzalo\b|(?<!\d)0\d{9}(?!\d)", re.IGNORECASE)
"""Ways to lead a buyer away from the marketplace."""

LEAVES = frozenset(
    {
        *(10101, 10102, 10201, 10202, 10301, 10302, 10303, 10304, 10401, 10402),
        *(10501, 10502, 10600, 20101, 20102, 20201, 20202, 30100, 30200, 30300),
        *(40100, 40200, 50100, 50200, 50300, 60000, 90000),
    }
)
"""The leaves of the tree of categories, of which a product takes one; the digits are
those of the outline of the 26 sets of Decision 148/QĐ-TTg."""


def problems_of(product: Mapping[str, Any]) -> list[Problem]:
    """Return why a product may not be on sale; empty if it may."""
    return [
        *product["flaws"],
        *_problems_of_text(product),
    ]


def _problems_of_text(product: Mapping[str, Any]) -> list[Problem]:
    return [
        problem(
            "CONTACT_IN_TEXT",
            "Nội dung có số điện thoại hoặc đường dẫn ra ngoài sàn.",
            field,
        )
        for field in ("NAME", "DESCRIPTION")
        if CONTACT.search(product[field])
    ]


def picture_flaw(flaw: Flaw, least: int) -> Problem:
    """Return the problem of a picture."""
    return problem(f"IMAGE_{flaw.name}", flaw.told(least), "IMAGES")


_REFUSALS: Mapping[str, Problem] = {
    "picture": problem("IMAGE_REJECTED", "Ảnh mờ hoặc không đúng sản phẩm.", "IMAGES"),
    "name": problem("NAME_REJECTED", "Tên không đúng với nội dung.", "NAME"),
    "price": problem("PRICE_REJECTED", "Giá bán không hợp lý.", "VARIANTS"),
    "paper": problem("PAPER_MISSING", "Thiếu giấy tờ: bản công bố.", "OCOP"),
    "category": problem("CAT_ID_REJECTED", "Không đúng ngành hàng.", "CAT_ID"),
}


def refusal_about(topic: str) -> Problem:
    """Return the problem of a moderator who refuses for *topic*, or for any words."""
    return _REFUSALS.get(topic) or problem("MODERATOR", topic)
