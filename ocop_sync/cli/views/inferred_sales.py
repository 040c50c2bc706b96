"""Inferred sales, which no marketplace has told, and listings no longer ours.

Nothing tells a sale from a number that somebody has typed wrongly: so both are named,
with the advice for a stock that was not sold.
"""

from collections.abc import Mapping, Sequence

from catalog.vietnam_time import moment
from ocop_sync.cli.views.tables import console, indented, plain, some_of
from ocop_sync.store.runs.inferred_sales import InferredSale

_TODO = (
    "Nếu không phải đã bán: đếm lại rồi nhập số đếm mới (on_hand, counted_at)"
    " / if it was no sale: count anew, and import the new count"
)
_SOLD = (
    "sản phẩm có tồn kho thấp hơn ta để lại, coi là đã bán vì sàn không báo lượt bán"
    " / products show less stock than we left, which counts as sold as no sale is told"
)
_UNMARKED = (
    "tin của ta không còn mang mã của ta, vẫn được đồng bộ; hãy ghi lại mã sản phẩm"
    " trên sàn / listings of ours carry our reference no more, and are kept right all"
    " the same: put the product's id back there"
)


def show_dropped(dropped: Mapping[str, Mapping[str, int]]) -> None:
    """Show the inferred sales of each account, as of `Report`."""
    for key, units in dropped.items():
        named = some_of([f"{id_} −{n}" for id_, n in units.items()])
        what = f"{len(units)} {_SOLD} (−{sum(units.values())})"
        console().print(f"{plain(key)}: {what}: {plain(named)}")
    if dropped:
        console().print(indented(f"{_TODO}; `ocop-sync ledger --product ID`"))


def show_unmarked(unmarked: Mapping[str, Mapping[str, str]]) -> None:
    """Show which listings of ours carry our reference no more, as of `Report`."""
    for key, found in unmarked.items():
        named = some_of([f"{id_} «{ref}»" for id_, ref in found.items()])
        console().print(f"{plain(key)}: {len(found)} {_UNMARKED}: {plain(named)}")


def show_inferred(found: Sequence[InferredSale]) -> None:
    """Show each inferred sale, and the advice for it."""
    out = console()
    if found:
        out.print(
            "[b]Coi là đã bán, sàn không báo / counts as sold, and no sale is told[/b]"
        )
    for each in found:
        when = moment(each.seen_at)
        what = f"{each.account} {each.product_id} {each.sku}"
        out.print(indented(f"{when} {what}: −{each.quantity}"))
    if found:
        out.print(indented(_TODO))
