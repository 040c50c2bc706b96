"""All that waits for a person, to people: counts, then the most urgent things."""

import click

from catalog.vietnam_time import VIETNAM
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    SIMULATED,
    console,
    plain,
    rows_table,
    some_of,
)
from ocop_sync.service.department.all_work import AllWork
from ocop_sync.service.department.work_items import WorkItem


def show_work(found: AllWork, most: int) -> None:
    """Show how much waits of each kind, and the *most* most urgent things."""
    out = console()
    if not found.items:
        out.print(NOTHING_TO_DO)
    for kind, count in found.counts.items():
        if count:
            click.echo(f"{count}  {kind.words}")
    if found.items and most:
        columns = ("việc\nwork", "về\nabout", "từ, hạn\nsince, due", "phải làm\nto do")
        title = "Việc chờ người / What waits for a person"
        table = rows_table(title, columns, SIMULATED if found.simulated else "")
        for each in found.items[:most]:
            table.add_row(*_row(each))
        out.print(table)
    if (more := len(found.items) - most) > 0:
        click.echo(f"… và {more} việc nữa / and {more} more (--limit, --json)")
    if found.faulty:
        click.echo(f"Không xét được / not evaluated: {plain(some_of(found.faulty))}")


def _row(each: WorkItem) -> tuple[str, ...]:
    number = "" if each.number is None else str(each.number)
    about = (each.marketplace, each.subject, each.name, number)
    times = [
        f"{at.astimezone(VIETNAM):%d/%m/%Y}" for at in (each.since, each.due) if at
    ]
    return (
        plain(each.seen),
        plain("\n".join(filter(None, about))),
        "\n".join(times),
        plain(each.todo),
    )
