"""Each change of one product, pack or producer: `ocop-sync history CODE`."""

from functools import partial

import click

from catalog.queries.timeline import SHOWN, WholeTimeline, timeline_page, whole_timeline
from ocop_sync.api.forms.timeline import TimelineForm, change_form, subject_form
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.opened import read_catalog, shown_while_read
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import CODE, NUMBER
from ocop_sync.cli.views.listed import Listed, as_shown
from ocop_sync.cli.views.tables import write_result_as_read
from ocop_sync.cli.views.timeline import show_timeline


@click.command(epilog="Ví dụ / Example: ocop-sync history SP-00012")
@click.argument("code", type=CODE, metavar="CODE")
@click.option(
    "--before",
    type=NUMBER,
    metavar="N",
    help="Chỉ những thay đổi trước số N / only changes before number N.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=SHOWN,
    show_default=True,
    help="Nhiều nhất bao nhiêu thay đổi; --json luôn là tất cả / at most so many; all"
    " with --json.",
)
@AS_JSON
def history(*, code: str, before: int | None, limit: int, as_json: bool) -> None:
    """Từng thay đổi của sản phẩm, quy cách hay cơ sở / each change of CODE.

    CODE là mã sản phẩm, SKU hoặc mã cơ sở. Mới nhất trước: lúc nào, ai, việc gì, trước
    và sau. Có thể có dữ liệu cá nhân trong 30 ngày: chỉ dành cho người phụ trách dịch
    vụ. Lượt bán ở các sàn không phải là thay đổi.

    CODE is the id of a product or a producer, or an SKU. The latest first: when, who,
    which act, before and after. Values may be personal data for 30 days: it is for the
    service's owner only. Sales at marketplaces change no field.
    """
    if as_json:
        query = partial(whole_timeline, code=code, before=before)
        work = shown_while_read(query, _write)
        run(read_catalog(settings_of(), work))
        return
    page = partial(timeline_page, code=code, before=before, size=limit)
    show_timeline(run(read_catalog(settings_of(), page)))


async def _write(found: WholeTimeline) -> None:
    head = TimelineForm(of=subject_form(found.of))
    rows = as_shown(found.changes, change_form)
    await write_result_as_read(Listed("changes", rows, head))
