"""The demonstration tells its texts (`texts.toml`), and shows what lies between."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from catalog.vietnam_time import moment
from ocop_sync.cli.sync import show_troubles
from ocop_sync.cli.views.not_on_sale import show_not_on_sale
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    SIMULATED,
    console,
    coverage_table,
    plain,
    rows_table,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.explain import each_unsold
from ocop_sync.service.run.report import Report

TEXTS: Final[Mapping[str, Any]] = tomllib.loads(
    Path(__file__).with_name("texts.toml").read_text("utf-8")
)
_TWO = 2


def tell(key: str, **values: object) -> None:
    """Tell the text *key*, with its values in their places."""
    told = {name: plain(value) for name, value in values.items()}
    console().print(TEXTS[key].format(simulated=SIMULATED, **told))


def text_of(key: str, **values: object) -> str:
    """Return the text *key*, for lines that must not be broken, such as addresses."""
    return str(TEXTS[key].format(simulated=SIMULATED, **values))


def begin(part: str) -> None:
    """Begin a part of the demonstration, below a rule."""
    console().rule(TEXTS["rules"][part])


def empty_table(key: str, caption: str = "", **values: object) -> Table:
    """Return the table *key* without rows."""
    table = TEXTS["tables"][key]
    return rows_table(table["title"].format(**values), table["columns"], caption)


def in_words(count: int) -> dict[str, str]:
    """Return *count* in Vietnamese and in English, two as a word."""
    if count == _TWO:
        return {"vi": "hai", "en": "two"}
    return {"vi": str(count), "en": str(count)}


def tell_accounts(account_per_seller: Mapping[str, bool], producers: int) -> None:
    """Tell where each of the producers has an account, and where the department."""
    vi = ", ".join(
        f"{producers} ở {name} (mỗi chủ thể một)" if each else f"1 ở {name} (của sở)"
        for name, each in account_per_seller.items()
    )
    en = ", ".join(
        f"one for each producer at {name}" if each else f"the department's at {name}"
        for name, each in account_per_seller.items()
    )
    tell("accounts", vi=vi, en=en)


async def show_where_it_stands(deployment: Deployment, report: Report) -> None:
    """Show the leader's table, then every product that is not on sale."""
    console().print(coverage_table(report.counts, moment(deployment.clock())))
    rows = [row async for row in each_unsold(deployment)]
    show_not_on_sale(rows, simulated=True)


def tell_writes(changes: int, calls: int, marketplaces: int) -> None:
    """Tell how many changes we have sent, and how many writing calls were counted."""
    if changes == 0:
        console().print(NOTHING_TO_DO)
    tell("writes", changes=changes, calls=calls, **in_words(marketplaces))


def tell_unsettled(report: Report) -> None:
    """Tell that some products are not settled yet, and why."""
    show_troubles(report)
    tell("unsettled")


def is_settled(report: Report) -> bool:
    """Say whether every product is on sale, or has its reason for not being so."""
    left = sum(
        counted.pending + counted.unconfirmed + counted.in_review
        for counted in report.counts.values()
    )
    return left == 0 and not report.stopped and not report.busy
