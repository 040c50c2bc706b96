"""Products that are not simply on sale, each with its reasons."""

from collections.abc import Iterable
from typing import Any

from ocop_sync.cli.screen import SIMULATED, console, indented, plain
from ocop_sync.service.coverage import NotOnSale, not_on_sale
from ocop_sync.service.deployment import Deployment

WORDS = {
    "listed": "đang bán",
    "unconfirmed": "chưa xác nhận",
    "in_review": "chờ sàn duyệt",
    "refused": "sàn từ chối",
    "held": "tạm giữ",
    "pending": "chờ đăng",
    "validity_unknown": "chưa rõ còn hạn",
    "not_certified": "không có chứng nhận còn hạn",
}
"""What each count is called, as in the glossary."""


async def gather_unsold(deployment: Deployment) -> list[NotOnSale]:
    """Return all products that are not simply on sale, by marketplace and id."""
    return [
        row for site in deployment.sites async for row in not_on_sale(deployment, site)
    ]


def show_unsold(rows: Iterable[NotOnSale], *, simulated: bool) -> None:
    """Show *rows* to people; the same reasons at several places once.

    A list, not a table: reasons are sentences, and several of them.
    """
    out = console()
    out.print("[b]Sản phẩm chưa lên sàn và lý do / Not on sale, and why[/b]")
    if simulated:
        out.print(SIMULATED)
    merged: dict[tuple[str, str, Any], list[NotOnSale]] = {}
    for row in rows:
        merged.setdefault((row.product_id, row.bucket, row.reasons), []).append(row)
    for (product_id, bucket, reasons), found in sorted(
        merged.items(), key=lambda each: each[0][0]
    ):
        places = ", ".join(each.marketplace for each in found)
        name = plain(found[0].name)
        out.print(f"{plain(product_id)} [b]{name}[/b] ({places}): {word(bucket)}")
        for code, words, _ in reasons:
            out.print(indented(f"{code}: {words}"))
    if not merged:
        out.print("không có / none")


def word(bucket: str) -> str:
    """Return how a count is called in Vietnamese."""
    state, _, code = bucket.partition(":")
    return f"bị chặn ({code})" if state == "blocked" else WORDS[state]
