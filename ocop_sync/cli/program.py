"""The program that all commands belong to: settings, errors, exit codes.

Every error that a person can do something about becomes one message and an
exit code; anything else is a defect and shows where it happened.
"""

import asyncio
import codecs
import io
import logging
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click
from sqlalchemy.exc import DBAPIError

from ocop_sync.cli.exits import exit_of, first_known
from ocop_sync.cli.usage import in_both_languages
from ocop_sync.engine.trouble import todo_of
from ocop_sync.errors import (
    ConfigurationError,
    PlanError,
    StalePlanError,
    SyncInProgressError,
)
from ocop_sync.log import configure_log
from ocop_sync.settings import Settings, load_settings
from ocop_sync.store.schema import unusable

T = TypeVar("T")

NO_ACCOUNT = (
    "chưa có tài khoản nào ở sàn: thêm mục [[accounts]] vào tệp thiết lập"
    " (ocop-sync.toml, hoặc --settings TỆP), theo mẫu trong docs/operations.md"
    " / no account at any marketplace: add [[accounts]] to the settings file"
    " (ocop-sync.toml, or --settings FILE), as docs/operations.md shows"
)


class Program(click.Group):
    """A group of commands that says errors in one message each."""

    def main(self, *words: Any, **more: Any) -> Any:
        """Run the program, as a person or a machine called it."""
        for stream in (sys.stdout, sys.stderr):
            take_any_text(stream)
        return super().main(*words, **more)

    def make_context(self, *words: Any, **more: Any) -> click.Context:
        """Read the options that stand before the command."""
        with in_both_languages():
            return super().make_context(*words, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end with its exit code."""
        try:
            with in_both_languages():
                return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except DBAPIError as error:
            _end(ctx, unusable(error))
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # whoever read us has gone
                raise
            message = f"không đọc hoặc ghi được / cannot read or write: {error}"
            _end(ctx, ConfigurationError(message))
        except KeyboardInterrupt:
            click.echo("Đã dừng / Stopped", err=True)
            ctx.exit(128 + signal.SIGINT)
        except Exception as error:
            known = first_known(error)
            if known is None:
                raise
            _end(ctx, known)


def take_any_text(stream: TextIO) -> None:
    """Let *stream* take Vietnamese, and whatever a file is called, without failing.

    Files and pipes get UTF-8. A terminal gets its own encoding, with marks for what
    that does not have.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return
    if stream.isatty() and codecs.lookup(stream.encoding).name != "utf-8":
        stream.reconfigure(errors="replace")
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _end(ctx: click.Context, error: Exception) -> None:
    click.echo(f"Lỗi / Error: {error}", err=True)
    if isinstance(error, SyncInProgressError):
        click.echo(f"Phải làm / to do: {todo_of(error)}", err=True)
    ctx.exit(exit_of(error))


@contextmanager
def as_input() -> Iterator[None]:
    """Take what a person cannot decide for wrong input: a number that is not there.

    That something has changed since it was seen is no mistake of that person.
    """
    try:
        yield
    except StalePlanError:
        raise
    except PlanError as error:
        raise click.UsageError(str(error)) from error


def settings_of(ctx: click.Context) -> Settings:
    """Read the settings that the program was called with, and set up the log."""
    path: Path | None = ctx.find_root().params.get("settings")
    settings = load_settings(path)
    configure_log(level=settings.log.level, as_json=settings.log.format == "json")
    quiet_libraries()
    return settings


def settings_with_accounts(ctx: click.Context) -> Settings:
    """Read the settings for a command that is of no use without an account.

    Raises:
        ConfigurationError: There is none.
    """
    settings = settings_of(ctx)
    if not settings.accounts:
        raise ConfigurationError(NO_ACCOUNT)
    return settings


def quiet_libraries() -> None:
    """Keep out of the log what libraries tell about work that is not theirs."""
    for name in ("alembic", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Carry *work* out; SIGTERM cancels it as Ctrl-C does, so that it can tidy up."""
    with asyncio.Runner() as runner:
        return runner.run(_until_told(work))


async def _until_told(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    told = False

    def stop() -> None:
        nonlocal told
        told = True
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if told:
            raise click.exceptions.Exit(128 + signal.SIGTERM) from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
