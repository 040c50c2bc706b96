"""Acts of the department upon the catalog: carried out, or held until confirmed."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from catalog.errors import HeldEditError
from catalog.model.actor import Actor
from catalog.values import replace
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.views.tables import write_json
from ocop_sync.service.deployment import Deployment

T = TypeVar("T")


def carry_out(work: Callable[[Deployment], Awaitable[T]], *, as_json: bool) -> T:
    """Carry an act out in a deployment, which needs no account; return its result.

    One that is held ends the command with its exit code; machines read why as JSON.
    """
    with _held(as_json=as_json):
        return run(in_deployment(settings_of(), work, needs_accounts=False))


@contextmanager
def _held(*, as_json: bool) -> Iterator[None]:
    try:
        yield
    except HeldEditError as error:
        if not as_json:
            raise
        questions = [
            {"field": field, "vi": vi, "en": en} for field, vi, en in error.questions
        ]
        write_json({"held": {"questions": questions, "token": error.token}})
        raise click.exceptions.Exit(Exit.HELD) from None


def because(by: Actor, reason: str) -> Actor:
    """Return who acts, with why."""
    return replace(by, reason=reason)


def some_texts_of(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the same as `texts_of`, of an option that has to be given.

    Raises:
        click.UsageError: No field is given, or one twice.
    """
    if not (found := texts_of(given)):
        message = "chưa ghi ô nào (--set) / say what to enter"
        raise click.UsageError(message)
    return found


def texts_of(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the fields of a repeated option with their texts.

    Raises:
        click.UsageError: A field is given twice.
    """
    found: dict[str, str] = {}
    for name, text in given:
        if name in found:
            message = f"--set {name} có hai lần / is given twice"
            raise click.UsageError(message)
        found[name] = text
    return found
