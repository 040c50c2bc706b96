"""How accounts stand, to people."""

from collections.abc import Collection, Sequence
from datetime import datetime

from catalog.vietnam_time import moment
from ocop_sync.cli.views.pauses import pause_words
from ocop_sync.cli.views.tables import console, indented, plain, some_of
from ocop_sync.service.queries.account_status import (
    AccountStatus,
    oldest_count,
    oldest_read,
)
from ocop_sync.store.runs.last_runs import Ending

ENDINGS = {
    Ending.RUNNING: "đang chạy / still running",
    Ending.DONE: "xong / done",
    Ending.FAILED: "lỗi / failed",
    Ending.STOPPED: "bị dừng / stopped",
    Ending.CANCELLED: "bị hủy / cancelled",
    Ending.DIED: "chết giữa chừng / died",
}
"""The name of each way to end."""

_ALL = 10
"""So many accounts are shown one by one; of more, those that fail or never ran."""
_UNREAD = (
    "không ghi gì lên đó trước khi đọc lại toàn bộ, kể cả gỡ tin / nothing is written"
    " there before it is read whole, withdrawals included"
)
_NAMED = 20
"""Accounts that are named; all of them with --json."""


def show_accounts(found: Sequence[AccountStatus], now: datetime) -> None:
    """Show each account's last run; of many, those that fail, and count the rest."""
    if not found:
        return
    out = console()
    shown = found if len(found) <= _ALL else [e for e in found if _needs_a_look(e)]
    out.print(f"[b]Tài khoản / accounts: {len(found)}[/b]")
    for each in shown[:_NAMED]:
        _show(each)
    if len(shown) > _NAMED:
        out.print(indented(f"… +{len(shown) - _NAMED} (--json)"))
    if rest := len(found) - len(shown):
        out.print(f"{rest} tài khoản khác chạy tốt / others run well")
    _show_moments(found, now)


def _needs_a_look(each: AccountStatus) -> bool:
    waits = each.pause is not None or each.restored_at is not None
    return each.is_failing or each.last_run is None or waits


def _show(each: AccountStatus) -> None:
    out = console()
    out.print(f"{plain(each.key)}: {plain(_last(each))}")
    if each.pause is not None:
        out.print(indented(pause_words(each.pause)))
    if each.restored_at is not None:
        since = moment(each.restored_at)
        out.print(indented(f"khôi phục / restored {since}: {_UNREAD}"))
    if each.error:
        out.print(indented(each.error))
    if each.failing_since is not None:
        since = moment(each.failing_since)
        out.print(indented(f"lỗi từ / failing since {since}"))
    if kept := _kept_back(each):
        out.print(indented(f"giữ lại / keeps back: {kept}"))
    if each.is_failing and each.todo is not None:
        out.print(indented(f"Phải làm / to do: {each.todo}"))


def _last(each: AccountStatus) -> str:
    last = each.last_run
    if each.unusable:
        return "không dùng được / cannot be used"
    if last is None:
        return "chưa chạy lần nào / never ran"
    ended = f" – {moment(last.ended_at)}" if last.ended_at else ""
    counts = f"{last.writes} gửi / sent, {last.failed} không thành / failed"
    return f"{moment(last.began_at)}{ended}: {ENDINGS[last.ending]} ({counts})"


def _kept_back(each: AccountStatus) -> str:
    """Return the products that the account keeps back, or ""."""
    parts = []
    if each.held:
        parts.append(
            f"{each.held} sản phẩm chờ người quyết, kể cả đang bán (`held list`)"
            " / products wait for a person, also on sale"
        )
    if each.look_ups is not None:
        parts.append(f"{each.look_ups.left} tin tìm lại / looked up again")
    if each.last_run and each.last_run.unread:
        parts.append("chưa đọc hết / not all read")
    if each.last_run and each.last_run.sales_unread:
        parts.append("chưa biết lượt bán / sales not known")
    return "; ".join(parts)


def _show_moments(found: Collection[AccountStatus], now: datetime) -> None:
    """Show as of when figures are, and when the oldest whole read was."""
    counted, read = oldest_count(found), oldest_read(found)
    whole, when = (moment(at) if at else "-" for at in (read, counted))
    old = [each for each in found if each.may_be_old(now)]
    out = console()
    out.print(
        f"Số liệu cũ nhất / oldest figures: {when};"
        f" đọc hết cũ nhất / oldest whole read: {whole}"
    )
    if old:
        keys = some_of([each.key for each in old], 3)
        out.print(
            f"[b]SỐ LIỆU CÓ THỂ CŨ / COUNTS MAY BE OLD: {len(old)} tài khoản"
            f" / accounts: {plain(keys)}[/b]"
        )
