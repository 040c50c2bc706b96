"""All that waits for a person, the most urgent first: `ocop-sync worklist`."""

from functools import partial

import click

from ocop_sync.api.forms.work import work_form, work_item_form
from ocop_sync.cli.app.opened import ask
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.listed import listed
from ocop_sync.cli.views.tables import write_result
from ocop_sync.cli.views.work import show_work
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.service.department.work_filter import WorkFilter, chosen_work

_SHOWN = 50


@click.command(
    epilog="Ví dụ / Example: ocop-sync worklist --kind listing_refused"
    " --marketplace voso"
)
@click.option(
    "--kind",
    type=click.Choice([each.value for each in WorkKind]),
    metavar="KIND",
    help="Chỉ loại việc này, như --json nêu / only this kind, as --json names it.",
)
@click.option("--marketplace", type=CODE, help="Chỉ ở sàn này / only at this one.")
@click.option(
    "--commune",
    type=CODE,
    help="Chỉ của cơ sở ở xã này (mã từ 1/7/2025) / only of producers there.",
)
@click.option(
    "--producer", type=CODE, help="Chỉ của cơ sở này / only of this producer."
)
@click.option(
    "--today",
    "only_today",
    is_flag=True,
    help="Chỉ việc phải quyết định hôm nay / only what is to be decided today.",
)
@click.option(
    "--limit",
    type=click.IntRange(0, 10_000),
    default=_SHOWN,
    show_default=True,
    help="Nhiều nhất bao nhiêu việc, 0 chỉ để đếm; --json luôn là tất cả / at most so"
    " many, 0 only counts; all with --json.",
)
@AS_JSON
def worklist(
    *,
    kind: str | None,
    marketplace: str | None,
    commune: str | None,
    producer: str | None,
    only_today: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Mọi việc chờ người, gấp nhất trước, và mỗi loại bao nhiêu / all that waits.

    Một danh sách: tin bán sai, tài khoản hỏng, nhóm chờ duyệt, lần nạp chờ trả lời, sai
    lệch, tin trùng, sản phẩm bị giữ, giấy tờ, hạn. Không gọi sàn nào.

    In one list: what is on sale wrongly, accounts that fail, groups, imports, drift,
    twins, held products, papers, ends. Calls no marketplace.
    """
    chosen = WorkFilter(
        kind=None if kind is None else WorkKind(kind),
        marketplace=marketplace,
        commune=commune,
        producer=producer,
        only_today=only_today,
    )
    found = ask(partial(chosen_work, chosen=chosen))
    if as_json:
        told = listed("items", found.items, work_item_form, work_form(found))
        write_result(told.json_form())
    else:
        show_work(found, limit)
