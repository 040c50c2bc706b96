"""Many lines for people, quickly: only what has to be laid out is laid out.

A line that fits as it is costs a hundredth of what Rich takes for it. What people
see is the same.
"""

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding

from ocop_sync.cli.screen import console, plain


class QuickLines:
    """Writes lines to standard output.

    Attributes:
        console: Writes whatever else there is, in between.
    """

    def __init__(self) -> None:
        self.console: Console = console()

    def say(
        self, text: str, *, bold: str = "", after: str = "", indent: int = 0
    ) -> None:
        """Write one line: *text*, *bold* and *after*.

        Args:
            text: As it is, whatever it holds.
            bold: What stands out in it, in a terminal.
            after: What follows.
            indent: Spaces before the line.
        """
        whole = f"{text}{bold}{after}"
        if self._fits(whole, indent):
            self.console.file.write(f"{'':{indent}}{whole}\n")
            return
        shown = f"{plain(text)}[b]{plain(bold)}[/b]{plain(after)}"
        self.console.print(Padding(shown, (0, 0, 0, indent), expand=False))

    def _fits(self, line: str, indent: int) -> bool:
        return (
            not self.console.is_terminal  # colours and bold
            and line.isprintable()
            and cell_len(line) <= self.console.width - indent
        )
