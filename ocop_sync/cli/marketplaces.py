"""Which marketplaces there are: `ocop-sync marketplaces`."""

from collections import Counter
from typing import Any

import click

from ocop_sync.cli.program import settings_of
from ocop_sync.cli.screen import console, indented, plain, rows_table, say_json
from ocop_sync.engine.trouble import TODO_UNUSABLE
from ocop_sync.marketplace.offered import NAMES, offers
from ocop_sync.marketplace.registry import available, unusable

_UNTOLD = (
    "không: thấy tồn kho thấp đi thì coi là đã bán, chỉ tăng lại khi đếm lại"
    " / no: what shows lower counts as sold, and goes up only by a new count"
)

_UNKNOWN = "chưa rõ / unknown"


@click.command(
    epilog="Ví dụ / Example: ocop-sync marketplaces --json",
)
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def marketplaces(ctx: click.Context, *, as_json: bool) -> None:
    """Các sàn đã cài và số tài khoản / installed marketplaces and their accounts."""
    accounts = Counter(each.marketplace for each in settings_of(ctx).accounts)
    found: dict[str, dict[str, Any]] = {
        name: {
            "simulated": adapter.capabilities.simulated,
            "account_per_seller": adapter.capabilities.account_per_seller,
            "tells_sales": adapter.capabilities.tells_sales,
            "calls_per_s": adapter.capabilities.calls_per_s,
            "offers": offers(adapter.capabilities),
            "accounts": accounts[name],
        }
        for name, adapter in available().items()
    }
    failing = unusable()
    if as_json:
        say_json({"marketplaces": found, "unusable": failing})
        return
    table = rows_table(
        "Sàn / Marketplaces",
        [
            "sàn",
            "mô phỏng?",
            "tài khoản / accounts",
            "báo lượt bán? / tells of sales?",
            "gọi mỗi giây / calls a second",
            "sàn không có / not offered there",
        ],
    )
    for name, values in found.items():
        each = (
            "mỗi chủ thể một / one a producer" if values["account_per_seller"] else ""
        )
        table.add_row(
            name,
            "SỐ LIỆU MÔ PHỎNG / simulated" if values["simulated"] else "không / no",
            f"{values['accounts']} {each}".strip(),
            "có / yes" if values["tells_sales"] else _UNTOLD,
            f"{values['calls_per_s']:g}" if values["calls_per_s"] else _UNKNOWN,
            ", ".join(NAMES[name] for name, has in values["offers"].items() if not has)
            or "-",
        )
    out = console()
    out.print(table)
    for why in failing.values():
        out.print(plain(why))
        out.print(indented(f"Phải làm / to do: {TODO_UNUSABLE}"))
