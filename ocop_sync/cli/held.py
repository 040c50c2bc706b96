"""Questions that wait for a person, and their answers: `ocop-sync held`."""

import click

from ocop_sync.cli.app.app import as_input, run, settings_with_accounts
from ocop_sync.cli.app.deployed import open_deployment
from ocop_sync.cli.app.param_types import CODE, NAME, NUMBER, REASON
from ocop_sync.cli.held_retry import retry
from ocop_sync.cli.views.held import show_group, show_members, until
from ocop_sync.cli.views.not_on_sale import show_held
from ocop_sync.cli.views.overdue import show_first
from ocop_sync.cli.views.tables import json_rows, say_json
from ocop_sync.service.decisions import approvals
from ocop_sync.service.queries.held import AllHeld, all_held, group_and_members
from ocop_sync.settings import Settings
from ocop_sync.store.decisions.held_groups import Group

_BY = click.option(
    "--by", type=NAME, required=True, help="Ai quyết định / who decides."
)
_REASON = click.option("--reason", type=REASON, required=True, help="Vì sao / why.")
_JSON = click.option(
    "--json", "as_json", is_flag=True, help="Cho máy đọc / for machines."
)


@click.group()
def held() -> None:
    """Những gì chờ người quyết định / what waits for a person."""


held.add_command(retry)


@held.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync held list",
)
@_JSON
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """Nhóm vượt hạn mức gỡ, rồi từng sản phẩm tạm giữ / groups, then products.

    Mỗi nhóm: làm gì, vì sao, bao nhiêu sản phẩm, từ lúc nào, hạn mức còn lại, và lệnh
    để duyệt. Each group with its changes, reason, size and age, the budget, and the
    command that approves it.
    """
    found = run(_list(settings_with_accounts(ctx)))
    if as_json:
        say_json(found)
        return
    show_first(found.overdue)
    if not found.groups:
        click.echo("không có nhóm nào chờ duyệt / no group waits for approval")
    for each in found.groups:
        budget = found.budgets.get(each.group.marketplace)
        show_group(each, budget, simulated=found.simulated)
    if found.products:
        show_held(found.products, simulated=found.simulated)


async def _list(settings: Settings) -> AllHeld:
    async with open_deployment(settings) as deployment:
        return await all_held(deployment)


@held.command(
    short_help="Từng sản phẩm của một nhóm / All members of a group.",
    epilog="Ví dụ / Example: ocop-sync held show 3",
)
@click.argument("group_id", metavar="ID", type=NUMBER)
@_JSON
@click.pass_context
def show(ctx: click.Context, *, group_id: int, as_json: bool) -> None:
    """Mọi sản phẩm của một nhóm: tên, cơ sở, thay đổi, lý do / all of a group."""
    run(_show(settings_with_accounts(ctx), group_id, as_json=as_json))


async def _show(settings: Settings, group_id: int, *, as_json: bool) -> None:
    async with open_deployment(settings) as deployment:
        with as_input():
            found = await group_and_members(deployment, group_id)
        if as_json:
            with json_rows(found.json_form(), "members") as say:
                async for page in found.pages:
                    for each in page:
                        say(each)
            return
        show_group(found.group, found.spent, simulated=found.simulated)
        async for page in found.pages:
            show_members(page)


@held.command(
    short_help="Duyệt một nhóm / Approve a group.",
    epilog="Ví dụ / Example: ocop-sync held approve 3 --by 'Ng. Văn A'"
    " --reason 'đã kiểm tra'",
)
@click.argument("group_id", metavar="ID", type=NUMBER)
@_BY
@_REASON
@click.option(
    "--checksum",
    type=CODE,
    help="Mã kiểm của nhóm khi xem; nhóm đã khác thì không duyệt"
    " / of the group as it was seen: another one is not approved.",
)
@click.pass_context
def approve(
    ctx: click.Context, *, group_id: int, by: str, reason: str, checksum: str | None
) -> None:
    """Cho một nhóm đi; lần đồng bộ tới sẽ gửi / let a group pass in the next sync.

    Duyệt cho những sản phẩm đang có trong nhóm, đúng như lúc duyệt; sản phẩm đã
    khác hoặc mới thêm phải duyệt lại. Có hiệu lực 72 giờ (safety.approval_h).

    It is for the members that the group has now, as they are now; a changed or new one
    asks anew. It holds for 72 hours (safety.approval_h).
    """
    settings = settings_with_accounts(ctx)
    group = run(_approve(settings, group_id, by, reason, checksum))
    ends = group.approved_until
    click.echo(
        f"đã duyệt nhóm {group_id}: {group.size} sản phẩm"
        f" / group {group_id} approved: {group.size} products"
        + (f", {until(ends)}" if ends else "")
    )


async def _approve(
    settings: Settings, group_id: int, by: str, reason: str, checksum: str | None
) -> Group:
    async with open_deployment(settings) as deployment:
        with as_input():
            return await approvals.approve(
                deployment, group_id, by=by, reason=reason, checksum=checksum
            )


@held.command(
    short_help="Không duyệt một nhóm / Refuse a group.",
    epilog="Ví dụ / Example: ocop-sync held refuse 3 --by 'Ng. Văn A'"
    " --reason 'nhập nhầm'",
)
@click.argument("group_id", metavar="ID", type=NUMBER)
@_BY
@_REASON
@click.pass_context
def refuse(ctx: click.Context, *, group_id: int, by: str, reason: str) -> None:
    """Không cho một nhóm đi; vẫn còn trong danh sách / keep a group from passing.

    Sản phẩm đã khác đi sẽ được hỏi lại. A product that has changed since is asked about
    anew.
    """
    run(_refuse(settings_with_accounts(ctx), group_id, by, reason))
    click.echo(f"không duyệt nhóm {group_id} / group {group_id} refused")


async def _refuse(settings: Settings, group_id: int, by: str, reason: str) -> None:
    async with open_deployment(settings) as deployment:
        with as_input():
            await approvals.refuse(deployment, group_id, by=by, reason=reason)
