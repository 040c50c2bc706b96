"""Listings wrongly on sale, for people."""

from collections.abc import Sequence

from ocop_sync.cli.views.not_on_sale import show_reasons
from ocop_sync.cli.views.tables import console, plain, some_of
from ocop_sync.service.run.overdue import AllOverdue, Overdue


def show_first(found: AllOverdue) -> None:
    """Show in the first lines of a report the listings that are wrongly on sale."""
    out = console()
    if found.not_withdrawn:
        out.print(f"[b]{_NOT_WITHDRAWN}: {_named(found.not_withdrawn)}[/b]")
    if found.not_lowered:
        out.print(f"[b]{_NOT_LOWERED}: {_named(found.not_lowered)}[/b]")


_NOT_WITHDRAWN = (
    "CÒN BÁN DÙ KHÔNG ĐƯỢC BÁN, xem `ocop-sync status`"
    " / STILL ON SALE THOUGH IT MAY NOT BE"
)
_NOT_LOWERED = (
    "CHƯA HẠ ĐƯỢC tồn kho hay chứng nhận, sẽ thử lại"
    " / stock or claim NOT LOWERED YET, tried again"
)


def _named(found: Sequence[Overdue]) -> str:
    names = [f"{each.product_id} ({each.marketplace})" for each in found]
    return plain(f"{len(found)}: {some_of(names)}")


def show_overdue(found: AllOverdue) -> None:
    """Show all that is on sale as it should not be, and why it still is."""
    out = console()
    late = "Phải gỡ mà sàn chưa gỡ / To be withdrawn, and still on sale"
    high = "Chưa hạ được / Not lowered yet"
    for words, rows in ((late, found.not_withdrawn), (high, found.not_lowered)):
        if rows:
            out.print(f"[b]{words}: {len(rows)}[/b]")
        for each in rows:
            title = plain(each.title)
            out.print(f"{plain(each.product_id)} {title} ({plain(each.marketplace)})")
            show_reasons([each.reason])
