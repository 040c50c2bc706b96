"""All that waits for a person, the most urgent first: `ocop-sync worklist`."""

import click

from ocop_sync.api.forms.work import work_form, work_item_form
from ocop_sync.cli.app.opened import ask
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.views.listed import listed
from ocop_sync.cli.views.tables import write_result
from ocop_sync.cli.views.work import show_work
from ocop_sync.service.department.all_work import all_work

_SHOWN = 50


@click.command(epilog="Ví dụ / Example: ocop-sync worklist --limit 20")
@click.option(
    "--limit",
    type=click.IntRange(0, 10_000),
    default=_SHOWN,
    show_default=True,
    help="Nhiều nhất bao nhiêu việc, 0 chỉ để đếm; --json luôn là tất cả / at most so"
    " many, 0 only counts; all with --json.",
)
@AS_JSON
def worklist(*, limit: int, as_json: bool) -> None:
    """Mọi việc chờ người, gấp nhất trước, và mỗi loại bao nhiêu / all that waits.

    Một danh sách: tin bán sai, tài khoản hỏng, nhóm chờ duyệt, lần nạp chờ trả lời, sai
    lệch, tin trùng, sản phẩm bị giữ, giấy tờ, hạn. Không gọi sàn nào.

    In one list: what is on sale wrongly, accounts that fail, groups, imports, drift,
    twins, held products, papers, ends. Calls no marketplace.
    """
    found = ask(all_work)
    if as_json:
        told = listed("items", found.items, work_item_form, work_form(found))
        write_result(told.json_form())
    else:
        show_work(found, limit)
