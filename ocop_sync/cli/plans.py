"""Plans that are kept and decided on: `ocop-sync plan make`, `list`, `approve`, ..."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import click

from catalog.model.actor import Actor
from catalog.vietnam_time import moment
from ocop_sync.api.forms.plans import plan_change_form, plan_form
from ocop_sync.api.forms.runs import request_form
from ocop_sync.cli.app.app import settings_with_accounts
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.group_beside import GroupBeside
from ocop_sync.cli.app.opened import ask, decide
from ocop_sync.cli.app.options import AS_JSON, BY, WHY
from ocop_sync.cli.app.param_types import CODE, NUMBER
from ocop_sync.cli.app.plan_scope import scope_of, scoped
from ocop_sync.cli.plan import plan
from ocop_sync.cli.views.listed import listed
from ocop_sync.cli.views.plans import (
    ask_for_token,
    show_change,
    show_plan,
    show_plan_line,
)
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    console,
    show_line,
    write_json,
    write_result,
)
from ocop_sync.errors import HeldPlanError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan import kept_plans
from ocop_sync.service.plan.kept_plans import PlanPage, PlanWithChanges, SeenPlan
from ocop_sync.service.queries.requests import SeenRequest
from ocop_sync.service.requests.plan_runs import carry_out_plan

_SHOWN: Final = 20
_ALL: Final = 2**31 - 1
_NUMBER = click.argument("number", metavar="ID", type=NUMBER)

plans = GroupBeside(plan)


@plans.command(
    short_help="Lập và giữ kế hoạch để duyệt / Make one, to be decided on.",
    epilog="Ví dụ / Example: ocop-sync plan make postmart --by 'Lê B'",
)
@scoped
@BY
@AS_JSON
def make(*, by: Actor, as_json: bool, **scope: Sequence[str]) -> None:
    """Lập kế hoạch cho lần đồng bộ tới và giữ bảy ngày / make a plan, kept a week.

    Như `plan`: không ghi gì lên sàn, không gọi sàn nào. As `plan` does: nothing is
    written at a marketplace, and none is called.
    """
    settings_with_accounts()

    async def act(deployment: Deployment) -> PlanWithChanges:
        number = await kept_plans.make_plan(deployment, scope_of(**scope), by=by)
        return await kept_plans.see_plan(deployment, number, size=1)

    found = decide(act)
    if as_json:
        write_json(plan_form(found.plan))
        return
    show_plan(found.plan)
    number = found.plan.row.id
    show_line(
        f"xem: ocop-sync plan show {number}, rồi duyệt hoặc từ chối / see it by that"
        " command, then approve or refuse it"
    )


@plans.command(
    "list",
    short_help="Các kế hoạch / Plans.",
    epilog="Ví dụ / Example: ocop-sync plan list",
)
@AS_JSON
def list_(*, as_json: bool) -> None:
    """Các kế hoạch đang giữ, mới nhất trước / kept plans, the latest first.

    Hết hạn quá 30 ngày thì xóa. Those that expired 30 days ago are gone.
    """

    async def query(deployment: Deployment) -> PlanPage:
        return await kept_plans.list_plans(deployment, size=_ALL - 1)

    found = ask(query)
    if as_json:
        write_result(listed("plans", found.plans, plan_form).json_form())
        return
    for each in found.plans:
        show_plan_line(each)
    if not found.plans:
        click.echo(NOTHING_TO_DO)


@plans.command(
    short_help="Một kế hoạch, từng thay đổi / One plan with its changes.",
    epilog="Ví dụ / Example: ocop-sync plan show 12 --limit 100",
)
@_NUMBER
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help=f"Nhiều nhất bao nhiêu thay đổi; mặc định {_SHOWN}, với --json là tất cả"
    f" / at most so many changes; {_SHOWN} by default, all with --json.",
)
@AS_JSON
def show(*, number: int, limit: int | None, as_json: bool) -> None:
    """Kế hoạch ID: sản phẩm, tin, trước, sau, vì sao, ai duyệt / one plan, whole.

    Sau khi thực hiện thì kèm kết quả từng thay đổi. Once it was carried out, each
    change has what came of it.
    """
    size = limit or (_ALL - 1 if as_json else _SHOWN)
    found = decide(partial(kept_plans.see_plan, number=number, size=size))
    if as_json:
        head = plan_form(found.plan)
        rows = listed("items", found.changes, plan_change_form, head)
        write_result(rows.json_form())
        return
    show_plan(found.plan)
    for each in found.changes:
        show_change(each)
    if found.last is not None:
        more = found.plan.row.changes - len(found.changes)
        console().print(f"… và {more} thay đổi nữa / and {more} more (--limit, --json)")


@plans.command(
    short_help="Duyệt một kế hoạch / Approve a plan.",
    epilog="Ví dụ / Example: ocop-sync plan approve 12 --by 'Lê B' --reason 'đã xem'",
)
@_NUMBER
@BY
@WHY
@click.option(
    "--confirm",
    "token",
    type=CODE,
    metavar="TOKEN",
    help="Mã xác nhận điều người mua sẽ mất / the token of what it takes from buyers.",
)
@AS_JSON
def approve(
    *, number: int, by: Actor, reason: str, token: str | None, as_json: bool
) -> None:
    """Duyệt kế hoạch ID đúng như đã xem / approve a plan as it was read.

    Nếu lấy đi gì của người mua, chưa duyệt: xem sẽ mất gì (mã thoát 3), rồi làm lại
    kèm --confirm. Phần vượt hạn mức gỡ không nằm trong kế hoạch.

    If it takes anything from buyers, it is not approved yet: that is told (exit code
    3), and --confirm means it. What is above the budget is no part of a plan.
    """
    act = partial(
        kept_plans.approve_plan, number=number, by=by, reason=reason, token=token or ""
    )
    try:
        seen = decide(act)
    except HeldPlanError as error:
        ask_for_token(error, as_json=as_json)
        raise click.exceptions.Exit(Exit.HELD) from None
    _tell(seen, as_json=as_json)


@plans.command(
    short_help="Không duyệt một kế hoạch / Refuse a plan.",
    epilog="Ví dụ / Example: ocop-sync plan refuse 12 --by 'Lê B' --reason 'giá cũ'",
)
@_NUMBER
@BY
@WHY
@AS_JSON
def refuse(*, number: int, by: Actor, reason: str, as_json: bool) -> None:
    """Không cho ai thực hiện kế hoạch ID, cả khi đã duyệt / nobody carries it out."""
    act = partial(kept_plans.refuse_plan, number=number, by=by, reason=reason)
    _tell(decide(act), as_json=as_json)


@plans.command(
    "carry-out",
    short_help="Nhờ worker thực hiện / Have a worker carry it out.",
    epilog="Ví dụ / Example: ocop-sync plan carry-out 12 --by 'Lê B'",
)
@_NUMBER
@BY
@AS_JSON
def carry_out(*, number: int, by: Actor, as_json: bool) -> None:
    """Nhờ worker thực hiện kế hoạch ID đã duyệt / have a worker do what it says.

    Mỗi thay đổi được so lại với hiện tại; cái nào không còn đúng thì không gửi và kế
    hoạch nói ra. Each change is compared with the present; one that no longer fits is
    not sent, and the plan says so.
    """
    request = decide(partial(carry_out_plan, number=number, by=by))
    if as_json:
        write_json(request_form(SeenRequest(request, by=by)))
        return
    show_line(
        f"{request.id}: worker sẽ thực hiện; xem: ocop-sync runs show {request.id}"
        " / a worker will carry it out, and that command shows it"
    )


def _tell(seen: SeenPlan, *, as_json: bool) -> None:
    if as_json:
        write_json(plan_form(seen))
        return
    when = moment(seen.row.expires_at)
    show_plan_line(seen)
    if seen.row.state == "approved":
        show_line(
            f"thực hiện trước {when}: ocop-sync plan carry-out {seen.row.id} --by TÊN"
            f" / to be carried out by {when}, by that command"
        )
