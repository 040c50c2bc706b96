"""Show how much is on sale on any day, and what it counts: `ocop-sync coverage`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import click

from ocop_sync.api.forms.coverage import (
    HistoryForm,
    ListHeadForm,
    PublishedList,
    counted_form,
    coverage_form,
    day_form,
    published_form,
)
from ocop_sync.api.forms.freshness import freshness_form
from ocop_sync.api.forms.outlook import (
    claims_form,
    drops_out_form,
    end_form,
    ends_form,
    outlook_form,
)
from ocop_sync.api.typed.values import Model
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.opened import in_deployment, shown_while_read
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import CODE, Day
from ocop_sync.cli.views.coverage import (
    show_all_claims,
    show_claims,
    show_coverage,
    show_ends,
    show_freshness,
    show_list,
    show_outlook,
    show_published,
)
from ocop_sync.cli.views.listed import Listed, listed
from ocop_sync.cli.views.tables import write_json, write_result, write_result_as_read
from ocop_sync.engine.figure_words import published_figures
from ocop_sync.errors import QuestionError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.change_freshness import LONGEST, change_freshness
from ocop_sync.service.queries.coverage_figures import (
    CountedFilter,
    CountedList,
    Dimension,
    counted_lists,
    coverage_history,
    coverage_of,
)
from ocop_sync.service.queries.coverage_outlook import (
    EndsComing,
    Outlook,
    ends_coming,
    outlook,
)
from ocop_sync.service.queries.coverage_outlook import (
    claims_ended as all_claims_ended,
)
from ocop_sync.store.listings.coverage_days import FIGURES

T = TypeVar("T")

_WINDOW = 7
"""Days of changes, where nobody says otherwise."""
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
    type=click.IntRange(1, LONGEST.days),
    is_flag=False,
    flag_value=_WINDOW,
    metavar="[DAYS]",
    help=f"Thay đổi mất bao lâu để lên sàn, {_WINDOW} ngày qua hoặc DAYS ngày qua / how"
    f" long changes took to show, in the last {_WINDOW} days, or DAYS.",
)
@click.option(
    "--history",
    "days",
    nargs=2,
    type=Day(),
    metavar="FIRST LAST",
    help="Số liệu từng ngày, từ FIRST đến LAST / figures of each of these days.",
)
@click.option(
    "--claims-ended",
    is_flag=True,
    help="Tin đang bán còn ghi OCOP dù đã hết hạn / listings that claim what ended.",
)
@click.option(
    "--published",
    is_flag=True,
    help="Số liệu nơi khác đã công bố / figures that others have published.",
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
    freshness: int | None,
    days: tuple[datetime, datetime] | None,
    claims_ended: bool,
    published: bool,
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
        days=days,
        claims_ended=claims_ended,
        published=published,
        figure=figure,
        part=part,
        by=by,
    )
    if as_of is not None:
        _give(partial(outlook, as_of=as_of.date()), show_outlook, _outlook, as_json)
    elif ends:
        _give(ends_coming, show_ends, _ends, as_json)
    elif freshness:
        query = partial(change_freshness, window=timedelta(days=freshness))
        _give(query, show_freshness, freshness_form, as_json)
    elif days is not None:
        first, last = days
        _show_history(marketplace, first.date(), last.date(), as_json)
    elif claims_ended:
        _give(all_claims_ended, show_all_claims, claims_form, as_json)
    elif published:
        _show_published(as_json)
    elif figure is not None:
        of = partial(
            _lists, name=marketplace, day=_of_day(day), figure=figure, by=by, part=part
        )
        show = _write_list if as_json else show_list
        _asked(shown_while_read(of, show))
    else:
        _show_day(marketplace, _of_day(day), Dimension(by) if by else None, as_json)


def _show_day(
    name: str | None, day: date | None, by: Dimension | None, as_json: bool
) -> None:
    """Show the figures of a day; with those of now, the claims that have ended."""
    names = (name,) if name else ()
    counted = _asked(partial(coverage_of, day=day, by=by, names=names))
    claims = None if day else _asked(all_claims_ended)
    if as_json:
        write_json(coverage_form(counted, claims))
        return
    show_coverage(counted, published_figures())
    if claims is not None:
        show_claims(claims)


def _show_history(name: str | None, first: date, last: date, as_json: bool) -> None:
    names = (name,) if name else ()
    found = _asked(partial(coverage_history, first=first, last=last, names=names))
    if as_json:
        write_json(HistoryForm(days=tuple(map(day_form, found))))
        return
    for each in found:
        show_coverage(each)


def _show_published(as_json: bool) -> None:
    found = published_figures()
    if as_json:
        write_json(PublishedList(published=tuple(map(published_form, found))))
    else:
        show_published(found)


def _give(
    query: Callable[[Deployment], Awaitable[T]],
    show: Callable[[T], None],
    form: Callable[[T], Model | Listed],
    as_json: bool,
) -> None:
    found = _asked(query)
    if as_json:
        write_result(form(found).json_form())
    else:
        show(found)


def _outlook(found: Outlook) -> Listed:
    return listed("drops_out", found.drops_out, drops_out_form, outlook_form(found))


def _ends(found: EndsComing) -> Listed:
    return listed("rows", found.rows, end_form, ends_form(found))


async def _write_list(found: CountedList) -> None:
    async def rows() -> AsyncIterator[Model]:
        async for chosen, product in found.products:
            yield counted_form(chosen.marketplace, product)

    head = ListHeadForm(simulated=found.simulated)
    await write_result_as_read(Listed("products", rows(), head))


def _ensure_together(**given: object) -> None:
    """Refuse options of which one would be left out without a word.

    Raises:
        click.UsageError: Some do not go together.
    """
    apart = ("as_of", "ends", "freshness", "days", "claims_ended", "published")
    for name in apart:
        others = [other for other, value in given.items() if value and other != name]
        if given[name] and others:
            message = (
                f"--{_option(name)} không đi cùng / does not go with"
                f" {', '.join('--' + _option(o) for o in others)}"
            )
            raise click.UsageError(message)
    if given["part"] and not (given["figure"] and given["by"]):
        message = "--part cần --list và --by / --part needs --list and --by"
        raise click.UsageError(message)


def _option(name: str) -> str:
    return {"figure": "list", "days": "history"}.get(name, name.replace("_", "-"))


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
