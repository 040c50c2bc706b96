"""Say what is on sale: `ocop-sync status`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from catalog.calendar import moment
from catalog.eligibility import Text
from ocop_sync.bootstrap import open_deployment
from ocop_sync.cli.overdue import overdue_values, show_first, show_overdue
from ocop_sync.cli.program import NO_ACCOUNT, run, settings_of
from ocop_sync.cli.screen import (
    console,
    coverage_table,
    indented,
    plain,
    say_json,
)
from ocop_sync.cli.unreadable import AllOdd, gather_odd, odd_value, show_odd
from ocop_sync.cli.unsold import (
    gather_unsold,
    show_unsold,
    unsold_value,
)
from ocop_sync.service.coverage import figures_of
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.explaining import Explained
from ocop_sync.service.overdue import AllOverdue, overdue
from ocop_sync.settings import Settings


@click.command(
    epilog="Ví dụ / Example: ocop-sync status --json",
)
@click.option(
    "--products",
    is_flag=True,
    help="Cả sản phẩm chưa lên sàn và lý do / also what is not on sale, and why.",
)
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def status(ctx: click.Context, *, products: bool, as_json: bool) -> None:
    """Cho biết tình hình lên sàn, theo lần đồng bộ gần nhất / coverage as last synced.

    Không gọi sàn nào. Calls no marketplace.
    """
    as_of, figures, stuck, odd, unsold, lost = run(
        _status(settings_of(ctx), products=products)
    )
    if as_json:
        report: dict[str, Any] = {
            "as_of": as_of,
            "marketplaces": figures,
            **overdue_values(stuck),
            "unreadable": odd_value(odd),
            "unusable": {each.key: each.why for each in lost},
        }
        if products:
            report["products"] = [unsold_value(row) for row in unsold]
        say_json(report)
        return
    out = console()
    show_first(stuck)
    show_unusable(lost)
    if not figures and lost:
        show_overdue(stuck)
        show_odd(odd)
        return
    if not figures:
        out.print(plain(NO_ACCOUNT))
        return
    when = moment(as_of)
    out.print(coverage_table(figures, when, whole=True))
    show_overdue(stuck)
    show_odd(odd)
    if products:
        simulated = any(each["simulated"] for each in figures.values())
        show_unsold(unsold, simulated=simulated)


async def _status(
    settings: Settings, *, products: bool
) -> tuple[
    datetime,
    dict[str, dict[str, Any]],
    AllOverdue,
    AllOdd,
    list[Explained],
    list[Unusable],
]:
    async with open_deployment(settings) as deployment:
        figures = {
            site.name: await figures_of(deployment, site) for site in deployment.sites
        }
        stuck = await overdue(deployment)
        odd = await gather_odd(deployment)
        unsold = await gather_unsold(deployment) if products else []
        lost = deployment.unusable_at()
        return deployment.clock(), figures, stuck, odd, unsold, lost


def show_unusable(lost: Iterable[Unusable]) -> None:
    """Show which accounts cannot be worked with at all, why, and what to do."""
    keys: dict[tuple[str, Text], list[str]] = {}
    for each in lost:
        keys.setdefault((each.why, each.todo), []).append(each.key)
    out = console()
    for (why, todo), named in keys.items():
        out.print(f"{plain(', '.join(named))}: {plain(why)}")
        out.print(indented(f"Phải làm / to do: {todo}"))
