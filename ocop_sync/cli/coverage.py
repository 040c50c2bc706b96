"""Show how much is on sale on any day, and what it counts: `ocop-sync coverage`."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import click

from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.opened import in_deployment, shown_while_read
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import CODE, Day
from ocop_sync.cli.views.coverage import (
    show_claims,
    show_coverage,
    show_ends,
    show_freshness,
    show_list,
    show_outlook,
)
from ocop_sync.cli.views.tables import (
    HasForm,
    write_json,
    write_result,
    write_result_as_read,
)
from ocop_sync.engine.figure_words import published_figures
from ocop_sync.errors import QuestionError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.change_freshness import change_freshness
from ocop_sync.service.queries.coverage_figures import (
    CountedFilter,
    CountedList,
    Dimension,
    counted_lists,
    coverage_of,
)
from ocop_sync.service.queries.coverage_outlook import (
    claims_ended,
    ends_coming,
    outlook,
)
from ocop_sync.store.listings.coverage_days import FIGURES

T = TypeVar("T")
F = TypeVar("F", bound=HasForm)

_WINDOW = timedelta(days=7)
_STARS = ("0", "3", "4", "5")


def _of_day(value: datetime | None) -> date | None:
    return value.date() if value else None


@click.command(
    epilog="Ví dụ / Example: ocop-sync coverage --by commune --day 31/12/2026"
)
@click.argument("marketplace", type=CODE, required=False)
@click.option(
    "--day",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Cuối ngày đó, giờ Việt Nam; bỏ trống: bây giờ / at the end of that day; now"
    " if left out.",
)
@click.option(
    "--by",
    type=click.Choice([each.value for each in Dimension]),
    help="Theo xã, hạng sao, bộ sản phẩm, loại hình cơ sở / by commune, stars, product"
    " set, kind of producer.",
)
@click.option(
    "--list",
    "figure",
    type=click.Choice(list(FIGURES)),
    help="Các sản phẩm mà số liệu đó đếm / the products that this figure counts.",
)
@click.option(
    "--part",
    type=CODE,
    help="--list --by: chỉ phần này, như 06733 / only of this part.",
)
@click.option(
    "--as-of",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Xem trước: đến cuối ngày đó ai không còn đủ điều kiện / ahead: who drops out"
    " by then.",
)
@click.option(
    "--ends",
    is_flag=True,
    help="Giấy chứng nhận hết hạn trong 30, 60, 90 ngày tới / certificates that end"
    " in 30, 60, 90 days.",
)
@click.option(
    "--freshness",
    is_flag=True,
    help="Thay đổi mất bao lâu để lên sàn, 7 ngày qua / how long changes took to show,"
    " in the last 7 days.",
)
@AS_JSON
def coverage(
    *,
    marketplace: str | None,
    day: datetime | None,
    by: str | None,
    figure: str | None,
    part: str | None,
    as_of: datetime | None,
    ends: bool,
    freshness: bool,
    as_json: bool,
) -> None:
    """Số liệu lên sàn của một ngày, và danh sách / figures of a day, and their lists.

    Đếm theo những gì đã biết vào ngày đó. Counted as was known on that day. Calls no
    marketplace.
    """
    _ensure_together(
        day=day,
        as_of=as_of,
        ends=ends,
        freshness=freshness,
        figure=figure,
        part=part,
        by=by,
    )
    if as_of is not None:
        _give(_asked(partial(outlook, as_of=as_of.date())), show_outlook, as_json)
    elif ends:
        _give(_asked(ends_coming), show_ends, as_json)
    elif freshness:
        told = _asked(partial(change_freshness, window=_WINDOW))
        if as_json:
            write_json(told)
        else:
            show_freshness(told)
    elif figure is not None:
        query = partial(
            _lists, name=marketplace, day=_of_day(day), figure=figure, by=by, part=part
        )
        show = write_result_as_read if as_json else show_list
        _asked(shown_while_read(query, show))
    else:
        _show_day(marketplace, _of_day(day), Dimension(by) if by else None, as_json)


def _show_day(
    name: str | None, day: date | None, by: Dimension | None, as_json: bool
) -> None:
    """Show the figures of a day; with those of now, the claims that have ended."""
    names = (name,) if name else ()
    counted = _asked(partial(coverage_of, day=day, by=by, names=names))
    claims = None if day else _asked(claims_ended)
    published = published_figures()
    if as_json:
        more = {"claims_ended": claims, "published": published}
        write_json(counted.json_form() | more)
        return
    show_coverage(counted, published)
    if claims is not None:
        show_claims(claims)


def _give(found: F, show: Callable[[F], None], as_json: bool) -> None:
    if as_json:
        write_result(found.json_form())
    else:
        show(found)


def _ensure_together(**given: object) -> None:
    """Refuse options of which one would be left out without a word.

    Raises:
        click.UsageError: Some do not go together.
    """
    apart = ("as_of", "ends", "freshness")
    for name in apart:
        others = [other for other, value in given.items() if value and other != name]
        if given[name] and others:
            message = (
                f"--{name.replace('_', '-')} không đi cùng / does not go with"
                f" {', '.join('--' + _OPTION.get(o, o) for o in others)}"
            )
            raise click.UsageError(message)
    if given["part"] and not (given["figure"] and given["by"]):
        message = "--part cần --list và --by / --part needs --list and --by"
        raise click.UsageError(message)


_OPTION = {"as_of": "as-of", "figure": "list"}


async def _lists(
    deployment: Deployment,
    *,
    name: str | None,
    day: date | None,
    figure: str,
    by: str | None,
    part: str | None,
) -> CountedList:
    """Return the products that a figure counts at each marketplace of which it is."""
    known = await coverage_of(deployment, day=day, names=(name,) if name else ())
    value = _part(by, part) if by and part else {}
    return await counted_lists(
        deployment,
        [
            CountedFilter(marketplace=cell.marketplace, figure=figure, day=day, **value)
            for cell in known.cells
        ],
    )


def _part(by: str, part: str) -> dict[str, Any]:
    """Return the part that is asked for; stars are a number.

    Raises:
        QuestionError: They are none.
    """
    if by != Dimension.STARS:
        return {by: part}
    if part not in _STARS:
        message = f"--part {part}: cần một hạng sao / stars are {', '.join(_STARS)}"
        raise QuestionError(message)
    return {by: int(part)}


def _asked(query: Callable[[Deployment], Awaitable[T]]) -> T:
    with _as_input():
        return run(in_deployment(settings_of(), query, needs_accounts=False))


@contextmanager
def _as_input() -> Iterator[None]:
    """Report a question without an answer as wrong input."""
    try:
        yield
    except QuestionError as error:
        raise click.UsageError(str(error)) from error
