"""Listings with our references that resemble no product, to people."""

from ocop_sync.cli.views.tables import console, indented, plain
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.service.run.unlike import AllUnlike

_NAMED = 20
"""Listings that are named; all of them are counted, and are in --json."""

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


def show_unlike(found: AllUnlike) -> None:
    """Show the listings that are left alone so, the advice, and a likely cause."""
    if not found.listings:
        return
    out = console()
    out.print(f"{len(found.listings)} {_UNLIKE}")
    for each in found.listings[:_NAMED]:
        where = f"{each.account}: {each.product_id} ↔ {each.ref}: {each.title}"
        out.print(indented(plain(where)))
    if len(found.listings) > _NAMED:
        out.print(indented(f"… +{len(found.listings) - _NAMED} (--json)"))
    out.print(indented(f"Phải làm / to do: {HOLD_WORDS[Hold.UNLIKE].todo}"))
    for key in found.many:
        out.print(f"[b]{plain(key)}[/b]: {_RENUMBERED}")
