"""What a command says beside its result: on the stream of the log, and in its form.

A log of JSON lines gets a line of JSON, so that nothing else stands between them. A
terminal gets the words as well: who sits there reads no JSON.
"""

import logging
import os
import sys
from typing import Final

import click

from ocop_sync.log import configure_log

_log = logging.getLogger(__name__)
_JSON_LOG: Final = f"{__name__}.json_log"


def logs_json(ctx: click.Context) -> bool:
    """Say whether the log of this call is JSON lines, and set it up if it is not yet.

    Where the settings could not be read, the environment alone tells.
    """
    if _JSON_LOG not in ctx.meta:
        ctx.meta[_JSON_LOG] = os.environ.get("OCOP_SYNC_LOG__FORMAT") == "json"
        if ctx.meta[_JSON_LOG]:
            configure_log(as_json=True)
    return bool(ctx.meta[_JSON_LOG])


def note_form(ctx: click.Context, *, as_json: bool) -> None:
    """Keep the form of the log, as settings say."""
    ctx.meta[_JSON_LOG] = as_json


def say(
    *lines: str, event: str, level: int = logging.INFO, **fields: str | int
) -> None:
    """Tell people *lines*, or the log of JSON lines the same as an event.

    Args:
        lines: The words, in both languages.
        event: What has happened, constant.
        level: How much it matters.
        fields: What differs from one time to the next.
    """
    ctx = click.get_current_context(silent=True)
    as_json = ctx is not None and logs_json(ctx)
    if as_json:
        _log.log(level, event, extra=fields)
    if not as_json or sys.stderr.isatty():
        for line in lines:
            click.echo(line, err=True)
