"""How products stand at marketplaces and why, to people and to machines."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from catalog.eligibility import Outcome
from ocop_sync.cli.views.quick_lines import QuickLines
from ocop_sync.cli.views.tables import SIMULATED, console, indented
from ocop_sync.engine.reasons.reason import Reason
from ocop_sync.engine.terms import CountedAs
from ocop_sync.service.queries.explain import Explained
from ocop_sync.service.queries.held import HeldProduct

WORDS = {
    "": "chưa đồng bộ",
    "listed": "đang bán",
    "unconfirmed": "chưa xác nhận",
    "in_review": "chờ sàn duyệt",
    "refused": "sàn từ chối",
    "held": "tạm giữ",
    "pending": "chờ đăng",
    "validity_unknown": "chưa rõ còn hạn",
    "not_certified": "không có chứng nhận còn hạn",
}
"""The name of each count, as in the glossary."""


UNSOLD = "Chưa lên sàn, hoặc còn vướng / Not on sale, or not without trouble"
HELD = "Từng sản phẩm chờ người quyết định / Single products that wait for a person"
"""The names of the lists of products."""


def show_not_on_sale(
    rows: Iterable[Explained | HeldProduct], *, simulated: bool, title: str = UNSOLD
) -> None:
    """Show *rows* to people; the same reasons at several places once.

    A list, not a table: reasons are sentences, and several of them.
    """
    lines = QuickLines()
    lines.console.print(f"[b]{title}[/b]")
    if simulated:
        lines.console.print(SIMULATED)
    merged: dict[tuple[str, str, Any], list[Explained | HeldProduct]] = {}
    for row in rows:
        merged.setdefault((row.product_id, row.counted, row.reasons), []).append(row)
    for (id_, counted, reasons), found in sorted(
        merged.items(), key=lambda each: each[0][0]
    ):
        places = ", ".join(each.marketplace for each in found)
        lines.say(
            f"{id_} ",
            bold=found[0].name,
            after=f" ({places}): {count_in_words(counted)}",
        )
        show_reasons(reasons, lines)
    if not merged:
        lines.console.print("không có / none")


_BELOW = 4
"""Spaces before the lines below a product."""


def show_reasons(reasons: Iterable[Reason], lines: QuickLines | None = None) -> None:
    """Show the finding and the advice, a line for each reason.

    A warning is called so: it keeps nothing from sale.
    """
    lines = lines or QuickLines()
    for reason in reasons:
        said = f"{reason.code}: {reason.seen.vi}. {reason.todo.vi}"
        is_warning = reason.outcome == Outcome.WARN.value
        lines.say(f"{WARNING}: {said}" if is_warning else said, indent=_BELOW)


WARNING = "(chỉ nhắc, không giữ lại / only a warning)"
"""The mark before a reason that keeps nothing from sale."""


def show_held(rows: Sequence[HeldProduct], *, simulated: bool) -> None:
    """Show which products wait for a person, and how `status` counts them."""
    show_not_on_sale(rows, simulated=simulated, title=HELD)
    by_place: dict[str, Counter[str]] = {}
    for row in rows:
        by_place.setdefault(row.marketplace, Counter())[
            count_in_words(row.counted)
        ] += 1
    out = console()
    for name, counted in sorted(by_place.items()):
        parts = ", ".join(f"{words} {n}" for words, n in sorted(counted.items()))
        out.print(indented(f"{name}: {counted.total()}, `status`: {parts}"))
    if by_place:
        out.print(indented(_COUNTED))


_COUNTED = (
    "Danh sách này có mọi sản phẩm chờ người quyết, kể cả đang bán; trong bảng của"
    " `status` mỗi sản phẩm chỉ đếm một lần, ở dòng đầu tiên hợp với nó, nên dòng"
    " “tạm giữ” chỉ gồm sản phẩm chưa lên sàn / this list has every product that waits"
    " for a person, also on sale; in the table of `status` each counts once, in the"
    " first line that fits, so that “held” has those alone that are not on sale"
)


def count_in_words(counted: str) -> str:
    """Return how a count is called in Vietnamese."""
    rule = CountedAs(counted).blocked_by
    return WORDS[counted] if rule is None else f"bị chặn ({rule})"
