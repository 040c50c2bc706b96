"""Figures of coverage to people: of a day, by parts, their lists, and what is ahead."""

from collections.abc import Sequence
from datetime import timedelta

import click

from catalog.vietnam_time import moment
from ocop_sync.cli.views.read_ages import show_read_ages
from ocop_sync.cli.views.tables import SIMULATED, console, plain, rows_table
from ocop_sync.engine.figure_words import PublishedFigure
from ocop_sync.service.queries.catalog_coverage import NOWHERE
from ocop_sync.service.queries.change_freshness import AllFreshness
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    CountedList,
    DayCoverage,
)
from ocop_sync.service.queries.coverage_outlook import (
    ClaimsEnded,
    EndsComing,
    Outlook,
)

_COLUMNS = (
    ("certified", "công nhận\ncertified"),
    ("listable", "đủ điều kiện\nlistable"),
    ("listed", "đang bán\nlisted"),
    ("held", "tạm giữ\nheld"),
    ("blocked", "bị chặn\nblocked"),
    ("live_not_listable", "bán sai\nlive, not listable"),
)
_PARTS = {
    "commune": "xã / commune",
    "stars": "hạng sao / stars",
    "set": "bộ sản phẩm / product set",
    "kind": "loại hình / kind",
}
_FIRST = 50
"""Rows that are shown to people; machines get all."""


def show_coverage(
    found: DayCoverage, published: Sequence[PublishedFigure] = ()
) -> None:
    """Show the figures of a day, and apart those that others have published."""
    part = _PARTS[found.by] if found.by else ""
    columns = ["sàn\nmarketplace", *([part] if part else [])]
    columns += [words for _, words in _COLUMNS] + ["tỷ lệ\nshare"]
    title = f"Tình hình lên sàn / Coverage, {moment(found.at)}"
    table = rows_table(title, columns, SIMULATED if found.simulated else "")
    for cell in found.cells:
        table.add_row(*_row(cell, has_part=bool(part)))
    out = console()
    if found.cells:
        out.print(table)
    show_read_ages(found.read_ages)
    for name in found.not_known:
        began = found.history_began.get(name)
        since = f"đếm từ / counted since {moment(began)}" if began else "chưa đếm"
        click.echo(f"{name}: không rõ / not known ({since})")
    show_published(published)


def show_published(found: Sequence[PublishedFigure]) -> None:
    """Show figures that others have published; their rule of counting is not known."""
    for each in found:
        click.echo(
            f"Đã công bố / published {each.when}: {each.listed}/{each.of}"
            f" ({each.where}). {each.rule}"
        )


def _row(cell: Cell, *, has_part: bool) -> list[str]:
    numbers = [str(cell.figures[name].value) for name, _ in _COLUMNS]
    share = cell.figures["listed"].share
    name = f"{cell.marketplace} (mô phỏng)" if cell.simulated else cell.marketplace
    name = "chưa có sàn\nnone is set" if name == NOWHERE else name
    part = [str(plain(str(cell.part))) or "-"] if has_part else []
    return [name, *part, *numbers, "-" if share is None else f"{share:.1%}"]


def show_claims(found: ClaimsEnded) -> None:
    """Say how many listings claim what has ended, and name the first of them."""
    if found.listings:
        show_all_claims(found)


def show_all_claims(found: ClaimsEnded) -> None:
    """Say the same, also where there is none."""
    click.echo(f"{found.definition}: {len(found.listings)}")
    for each in found.listings[:_FIRST]:
        ended = f", {each.ends_on}" if each.ends_on else ""
        click.echo(f"  {each.product_id} ({each.marketplace}{ended})")


async def show_list(found: CountedList) -> None:
    """Show the products that a figure counts, as they are read."""
    if found.simulated:
        click.echo(SIMULATED)
    count = 0
    async for chosen, each in found.products:
        count += 1
        of = each.counted
        reason = f", {of.reason}" if of.reason else ""
        name = f"{plain(each.name)} ({plain(each.producer)})" if each.name else "?"
        click.echo(
            f"{chosen.marketplace} {of.product_id} {name}: {of.counted}{reason}"
            f", từ / since {moment(of.began_at)}"
        )
    click.echo(f"Tổng cộng / total: {count}")


def show_outlook(found: Outlook) -> None:
    """Show who drops out by a day."""
    if found.simulated:
        click.echo(SIMULATED)
    for when, counts in (("bây giờ / now", found.now), (str(found.as_of), found.then)):
        told = ", ".join(f"{name} {n}" for name, n in counts.items())
        click.echo(f"{when}: {told or '-'}")
    click.echo(f"Không còn đủ điều kiện / drop out: {len(found.drops_out)}")
    for each in found.drops_out[:_FIRST]:
        where = f", đang bán / on sale: {', '.join(each.on_sale_at)}"
        rule = f" {each.rule}" if each.rule else ""
        click.echo(
            f"  {each.product_id} {plain(each.name)} ({plain(each.producer)}):"
            f" {each.later}{rule}{where if each.on_sale_at else ''}"
        )
    _show_rest(len(found.drops_out), found.faulty)


def show_ends(found: EndsComing) -> None:
    """Show how many certificates end soon, and which."""
    for days, count in found.within.items():
        click.echo(f"Hết hạn trong / end within {days} ngày / days: {count}")
    for each in found.rows[:_FIRST]:
        click.echo(
            f"  {each.ends_on:%d/%m/%Y} {each.product_id} {plain(each.product)}"
            f" ({plain(each.producer)})"
        )
    _show_rest(len(found.rows), found.faulty)


def show_freshness(found: AllFreshness) -> None:
    """Show how long changes took until a read has shown them."""
    columns = [
        "sàn\nmarketplace",
        "phần\nfacet",
        "số thay đổi\nchanges",
        *("p50", "p95", "p99"),
    ]
    title = f"Độ trễ / Freshness, {moment(found.since)} - {moment(found.as_of)}"
    table = rows_table(title, columns, SIMULATED if found.simulated else "")
    for each in found.marketplaces:
        name = f"{each.marketplace} (mô phỏng)" if each.simulated else each.marketplace
        parts = {
            "sàn trả lời / answered": each.taken,
            "đọc lại / read back": each.confirmed,
            **{f"  {facet}": some for facet, some in each.by_facet.items()},
        }
        for words, some in parts.items():
            times = map(_duration, (some.p50_s, some.p95_s, some.p99_s))
            table.add_row(name, words, str(some.count), *times)
    console().print(table)
    for each in found.marketplaces:
        click.echo(
            f"{each.marketplace}: bị thay trước khi gửi / superseded {each.superseded};"
            f" sau khi gửi / overtaken {each.overtaken};"
            f" chưa đọc lại / open {each.open}"
        )


def _duration(seconds: float | None) -> str:
    return "-" if seconds is None else str(timedelta(seconds=round(seconds)))


def _show_rest(count: int, faulty: Sequence[str]) -> None:
    if count > _FIRST:
        click.echo(f"  … +{count - _FIRST}; --json: tất cả / all")
    if faulty:
        click.echo(f"Không xét được / could not be evaluated: {', '.join(faulty)}")
