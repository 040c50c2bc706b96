"""Prices that look like a slip: a person confirms them before buyers see them."""

from typing import Final

from catalog.feed.rows.row import FeedRow, Problem, ProblemKind

LEAST_VND: Final = 1_000
"""Nothing is sold below: "150" was meant as 150 thousand."""
FACTOR: Final = 2
"""By how much a price may change at once."""


def doubt(price_vnd: int, known_vnd: int | None) -> tuple[str, str] | None:
    """Return why *price_vnd* is doubtful, in Vietnamese and English."""
    if price_vnd == known_vnd:
        return None
    if price_vnd < LEAST_VND:
        return f"giá dưới {LEAST_VND} đồng", f"a price below {LEAST_VND} đồng"
    if known_vnd is None:
        return None
    if price_vnd > FACTOR * known_vnd or FACTOR * price_vnd < known_vnd:
        return (
            f"giá đổi quá {FACTOR} lần, đang là {known_vnd}",
            f"changed by more than a factor of {FACTOR}, it is {known_vnd}",
        )
    return None


def question(row: FeedRow, why: tuple[str, str], known_vnd: int | None) -> Problem:
    """Return the question about the price of *row*."""
    return row.problem(
        column="price_vnd",
        vi=f"{why[0]}: riêng giá bị giữ lại. Sửa giá, hoặc nạp lại với mã xác nhận nếu"
        " giá đúng",
        en=f"{why[1]}: the price alone is held. Mend it, or import again with the token"
        " if it is right",
        kind=ProblemKind.QUESTION,
        known="" if known_vnd is None else str(known_vnd),
    )
