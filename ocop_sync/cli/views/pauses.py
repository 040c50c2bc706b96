"""Paused accounts, wherever something would have been written to them."""

import shlex
from collections.abc import Iterable

from catalog.vietnam_time import moment
from ocop_sync.cli.views.tables import console, indented, plain
from ocop_sync.store.runs.pauses import Pause

_WAITS = (
    "không ghi gì lên sàn; sản phẩm phải gỡ vẫn còn bán ở đó, quá hạn cập nhật thường"
    " lệ, đến khi chạy tiếp / nothing is written there; what must be withdrawn stays on"
    " sale, beyond the usual bound of freshness, until it goes on"
)


def pause_words(pause: Pause) -> str:
    """Say since when an account is paused, by whom and why."""
    since = moment(pause.at)
    return f"TẠM DỪNG từ / PAUSED since {since}, {pause.by}: {pause.reason}"


def show_pauses(pauses: Iterable[Pause]) -> None:
    """Name paused accounts, and say what waits."""
    out = console()
    for each in pauses:
        out.print(f"[b]{plain(each.account)}: {plain(pause_words(each))}[/b]")
        out.print(indented(_WAITS))
        named = shlex.quote(each.account)
        go_on = f"ocop-sync marketplaces resume {named} --by TÊN --reason 'LÝ DO'"
        out.print(indented(f"Chạy tiếp / to go on: {go_on}"))
