"""The time that commands go by.

It is the computer's, unless whoever calls the program hands another `Time` in (as
`obj`, which click gives to every command).
"""

from datetime import datetime

import click

from ocop_sync.clock import Time, system_clock


def given_time() -> Time | None:
    """Return the time given to the running command; None is the computer's."""
    ctx = click.get_current_context(silent=True)
    return ctx.find_object(Time) if ctx else None


def present() -> datetime:
    """Return the present instant in UTC."""
    given = given_time()
    return given.clock() if given else system_clock()
