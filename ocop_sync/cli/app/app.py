"""The program that all commands belong to: settings, errors, exit codes.

Every error that a person can do something about becomes one message and an
exit code; anything else is a defect and shows where it happened. Settings and
database are imported where they are needed: `--help` needs neither.
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
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from ocop_sync.cli.app.commands import Commands
from ocop_sync.cli.app.event_loop import carry_out
from ocop_sync.cli.app.exits import Exit, exit_of, first_known
from ocop_sync.cli.app.said import logs_json, note_form, say
from ocop_sync.cli.app.usage_errors import in_both_languages
from ocop_sync.errors import (
    ConfigurationError,
    HeldCertificatesError,
    HeldMappingError,
    HeldPlanError,
    HeldPolicyError,
    PlanError,
    StalePlanError,
    SyncInProgressError,
)
from ocop_sync.log import configure_log

if TYPE_CHECKING:
    from ocop_sync.settings import Settings

T = TypeVar("T")

_log = logging.getLogger(__name__)

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

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands by their words alone: none is loaded for that."""
        del ctx
        assert isinstance(self.commands, Commands)  # noqa: S101  (as it was made)
        with formatter.section("Commands"):
            formatter.write_dl(self.commands.words())

    def make_context(self, *words: Any, **more: Any) -> click.Context:
        """Read the options that stand before the command."""
        with in_both_languages():
            return super().make_context(*words, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end with its exit code."""
        try:
            with in_both_languages():
                return super().invoke(ctx)
        except click.ClickException as error:
            if not logs_json(ctx):
                raise
            _say_ended(error.format_message(), error.exit_code)
            ctx.exit(error.exit_code)
        except (click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # whoever read us has gone
                raise
            _end(ctx, _of_a_file(error))
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT
            _say_ended("Đã dừng / Stopped", code, level=logging.INFO)
            ctx.exit(code)
        except Exception as error:
            known = first_known(error) or _of_the_database(error)
            if known is None and not logs_json(ctx):
                raise
            if known is None:
                _log.exception("ended by a mistake of the program")
                ctx.exit(Exit.FAILED)
            _end(ctx, known)


def take_any_text(stream: TextIO) -> None:
    """Let *stream* take Vietnamese, and any file name, without failing.

    Files and pipes get UTF-8. A terminal gets its own encoding, with marks for letters
    that it does not have.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return
    if stream.isatty() and codecs.lookup(stream.encoding).name != "utf-8":
        stream.reconfigure(errors="replace")
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _of_a_file(error: OSError) -> Exception:
    """Return the error to tell a person of if a file cannot be read or written."""
    from ocop_sync.store.db.outage import of_disk  # noqa: PLC0415  (as above)

    message = f"không đọc hoặc ghi được / cannot read or write: {error}"
    return of_disk(error) or ConfigurationError(message)


def _of_the_database(error: Exception) -> Exception | None:
    """Return the error to tell a person of if the database has failed."""
    # Loaded now: `--help` and half of the commands need no database.
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from ocop_sync.store.db.outage import outage_of  # noqa: PLC0415
    from ocop_sync.store.db.schema import unusable  # noqa: PLC0415

    if not isinstance(error, DBAPIError):
        return None
    return outage_of(error) or unusable(error)


def _end(ctx: click.Context, error: Exception) -> None:
    code, todo = exit_of(error), ""
    if isinstance(error, SyncInProgressError):
        from ocop_sync.engine.reasons.account_problem import todo_of  # noqa: PLC0415

        todo = str(todo_of(error))
    _say_ended(f"Lỗi / Error: {error}", code, todo=todo)
    ctx.exit(code)


def _say_ended(
    words: str, code: int, *, todo: str = "", level: int = logging.ERROR
) -> None:
    """Say why a command ends."""
    lines = [words, f"Phải làm / to do: {todo}"] if todo else [words]
    more = {"todo": todo} if todo else {}
    say(*lines, event="ended", level=level, reason=words, exit_code=int(code), **more)


_TOLD_FIRST = (
    HeldPlanError,
    HeldPolicyError,
    HeldMappingError,
    HeldCertificatesError,
)


@contextmanager
def as_input() -> Iterator[None]:
    """Report a number that a person cannot decide on as wrong input.

    That something has changed since it was seen is no mistake of that person, and
    neither is a policy, a mapping, a plan, or an act on certificates, that is held
    until its effect is confirmed.
    """
    try:
        yield
    except (*_TOLD_FIRST, StalePlanError):
        raise
    except PlanError as error:
        raise click.UsageError(str(error)) from error


def settings_of() -> "Settings":
    """Read the settings that the program was called with, and set up the log."""
    from ocop_sync.settings import load_settings  # noqa: PLC0415

    ctx = click.get_current_context()
    path: Path | None = ctx.find_root().params.get("settings")
    settings = load_settings(path)
    follow_log(settings)
    return settings


def follow_log(settings: "Settings") -> None:
    """Set up the log of this command as *settings* say."""
    ctx = click.get_current_context()
    as_json = settings.log.format == "json"
    note_form(ctx, as_json=as_json)
    configure_log(level=settings.log.level, as_json=as_json)
    quiet_libraries()


def settings_with_accounts() -> "Settings":
    """Read the settings for a command that is of no use without an account.

    Raises:
        ConfigurationError: There is none.
    """
    settings = settings_of()
    if not settings.accounts:
        raise ConfigurationError(NO_ACCOUNT)
    return settings


def quiet_libraries() -> None:
    """Keep the libraries' own messages about other work out of the log."""
    for name in ("alembic", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Carry *work* out; SIGTERM cancels it as Ctrl-C does, so that it can tidy up."""
    return carry_out(_until_told(work))


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
