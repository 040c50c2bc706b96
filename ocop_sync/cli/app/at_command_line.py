"""Who acts at the command line: a given name, and the user that runs the command.

The name is a person's word, the user what the operating system knows; the audit keeps
both, and where the command was given (`ocop_sync.cli.app.from_where`).
"""

import os
import pwd

import click

from catalog.model.actor import Actor, ActorKind
from ocop_sync.cli.app.from_where import origin_here
from ocop_sync.cli.app.param_types import NAME, TextType


def at_command_line(name: str = "") -> Actor:
    """Return who runs this command and is called *name*."""
    return Actor(
        kind=ActorKind.COMMAND_LINE,
        name=name,
        os_user=_os_user(),
        origin=origin_here(os.environ),
    )


def _os_user() -> str:
    """Return the user by the process, and not by what the environment says."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run as a number that has no name
        return str(number)


class NamedActor(TextType[Actor]):
    """The name of a person who decides."""

    name = "text"

    def read(self, text: str) -> Actor:
        """Return the actor of that name."""
        return at_command_line(NAME.read(text))


ACTOR: click.ParamType[Actor] = NamedActor()
