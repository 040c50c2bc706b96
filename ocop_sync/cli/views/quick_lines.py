"""Many lines for people, quickly: where nothing is coloured, Rich lays nothing out.

A line costs a thirtieth of the time that Rich takes for it, and people see the same.
"""

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding

from ocop_sync.cli.views.tables import console, plain

_WORD: Final = re.compile(r"\s*\S+\s*")


class QuickLines:
    """Writes lines to standard output.

    Attributes:
        console: Writes all other output, in between.
    """

    def __init__(self) -> None:
        self.console: Console = console()
        self._is_plain = not self.console.is_terminal
        self._width = self.console.width

    def say(
        self, text: str, *, bold: str = "", after: str = "", indent: int = 0
    ) -> None:
        """Write one line: *text*, *bold* and *after*.

        Args:
            text: As it is, with any content.
            bold: The part that stands out, in a terminal.
            after: The text that follows.
            indent: Spaces before the line, and before those in which it goes on.
        """
        whole = f"{text}{bold}{after}"
        if self._is_plain and whole.isprintable():
            rows = list(_rows(whole, self._width - indent))
            if None not in rows:
                lines = (f"{'':{indent}}{row}\n" for row in rows)
                self.console.file.write("".join(lines))
                return
        shown = f"{plain(text)}[b]{plain(bold)}[/b]{plain(after)}"
        self.console.print(Padding(shown, (0, 0, 0, indent), expand=False))


def _rows(line: str, width: int) -> Iterator[str | None]:
    """Yield the rows that *line* takes; None for a word that no row has room for."""
    if cell_len(line) <= width:
        yield line
        return
    row, used = "", 0
    for word in _WORD.findall(line):
        length = cell_len(word.rstrip())
        if length > width:
            yield None
        if row and used + length > width:
            yield row.rstrip()
            row, used = "", 0
        row += word
        used += cell_len(word)
    yield row.rstrip()
