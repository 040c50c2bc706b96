"""What waits for a person, and that person's word: `ocop-sync held`."""

from collections.abc import Sequence
from typing import Any

import click

from catalog.calendar import VIETNAM
from ocop_sync.bootstrap import open_deployment
from ocop_sync.cli.program import as_input, run, settings_of
from ocop_sync.cli.screen import SIMULATED, console, plain, rows_table, say_json
from ocop_sync.cli.unsold import gather_unsold, show_unsold, unsold_value
from ocop_sync.cli.values import NUMBER
from ocop_sync.engine.hold import HOLD_WORDS
from ocop_sync.service import people
from ocop_sync.service.explaining import Explained
from ocop_sync.settings import Settings
from ocop_sync.store.groups import Group

_STATES = {
    "open": "chờ duyệt / open",
    "approved": "đã duyệt / approved",
    "refused": "không duyệt / refused",
}

Groups = list[tuple[Group, Sequence[str]]]


@click.group(short_help="Những gì chờ người quyết định / What waits for a person.")
def held() -> None:
    """Những gì chờ người quyết định / what waits for a person."""


@held.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync held list",
)
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """Nhóm vượt hạn mức gỡ, rồi từng sản phẩm tạm giữ / groups, then products."""
    groups, rows, simulated = run(_list(settings_of(ctx)))
    if as_json:
        say_json(
            {
                "simulated": simulated,
                "groups": [_group_value(*each) for each in groups],
                "products": [unsold_value(row) for row in rows],
            }
        )
        return
    _show(groups, simulated=simulated)
    if rows:
        show_unsold(rows, simulated=simulated)


async def _list(settings: Settings) -> tuple[Groups, list[Explained], bool]:
    async with open_deployment(settings) as deployment:
        groups = await people.list_held(deployment)
        rows = [row for row in await gather_unsold(deployment) if row.hold]
        simulated = any(s.adapter.capabilities.simulated for s in deployment.sites)
        return groups, rows, simulated


def _show(groups: Groups, *, simulated: bool) -> None:
    if not groups:
        click.echo("không có nhóm nào chờ duyệt / no group waits for approval")
        return
    columns = ["số / id", "sàn / at", "vì / cause", "sản phẩm", "lý do", "tình trạng"]
    table = rows_table(
        "Nhóm vượt hạn mức gỡ / Groups above the budget",
        columns,
        SIMULATED if simulated else "",
    )
    for group, ids in groups:
        until = group.approved_until
        ends = f", đến {until.astimezone(VIETNAM):%H:%M %d/%m}" if until else ""
        by = f" ({group.decided_by}: {group.reason})" if group.decided_by else ""
        table.add_row(
            str(group.id),
            group.marketplace,
            plain(group.cause),
            f"{group.size}: {', '.join(ids)}",
            plain(HOLD_WORDS[group.hold].whole.vi),
            plain(_STATES[group.state] + ends + by),
        )
    console().print(table)


def _group_value(group: Group, ids: Sequence[str]) -> dict[str, Any]:
    return {
        "id": group.id,
        "marketplace": group.marketplace,
        "cause": group.cause,
        "hold": group.hold.value,
        "size": group.size,
        "products": list(ids),
        "state": group.state,
        "opened_at": group.opened_at,
        "decided_by": group.decided_by,
        "decided_at": group.decided_at,
        "reason": group.reason,
        "approved_until": group.approved_until,
    }


@held.command(
    short_help="Duyệt một nhóm / Approve a group.",
    epilog="Ví dụ / Example: ocop-sync held approve 3 --by 'Ng. Văn A'"
    " --reason 'đã kiểm tra'",
)
@click.argument("group_id", metavar="ID", type=NUMBER)
@click.option("--by", required=True, help="Ai quyết định / who decides.")
@click.option("--reason", required=True, help="Vì sao / why.")
@click.pass_context
def approve(ctx: click.Context, *, group_id: int, by: str, reason: str) -> None:
    """Cho một nhóm đi; lần đồng bộ tới sẽ gửi / let a group pass in the next sync.

    Có hiệu lực 72 giờ. It holds for 72 hours.
    """
    run(_decide(settings_of(ctx), group_id, by, reason, approved=True))
    click.echo(f"đã duyệt nhóm {group_id} / group {group_id} approved")


@held.command(
    short_help="Không duyệt một nhóm / Refuse a group.",
    epilog="Ví dụ / Example: ocop-sync held refuse 3 --by 'Ng. Văn A'"
    " --reason 'nhập nhầm'",
)
@click.argument("group_id", metavar="ID", type=NUMBER)
@click.option("--by", required=True, help="Ai quyết định / who decides.")
@click.option("--reason", required=True, help="Vì sao / why.")
@click.pass_context
def refuse(ctx: click.Context, *, group_id: int, by: str, reason: str) -> None:
    """Không cho một nhóm đi; vẫn còn trong danh sách / keep a group from passing."""
    run(_decide(settings_of(ctx), group_id, by, reason, approved=False))
    click.echo(f"không duyệt nhóm {group_id} / group {group_id} refused")


async def _decide(
    settings: Settings, group_id: int, by: str, reason: str, *, approved: bool
) -> None:
    decide = people.approve if approved else people.refuse
    async with open_deployment(settings) as deployment:
        with as_input():
            await decide(deployment, group_id, by=by, reason=reason)
