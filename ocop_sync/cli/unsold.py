"""Products that are not simply on sale, each with its reasons."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table

from ocop_sync.cli.screen import SIMULATED, plain, rows_table
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


def unsold_table(rows: Iterable[NotOnSale], *, simulated: bool) -> Table:
    """Return *rows* for people; the same reasons at several places on one line."""
    table = rows_table(
        "Sản phẩm chưa lên sàn và lý do / Not on sale, and why",
        ["mã / id", "sản phẩm / product", "sàn / at", "tình trạng / state", "lý do"],
        SIMULATED if simulated else "",
    )
    merged: dict[tuple[str, str, Any], list[NotOnSale]] = {}
    for row in rows:
        merged.setdefault((row.product_id, row.bucket, row.reasons), []).append(row)
    for (product_id, bucket, reasons), found in sorted(
        merged.items(), key=lambda each: each[0][0]
    ):
        table.add_row(
            product_id,
            plain(found[0].name),
            ", ".join(each.marketplace for each in found),
            word(bucket),
            plain("\n".join(f"{code}: {vi}" for code, vi, _ in reasons)),
        )
    return table


def word(bucket: str) -> str:
    """Return how a count is called in Vietnamese."""
    state, _, code = bucket.partition(":")
    return f"bị chặn ({code})" if state == "blocked" else WORDS[state]
