"""Take an import back: `ocop-sync import undo`."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import click

from catalog.db.field_changes import Change
from catalog.model.actor import Actor
from catalog.undo.plan import Staying
from catalog.undo.undo import UndoReport, undo_and_name
from catalog.vietnam_time import moment
from ocop_sync.bootstrap import rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.opened import write_catalog
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import NUMBER
from ocop_sync.cli.feeds import CONFIRM, CONFIRMED_BY, confirmation
from ocop_sync.cli.views.import_changes import in_words
from ocop_sync.cli.views.import_report import taken_by_kind
from ocop_sync.cli.views.tables import plain, show_line, write_result

_SHOWN = 50


@click.command(
    short_help="Hoàn tác một lần nạp / Take an import back.",
    epilog="Ví dụ / Example: ocop-sync import undo 3",
)
@click.argument("number", metavar="ID", type=NUMBER)
@CONFIRM
@CONFIRMED_BY
@AS_JSON
@click.pass_context
def undo(
    ctx: click.Context,
    *,
    number: int,
    token: str | None,
    by: Actor | None,
    as_json: bool,
) -> None:
    """Hoàn tác lần nạp ID; không có --confirm thì chỉ cho xem / take import ID back.

    Chỉ giá trị chưa ai đổi từ đó mới trở lại như trước. Sản phẩm do lần nạp tạo vẫn
    còn, được đánh dấu và không đăng mới. Điều lấy khỏi người mua tính vào hạn mức gỡ.
    Muốn có lại thì nạp lại tệp.

    Without --confirm it only shows the changes (exit code 3). Only values that nobody
    has changed since go back. Products that the import made stay, marked, and are not
    newly listed. Its removals count in the budget. To have it all again, import the
    file again.
    """
    confirmed = confirmation(token, by)
    settings = settings_of()
    work = partial(
        undo_and_name,
        number=number,
        rules=rules_of(settings),
        confirmed=confirmed,
        named=_SHOWN,
    )
    found = run(write_catalog(settings, work))
    if as_json:
        write_result(found.report.json_form())
    else:
        _show(found.report, found.names)
    ctx.exit(Exit.DONE if found.report.written else Exit.HELD)


def _show(report: UndoReport, names: Mapping[str, str]) -> None:
    made = report.made
    done = "ĐÃ HOÀN TÁC / UNDONE" if report.written else "HOÀN TÁC / UNDO"
    named = f"{plain(made.file)}, {moment(made.imported_at)}"
    show_line(f"{done}: lần nạp / import {made.id}, {named}")
    if report.stale:
        show_line(
            "mã xác nhận không khớp: danh mục đã thay đổi. Hãy đọc lại và xác nhận bằng"
            " mã mới / the token does not fit: the catalog has changed. Read again and"
            " confirm with the new token"
        )
    if not report.written:
        show_line("CHƯA GHI GÌ / NOTHING WAS WRITTEN")
    _list(
        "trở lại như trước / goes back",
        [in_words(Change(e.where, e.now, e.then), names) for e in report.back[:_SHOWN]],
        len(report.back),
    )
    _list(
        "giữ nguyên, vì đã có người đổi từ đó / stays, as it was changed since",
        [_stay_in_words(each, names) for each in report.stays[:_SHOWN]],
        len(report.stays),
    )
    _list(
        "sản phẩm lần nạp đã tạo: vẫn còn, được đánh dấu, không đăng mới / products"
        " that it made: they stay, marked, and are not newly listed",
        [f"{id_} {plain(names.get(id_, ''))}" for id_ in report.created[:_SHOWN]],
        len(report.created),
    )
    for line in _counts(report):
        show_line(line)
    if not report.written:
        show_line(
            "Nếu đúng thì xác nhận / if it is right, confirm: ocop-sync import undo"
            f" {made.id} --confirm {report.token} --by TÊN"
        )


def _counts(report: UndoReport) -> Iterator[str]:
    if report.named:
        yield (
            f"{len(report.named)} sản phẩm do lần nạp tạo, nguồn khác hoặc lần nạp sau"
            " cũng nêu: giữ nguyên / products that it made and another import names:"
            " they stay as they are"
        )
    if report.renamed:
        yield (
            f"{report.renamed} sản phẩm: nguồn {plain(report.made.source)} lại nêu hay"
            " không nêu như trước / products that the source names as it did before"
        )
    if report.later:
        numbers = ", ".join(map(str, report.later))
        yield (
            f"lần nạp sau của cùng nguồn không bị hoàn tác: {numbers}; nguồn nêu sản"
            " phẩm nào là theo lần đó / later imports of the same source stand: what"
            " the source names is as they say"
        )
    if report.takes:
        number = report.import_id
        cause = f" (import:{number})" if number else ""
        yield (
            f"LẤY KHỎI NGƯỜI MUA / TAKES FROM BUYERS{cause}:"
            f" {taken_by_kind(report.takes)}. Tính vào hạn mức gỡ của từng sàn, phần"
            " vượt chờ duyệt (ocop-sync held list) / counts in each marketplace's"
            " budget, what is beyond it waits for approval (ocop-sync held list)"
        )


def _stay_in_words(stays: Staying, names: Mapping[str, str]) -> str:
    said = in_words(Change(stays.where, stays.imported, stays.now), names)
    if stays.imported == stays.now:
        said = in_words(Change(stays.where, None, stays.now), names)
    since = stays.since
    if since is None:
        return f"{said} (không rõ ai đổi / it is not known by whom)"
    by = plain(since.by) or "có người / somebody"
    return f"{said} ({by}, {moment(since.at)})"


def _list(title: str, lines: Sequence[str], count: int) -> None:
    if count:
        show_line(f"{title}: {count}")
    for line in lines:
        show_line(f"  {line}")
    if (more := count - len(lines)) > 0:
        show_line(f"  … và {more} nữa (--json) / and {more} more")
