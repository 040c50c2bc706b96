"""How far a command is: bars of a sync, one for each marketplace, and counts.

Both are for people alone: nothing is shown where there is no terminal.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from ocop_sync.cli.views.tables import console
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run.one_sync import Progress as Advance

T = TypeVar("T")
Count = Callable[[int], None]


@contextmanager
def counting(words: str, *, beside_output: bool = False) -> Iterator[Count]:
    """Show on standard error how many are done, until all are.

    Args:
        words: The name of the counted things.
        beside_output: The command writes its output meanwhile: where that goes to
            the terminal, it shows by itself how far it is.

    Yields:
        Counts so many more.
    """
    hides = beside_output and sys.stdout.isatty()
    out = Console(stderr=True, highlight=False)
    shown = Progress(
        TextColumn("{task.description}: {task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=out,
        transient=True,
        disable=hides or not out.is_terminal,
    )
    task = shown.add_task(words, total=None)
    with shown:
        yield lambda more: shown.advance(task, more)


def counted(each: Iterable[T], count: Count) -> Iterator[T]:
    """Yield the items of *each*, and count them."""
    for one in each:
        yield one
        count(1)


@contextmanager
def progress_bars(
    deployment: Deployment, names: Sequence[str] = ()
) -> Iterator[Advance]:
    """Show how far each marketplace is; nothing where there is no terminal.

    They are the marketplaces *names*, or all. Accounts are added up: a marketplace may
    have hundreds of them.
    """
    out = console()
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=out,
        disable=not out.is_terminal,
    )
    sites = deployment.chosen(names)
    tasks = {site.name: bars.add_task(site.name, total=None) for site in sites}
    owners = {key: site.name for site in sites for key in site.accounts}
    finished: dict[str, int] = {}
    last: dict[str, tuple[int, int]] = {}

    def advance(account: str, done: int, left: int) -> None:
        before, _ = last.get(account, (0, 0))
        if done < before:  # the account has come round again
            finished[account] = finished.get(account, 0) + before
        last[account] = (done, left)
        name = owners[account]
        mine = [key for key in last if owners[key] == name]
        sent = sum(last[key][0] + finished.get(key, 0) for key in mine)
        waiting = sum(last[key][1] for key in mine)
        bars.update(tasks[name], completed=sent, total=sent + waiting)

    with bars:
        yield advance
