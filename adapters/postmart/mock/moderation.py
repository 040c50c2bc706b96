"""Review submissions to Mock P, as its staff and its machines would.

Decides which stage a review shows, and how it ends. When it ends is kept by
`state`, by the mock's clock.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from adapters.postmart.mock.refusal import Problem, problem
from ocop_sync.testing.mocks.pictures import Flaw

MIN_PRICE = 1_000
"""The lowest price that is taken, in đồng."""

FORBIDDEN = ("thần dược", "chữa khỏi", "trị dứt điểm", "cam kết khỏi bệnh", "hàng giả")
"""Words that a product's name and description may not hold, in small letters."""

CATEGORIES = frozenset({*(f"PM-{n}" for n in range(1001, 1027)), "PM-1099"})
"""One for each of the 26 product sets of Decision 148/QĐ-TTg; PM-1099 takes products of
an unknown set."""

STAGES = ("queuing", "processing", "bot_awaiting_approve", "awaiting_approve")
NEEDS_DOCUMENTS = "md_awaiting_approve"


def stage(product: Mapping[str, Any], progress: float) -> str:
    """Return the state that a review shows after *progress*, from 0 to 1.

    A claim of stars without its decision shows as waiting for documents in the
    last stage; it is decided like the others.
    """
    shown = STAGES[min(int(max(progress, 0.0) * len(STAGES)), len(STAGES) - 1)]
    claim = product["ocop_claim"]
    if shown == STAGES[-1] and claim and not claim["decision"]:
        return NEEDS_DOCUMENTS
    return shown


def problems_of(product: Mapping[str, Any]) -> list[Problem]:
    """Return why a product may not be on sale; empty if it may."""
    found = [
        *product["flaws"],
        *_problems_of_text(product),
        *_problems_of_prices(product),
    ]
    if not product["name"]:
        found.append(problem("name_missing", "Thiếu tên sản phẩm.", "name"))
    if product["category"] not in CATEGORIES:
        message = f"Ngành hàng “{product['category']}” không có trên sàn."
        found.append(problem("category_unknown", message, "category"))
    return found


def _problems_of_text(product: Mapping[str, Any]) -> list[Problem]:
    return [
        problem("forbidden_word", f"Nội dung có từ bị cấm: “{word}”.", field)
        for field in ("name", "description")
        for word in FORBIDDEN
        if word in unicodedata.normalize("NFC", product[field]).lower()
    ]


def _problems_of_prices(product: Mapping[str, Any]) -> list[Problem]:
    return [
        price_too_low(v["sku"]) for v in product["variants"] if v["price"] < MIN_PRICE
    ]


def price_too_low(sku: str) -> Problem:
    """Return the problem of a price below `MIN_PRICE`."""
    message = f"Giá của {sku} phải từ {MIN_PRICE} đồng trở lên."
    return problem("price_too_low", message, "price")


def picture_flaw(place: int, flaw: Flaw, least: int) -> Problem:
    """Return the problem of the picture at *place* in a list."""
    code = f"image_{flaw.name.lower()}"
    return problem(code, flaw.told(least), f"images[{place}]")


_REFUSALS: Mapping[str, Problem] = {
    "picture": problem(
        "picture", "Ảnh sản phẩm mờ hoặc không đúng sản phẩm.", "images"
    ),
    "name": problem("name", "Tên sản phẩm không đúng với nội dung.", "name"),
    "price": problem("price", "Giá bán không hợp lý.", "price"),
    "paper": problem("paper", "Thiếu giấy tờ: bản công bố sản phẩm.", "ocop_claim"),
    "category": problem("category", "Sản phẩm không đúng ngành hàng.", "category"),
}


def refusal_about(topic: str) -> Problem:
    """Return the problem of a moderator who refuses for *topic*, or for any words."""
    return _REFUSALS.get(topic) or problem("moderator", topic)
