"""Tables and words for people, Vietnamese first.

Each table that shows figures of a simulated marketplace says so. Machines get
JSON from the commands themselves.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ocop_sync.service.json.writer import (
    JsonObject,
    json_document,
    json_text,
    write_form,
    write_form_as_read,
)
from ocop_sync.store.listings.coverage import Coverage

SIMULATED = "SỐ LIỆU MÔ PHỎNG / SIMULATED FIGURES"
NOTHING_TO_DO = "không có gì phải làm / nothing to do"

_PIPED_WIDTH = 160
"""Columns where there is no terminal: nothing is cut, as nothing was measured."""

_LISTABLE = {
    "listed": "đang bán / listed",
    "in_review": "chờ sàn duyệt / in review",
    "refused": "sàn từ chối / refused",
    "held": "tạm giữ / held",
    "pending": "chờ đăng / pending",
    "unconfirmed": "chưa xác nhận / unconfirmed",
}
"""The figure under which a listable product is counted."""

_BESIDES = {
    "validity_unknown": "chưa rõ còn hạn / validity unknown",
    "out_of_stock": "đang bán nhưng hết hàng / listed, out of stock",
    "live_not_listable": "đang bán nhưng không đủ điều kiện / live, not listable",
    "foreign": "tin của người khác / listings of others",
}
"""Figures of their own, in no sum."""


class HasForm(Protocol):
    """A result with one form in JSON."""

    def json_form(self) -> Mapping[str, object]:
        """Return it as JSON's values."""


def console() -> Console:
    """Return where tables are written, as it is now."""
    made = partial(Console, highlight=False, emoji=False)
    found = made()
    return found if found.is_terminal else made(width=_PIPED_WIDTH)


def write_json(value: object) -> None:
    """Write *value* for a machine, as `ocop_sync.service.json.writer` says."""
    click.echo(json_text(value))


def write_result(form: Mapping[str, object]) -> None:
    """Write the form of a result for a machine, its long lists row by row."""
    write_form(form, partial(click.echo, nl=False))


async def write_result_as_read(found: HasForm) -> None:
    """Write a result for a machine while a list of it is still read."""
    await write_form_as_read(found.json_form(), partial(click.echo, nl=False))


@contextmanager
def json_writer() -> Iterator[JsonObject]:
    """Write an object for a machine, piece by piece."""
    with json_document(partial(click.echo, nl=False)) as document:
        yield document


def show_line(text: str) -> None:
    """Show one line, however long it is: it may be copied, or searched for."""
    console().print(text, soft_wrap=True)


def shortened(text: str, most: int) -> str:
    """Return the first *most* characters of *text*."""
    return f"{text[:most]}…" if len(text) > most else text


def some_of(names: Sequence[str], most: int = 20) -> str:
    """Return the first *most* names, and how many there are besides."""
    more = f" … +{len(names) - most}" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def coverage_table(
    figures: Mapping[str, Coverage], as_of: str, *, whole: bool = False
) -> Table:
    """Return the overview for a leader: a column for each marketplace.

    Two fit 80 columns with every word whole, and more of them with words that go
    on in the next line. The *whole* one says why products are blocked, and has the
    figures that are in no sum.
    """
    title = f"Tình hình lên sàn / Coverage, {as_of}"
    table = side_by_side(
        title, {name: each.simulated for name, each in figures.items()}
    )
    for column in table.columns[1:]:
        column.justify = "right"
    each = figures.values()

    def add(words: str, values: Iterable[object]) -> None:
        table.add_row(words, *map(str, values))

    add("công nhận / certified", [counted.certified for counted in each])
    if whole:
        for code in sorted({code for counted in each for code in counted.blocked}):
            blocked = [counted.blocked.get(code, 0) for counted in each]
            add(f"  bị chặn / blocked {code}", blocked)
    add("đủ điều kiện / listable", [counted.listable for counted in each])
    for key, words in _LISTABLE.items():
        add(f"  {words}", [getattr(counted, key) for counted in each])
    add("tỷ lệ lên sàn / share", [_share(counted.share) for counted in each])
    if whole:
        table.add_section()
        for key, words in _BESIDES.items():
            add(words, [getattr(counted, key) for counted in each])
    return table


def side_by_side(title: str, simulated: Mapping[str, bool]) -> Table:
    """Return an empty table with a column for words, and one for each marketplace.

    Where one of them is *simulated*, that stands below.
    """
    names = [
        f"{name}\n(mô phỏng)" if is_mock else name
        for name, is_mock in simulated.items()
    ]
    return rows_table(title, ["", *names], SIMULATED if any(simulated.values()) else "")


def rows_table(title: str, columns: Iterable[str], caption: str = "") -> Table:
    """Return an empty table with left-aligned *columns*."""
    table = Table(title=title, caption=caption or None)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def indented(text: str) -> Padding:
    """Return *text* indented below its subject."""
    return Padding(plain(text), (0, 0, 0, 4), expand=False)


_SHOWN_BELOW = 20
"""Lines below a subject."""


def show_below(lines: Sequence[str]) -> None:
    """Show the first lines below their subject, and how many more there are."""
    out = console()
    for line in lines[:_SHOWN_BELOW]:
        out.print(indented(line))
    if len(lines) > _SHOWN_BELOW:
        out.print(indented(f"… +{len(lines) - _SHOWN_BELOW} (--json)"))


def plain(text: object) -> str:
    """Return *text* so that no part of it is taken for markup or for a command.

    A marketplace's text may hold commands that a terminal obeys: to move, to change its
    title, to write to the clipboard.
    """
    return escape(_COMMANDS.sub("\N{REPLACEMENT CHARACTER}", str(text)))


def plain_line(text: str) -> str:
    """Return *text* as one line, with nothing that a terminal obeys."""
    return _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line end, and those that turn the direction."""


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
