"""Accounts and listings that a run leaves alone, and the advice, to people."""

from collections.abc import Iterable, Sequence

from catalog.counted import counted
from catalog.eligibility import Text
from ocop_sync.cli.views.tables import console, indented, plain, show_below
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.queries.unreadable import AllUnreadable
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.unlike import AllUnlike
from ocop_sync.store.listings.unreadable import UnreadableListing

_UNREADABLE = (
    "tin không đọc được, không gửi gì tới các tin đó; các tin khác vẫn đọc"
    " / listings cannot be read, and nothing is sent to them; all others were read"
)
_UNREADABLE_REVIEWS = (
    "tin chờ duyệt mà không đọc được kết quả, vẫn theo dõi tiếp"
    " / listings in review of which the end cannot be read, and are followed on"
)
_UNLIKE = (
    "tin trên sàn mang mã của ta nhưng không giống sản phẩm: không gửi gì tới các tin"
    " đó / listings carry our references and do not resemble the products: nothing is"
    " sent to them"
)
_RENUMBERED = (
    "nhiều như vậy thường là vì sản phẩm đã bị đánh số lại (mất cơ sở dữ liệu, rồi nạp"
    " bảng không có mã): hãy bắt đầu lại với cơ sở dữ liệu trống và nạp bản xuất cuối"
    " cùng có mã (export) / so many usually means that products were numbered"
    " anew (a database was lost, and a sheet without ids imported): begin again with an"
    " empty database, and import the last export, which has the ids"
)


def show_unusable(lost: Iterable[Unusable]) -> None:
    """Show which accounts cannot be worked with at all, why, and the advice."""
    keys: dict[tuple[str, Text], list[str]] = {}
    for each in lost:
        keys.setdefault((each.why, each.todo), []).append(each.key)
    out = console()
    for (why, todo), named in keys.items():
        out.print(f"{plain(', '.join(named))}: {plain(why)}")
        out.print(indented(f"Phải làm / to do: {todo}"))


def show_unlike(found: AllUnlike) -> None:
    """Show the listings that are unlike their products, and the advice.

    A likely cause is named where an account has many of them.
    """
    if not found.listings:
        return
    out = console()
    out.print(f"{len(found.listings)} {_UNLIKE}")
    show_below(
        [
            f"{each.account}: {each.product_id} ↔ {each.ref}: {each.title}"
            for each in found.listings
        ]
    )
    out.print(indented(f"Phải làm / to do: {HOLD_WORDS[Hold.UNLIKE].todo}"))
    for key in found.many:
        out.print(f"[b]{plain(key)}[/b]: {_RENUMBERED}")


def show_unreadable(report: Report) -> None:
    """Show which listings a run could not read: all others were, and go on."""
    for key, odd in report.unreadable.items():
        console().print(f"{plain(key)}: {len(odd)} {_UNREADABLE}")
        show_below([f"{ref}: {why}" for ref, why in odd.items()])


def show_all_unreadable(found: AllUnreadable) -> None:
    """Show the listings that the last reads could not read, with their reason."""
    _show_some(found.ours, _UNREADABLE, found.listings)
    _show_some(found.in_review, _UNREADABLE_REVIEWS, found.reviews)
    for key, n in found.others.items():
        console().print(
            f"{plain(key)}: {n} tin khác không đọc được khi đọc hết lần gần nhất"
            f" / {counted(n, 'other listing')} could not be read by the last whole read"
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
