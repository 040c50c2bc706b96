"""SIGTERM and Ctrl-C at a command that is at work on marketplaces.

The first asks it to stop: it begins nothing new and finishes the calls that are under
way (`ocop_sync.calls.stop`). A second one ends the process there and then, as a crash
does: the next run settles its open changes.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import click

from ocop_sync.calls.stop import Stop
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.said import say
from ocop_sync.errors import StoppedError

T = TypeVar("T")

SIGNALS = (signal.SIGTERM, signal.SIGINT)

STOPPING = (
    "Đang dừng: không gửi gì mới, chờ những gì đang gửi; lần nữa là dừng ngay"
    " / Stopping: nothing new is sent, what is under way is awaited; once more ends"
    " it at once"
)


@dataclass(slots=True)
class StopSignal:
    """Which signal has asked to stop, if any."""

    by: signal.Signals | None = None

    @property
    def exit_code(self) -> int | None:
        """Return the exit code that shells expect of it, if there was one."""
        return None if self.by is None else 128 + self.by


@contextmanager
def stopped_by_signals(stop: Stop, *, says: bool = True) -> Iterator[StopSignal]:
    """Ask *stop* on the first SIGTERM or Ctrl-C, and end at once on the next.

    Args:
        stop: Asked.
        says: Tell a person; where another process has started this one, that one does.
    """
    told, loop = StopSignal(), asyncio.get_running_loop()

    def tell(by: signal.Signals) -> None:
        if told.by is not None:
            signal.signal(by, signal.SIG_DFL)
            signal.raise_signal(by)
            os._exit(128 + by)  # the first process of a container survives that
        told.by = by
        if says:
            say(STOPPING, event="stopping", signal=by.name)
        stop.ask(by.name)

    for each in SIGNALS:
        loop.add_signal_handler(each, tell, each)
    try:
        yield told
    finally:
        for each in SIGNALS:
            loop.remove_signal_handler(each)


async def until_told(stop: Stop, work: Awaitable[T]) -> tuple[T, int | None]:
    """Return the result of *work*, and the exit code of a signal, if one came.

    Raises:
        click.exceptions.Exit: It was told to stop before it had begun.
    """
    with stopped_by_signals(stop) as told:
        try:
            done = await work
        except StoppedError:
            raise click.exceptions.Exit(told.exit_code or Exit.FAILED) from None
    return done, told.exit_code
