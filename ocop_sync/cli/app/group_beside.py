"""A command that does something by itself, with further commands below its name."""

from typing import Any

import click


class GroupBeside(click.Group):
    """`import FILE` or `plan [MARKETPLACE]`, and the commands of the same name.

    An argument that is called like one of these commands is one; a file of such a name
    is given as `./list`.
    """

    def __init__(self, itself: click.Command) -> None:
        super().__init__(name=itself.name, short_help=itself.short_help)
        self.itself = itself

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the arguments of one of the commands, or of the command itself."""
        if args and args[0] in self.commands:
            return super().make_context(info_name, args, parent, **extra)
        return self.itself.make_context(info_name, args, parent, **extra)
