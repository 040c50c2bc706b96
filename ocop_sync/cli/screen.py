"""What people see: tables and words, Vietnamese first.

Each table that shows figures of a simulated marketplace says so. Machines get
JSON from the commands themselves.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from textwrap import indent
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

SIMULATED = "SỐ LIỆU MÔ PHỎNG / SIMULATED FIGURES"
NOTHING_TO_DO = "không có gì phải làm / nothing to do"

_PIPED_WIDTH = 160
"""Columns where there is no terminal: nothing is cut, as nothing was measured."""

_FIGURES = {
    "certified": "công nhận\ncertified",
    "listable": "đủ điều kiện\nlistable",
    "listed": "đang bán\nlisted",
    "share": "tỷ lệ\nshare",
    "in_review": "chờ duyệt\nin review",
    "refused": "từ chối\nrefused",
    "held": "tạm giữ\nheld",
    "pending": "chờ đăng\npending",
    "unconfirmed": "chưa xác nhận\nunconfirmed",
}


def console() -> Console:
    """Return where tables are written, as it is now."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_PIPED_WIDTH)


def say_json(value: object) -> None:
    """Write *value* for a machine.

    Instants are written in UTC to the second, such as "2026-11-24T02:00:00Z",
    days as "2026-11-24": whatever says JSON hands both over as they are.
    """
    click.echo(_json(value))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_json_text)


@contextmanager
def json_rows(head: Mapping[str, Any], name: str) -> Iterator[Callable[[object], None]]:
    """Write an object for a machine, the rows of its last key one after the other.

    Args:
        head: The keys before it; one at least.
        name: The last key.

    Yields:
        What writes a row.
    """
    click.echo(f"{_json(head)[:-2]},\n  {_json(name)}: [", nl=False)
    separator = "\n"

    def say(row: object) -> None:
        nonlocal separator
        click.echo(separator + indent(_json(row), "    "), nl=False)
        separator = ",\n"

    yield say
    click.echo("\n  ]\n}")


def _json_text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    message = f"{type(value).__name__} has no form in JSON"
    raise TypeError(message)


def mark(figures: Iterable[Mapping[str, Any]]) -> str:
    """Return the warning that figures of a simulated marketplace carry, or ""."""
    return SIMULATED if any(each["simulated"] for each in figures) else ""


def coverage_table(figures: Mapping[str, Mapping[str, Any]], as_of: str) -> Table:
    """Return what a leader asks for: a line for each marketplace.

    Args:
        figures: As `ocop_sync.service.coverage` counts them, by marketplace.
        as_of: When they were counted, for people.
    """
    table = Table(
        title=f"Tình hình lên sàn / Coverage, {as_of}", caption=mark(figures.values())
    )
    table.add_column("sàn\nmarketplace")
    for heading in _FIGURES.values():
        table.add_column(heading, justify="right")
    for name, counted in figures.items():
        cells = [_figure(key, counted[key]) for key in _FIGURES]
        table.add_row(f"{name} (mô phỏng)" if counted["simulated"] else name, *cells)
    return table


def rows_table(title: str, columns: Iterable[str], caption: str = "") -> Table:
    """Return an empty table with left-aligned *columns*."""
    table = Table(title=title, caption=caption or None)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def indented(text: str) -> Padding:
    """Return *text* as it stands below what it is about."""
    return Padding(plain(text), (0, 0, 0, 4), expand=False)


def plain(text: object) -> str:
    """Return *text* so that no part of it is taken for markup or for a command.

    What a marketplace sends may hold what a terminal obeys: to move, to change
    its title, to write to the clipboard.
    """
    return escape(_COMMANDS.sub("\N{REPLACEMENT CHARACTER}", str(text)))


_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line end, and those that turn the direction."""


def _figure(key: str, value: object) -> str:
    if key != "share":
        return str(value)
    return "-" if value is None else f"{float(str(value)):.1%}"
