"""Questions that wait for a person, and their answers: `ocop-sync held`."""

from collections.abc import Sequence
from functools import partial

import click

from catalog.counted import counted
from catalog.model.actor import Actor
from ocop_sync.api.forms.held import (
    group_head_form,
    held_form,
    held_product_form,
    member_form,
)
from ocop_sync.cli.app.opened import ask, decide, shown_while_read
from ocop_sync.cli.app.options import AS_JSON, BY, WHY
from ocop_sync.cli.app.param_types import CODE, NUMBER
from ocop_sync.cli.views.held import show_group, show_members, until
from ocop_sync.cli.views.listed import Listed, as_shown, listed
from ocop_sync.cli.views.not_on_sale import show_held
from ocop_sync.cli.views.overdue import show_first
from ocop_sync.cli.views.tables import write_result, write_result_as_read
from ocop_sync.service.decisions import approvals
from ocop_sync.service.decisions.retry_requests import try_again
from ocop_sync.service.queries.held import (
    GroupAndMembers,
    all_held,
    group_and_members,
)


@click.group()
def held() -> None:
    """Những gì chờ người quyết định / what waits for a person."""


@held.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync held list",
)
@AS_JSON
def list_(*, as_json: bool) -> None:
    """Nhóm vượt hạn mức gỡ, rồi từng sản phẩm tạm giữ / groups, then products.

    Mỗi nhóm: làm gì, vì sao, bao nhiêu sản phẩm, từ lúc nào, hạn mức còn lại, và lệnh
    để duyệt. Each group with its changes, reason, size and age, the budget, and the
    command that approves it.
    """
    found = ask(all_held)
    if as_json:
        rows = listed("products", found.products, held_product_form, held_form(found))
        write_result(rows.json_form())
        return
    show_first(found.overdue)
    if not found.groups:
        click.echo("không có nhóm nào chờ duyệt / no group waits for approval")
    for each in found.groups:
        budget = found.budgets.get(each.group.marketplace)
        show_group(each, budget, simulated=found.simulated)
    if found.products:
        show_held(found.products, simulated=found.simulated)


@held.command(
    short_help="Từng sản phẩm của một nhóm / All members of a group.",
    epilog="Ví dụ / Example: ocop-sync held show 3",
)
@click.argument("group_id", metavar="ID", type=NUMBER)
@AS_JSON
def show(*, group_id: int, as_json: bool) -> None:
    """Mọi sản phẩm của một nhóm: tên, cơ sở, thay đổi, lý do / all of a group."""
    query = partial(group_and_members, group_id=group_id)
    decide(shown_while_read(query, _write if as_json else _show))


async def _write(found: GroupAndMembers) -> None:
    rows = as_shown(found.members(), member_form)
    await write_result_as_read(Listed("members", rows, group_head_form(found)))


async def _show(found: GroupAndMembers) -> None:
    show_group(found.group, found.spent, simulated=found.simulated)
    async for page in found.pages:
        show_members(page)


@held.command(
    short_help="Duyệt một nhóm / Approve a group.",
    epilog="Ví dụ / Example: ocop-sync held approve 3 --by 'Ng. Văn A'"
    " --reason 'đã kiểm tra'",
)
@click.argument("group_id", metavar="ID", type=NUMBER)
@BY
@WHY
@click.option(
    "--checksum",
    type=CODE,
    help="Mã kiểm của nhóm khi xem; nhóm đã khác thì không duyệt"
    " / of the group as it was seen: another one is not approved.",
)
def approve(*, group_id: int, by: Actor, reason: str, checksum: str | None) -> None:
    """Cho một nhóm đi; lần đồng bộ tới sẽ gửi / let a group pass in the next sync.

    Duyệt cho những sản phẩm đang có trong nhóm, đúng như lúc duyệt; sản phẩm đã
    khác hoặc mới thêm phải duyệt lại. Có hiệu lực 72 giờ (safety.approval_h).

    It is for the members that the group has now, as they are now; a changed or new one
    asks anew. It holds for 72 hours (safety.approval_h).
    """
    act = partial(
        approvals.approve, group_id=group_id, by=by, reason=reason, checksum=checksum
    )
    group = decide(act)
    ends = group.approved_until
    click.echo(
        f"đã duyệt nhóm {group_id}: {group.size} sản phẩm"
        f" / group {group_id} approved: {counted(group.size, 'product')}"
        + (f", {until(ends)}" if ends else "")
    )


@held.command(
    short_help="Không duyệt một nhóm / Refuse a group.",
    epilog="Ví dụ / Example: ocop-sync held refuse 3 --by 'Ng. Văn A'"
    " --reason 'nhập nhầm'",
)
@click.argument("group_id", metavar="ID", type=NUMBER)
@BY
@WHY
def refuse(*, group_id: int, by: Actor, reason: str) -> None:
    """Không cho một nhóm đi; vẫn còn trong danh sách / keep a group from passing.

    Sản phẩm đã khác đi sẽ được hỏi lại. A product that has changed since is asked about
    anew.
    """
    decide(partial(approvals.refuse, group_id=group_id, by=by, reason=reason))
    click.echo(f"không duyệt nhóm {group_id} / group {group_id} refused")


@held.command(
    short_help="Thử gửi lại / Try again.",
    epilog="Ví dụ / Example: ocop-sync held retry voso SP-00001 SP-00002"
    " --by 'Ng. Văn A'",
)
@click.argument("marketplace", type=CODE)
@click.argument("products", type=CODE, nargs=-1, required=True, metavar="CODE...")
@BY
def retry(*, marketplace: str, products: Sequence[str], by: Actor) -> None:
    """Gửi lại điều đã bị từ chối hoặc đã hỏng ba lần / send again what was refused.

    Dùng khi sàn đã đổi ý, hoặc lỗi đã hết; lần đồng bộ tới sẽ gửi. For when the
    marketplace has changed its mind, or its fault is over; the next sync sends it.
    """
    decide(lambda opened: try_again(opened, marketplace, products, by=by))
    names = ", ".join(dict.fromkeys(products))
    click.echo(f"{marketplace}: sẽ gửi lại / will be sent again: {names}")
