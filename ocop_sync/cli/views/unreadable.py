"""Unreadable listings at a marketplace, to people."""

from collections.abc import Sequence

from ocop_sync.cli.views.tables import console, indented, plain
from ocop_sync.service.queries.unreadable import AllUnreadable
from ocop_sync.store.listings.unreadable import UnreadableListing

ODD = (
    "tin không đọc được, không gửi gì tới các tin đó; các tin khác vẫn đọc"
    " / listings cannot be read, and nothing is sent to them; all others were read"
)

ODD_REVIEWS = (
    "tin chờ duyệt mà không đọc được kết quả, vẫn theo dõi tiếp"
    " / listings in review of which the end cannot be read, and are followed on"
)


def show_unreadable(found: AllUnreadable) -> None:
    """Show the unreadable listings, with reference and reason."""
    out = console()
    _show_some(found.ours, ODD, found.listings)
    _show_some(found.in_review, ODD_REVIEWS, found.reviews)
    for key, n in found.others.items():
        out.print(
            f"{plain(key)}: {n} tin khác không đọc được khi đọc hết lần gần nhất"
            f" / {n} other listings could not be read by the last whole read"
        )


def _show_some(n: int, words: str, named: Sequence[UnreadableListing]) -> None:
    out = console()
    if n:
        out.print(f"{n} {words}")
    for each in named:
        where = f"{each.account}: {each.ref or '?'} ({each.product_id})"
        out.print(indented(f"{where}: {each.reason}"))
    if n > len(named):
        out.print(indented(f"… +{n - len(named)}"))
