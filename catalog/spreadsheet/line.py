"""Lines of a sheet: the form into which every kind of file is read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from msgspec import Struct

from catalog.spreadsheet.choices import Choice

NOTHING: Final[frozenset[int]] = frozenset()
MAX_COLUMNS: Final = 16_384
"""As many as a spreadsheet has; a cell beyond is not in a sheet."""


class CellKind(Enum):
    """The kind of a cell that is not plain text."""

    NUMBER = "number"
    DAY = "day"
    """A day or an instant, as ISO 8601 text without an offset."""
    ERROR = "error"
    """An error value such as #N/A."""
    FORMULA = "formula"
    """A formula that came without the value last computed."""
    FLAG = "flag"
    """A truth value of JSON, as yes or no."""
    LIST = "list"
    """Values of a list of JSON, with spaces between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a line that cannot be read as text of a cell.

    Attributes:
        column: In which column, from 0; None for the line as a whole.
        vi: The fault and the advice for it, in Vietnamese.
        en: The same in English.
        value: The text of the cell, or "".
    """

    column: int | None = None
    vi: str
    en: str
    value: str = ""


class Line(Struct, frozen=True):
    """One row of a sheet.

    Attributes:
        number: As the spreadsheet counts it, from 1; rows of JSON likewise.
        cells: Text by column, from 0; empty cells are left out.
        kinds: The kinds of those that are not plain text.
        filled: Columns that have their text from a merged block that begins
            further left or above.
        hidden: Whether the row is hidden.
        at: Line of the file on which it begins, where rows are records of JSON.
        faults: Its unreadable parts.
    """

    number: int
    cells: Mapping[int, str]
    kinds: Mapping[int, CellKind] = {}
    filled: frozenset[int] = NOTHING
    hidden: bool = False
    at: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet of a file.

    Attributes:
        name: Its name; "" where a file is one table.
        lines: Reads its lines from the start, as often as it is called.
        hidden: Whether the sheet itself is hidden.
        very_hidden: Whether it is hidden so that no menu of a spreadsheet shows it.
        hidden_columns: Columns that are hidden, from 0.
        lettered: Whether its columns have letters.
        days_from_1904: Whether its days are counted from 1904 (old Macintosh).
        separated: Whether separators tell its cells apart, so that one too many
            shifts all that follow.
        choices: Reads the lists to choose from that stand in its extensions.
    """

    name: str
    lines: Callable[[], Iterable[Line]]
    hidden: bool = False
    very_hidden: bool = False
    hidden_columns: frozenset[int] = NOTHING
    lettered: bool = True
    days_from_1904: bool = False
    separated: bool = False
    choices: Callable[[], Iterable[Choice]] = tuple


def letter(column: int) -> str:
    """Return the letter of a column: A for 0, AA for 26."""
    name = ""
    rest = column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def column_of(letters: str) -> int:
    """Return the number of a column, from 0, by its letters."""
    number = 0
    for each in letters:
        number = number * 26 + ord(each) - ord("A") + 1
    return number - 1
