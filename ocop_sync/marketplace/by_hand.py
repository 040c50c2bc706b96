"""A marketplace whose network is people: what it is asked for beside the port.

Its changes are written down as rows. A batch of rows is a day's work of a person: it is
closed, handed out as a workbook, and comes back filled in. What stands there is told by
the marketplace's own export, or by the word of a person. All else is as of any adapter:
a write answers `Submitted`, `follow` tells what people have said of it, and reads are
as old as what was told last (`Capabilities.read_age_s`).

Here are no files: an adapter gives and takes tables of cells. How they become a
workbook, and who may do what, is decided in the service.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from ocop_sync.marketplace.change import Kind


class Word(StrEnum):
    """What a person may say of a whole account."""

    EMPTY = "empty"
    """Nothing is listed there."""
    COMPLETE = "complete"
    """What is known of it is all there is, and stands as it is known."""


@dataclass(frozen=True, slots=True)
class SellerCell:
    """A cell with the name of a producer, of which the adapter knows the reference."""

    ref: str


Cell = str | int | date | SellerCell | None
"""The content of a cell that is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column of a sheet.

    Attributes:
        text: Its heading.
        width: In characters.
        choices: The words that a person may choose from; () where anything goes.
    """

    text: str
    width: int = 20
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandSheet:
    """A sheet of a batch.

    Attributes:
        name: Its name, at most 31 characters.
        note: A line above the headings, or "".
        rows: The cells of each line, in the order of *headings*.
    """

    name: str
    note: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that is closed: the rows that people carry out together.

    Attributes:
        number: Its number at this account, from 1.
        account: Key of the account.
        closed_at: When it was closed, in UTC.
        closed_by: By whom.
        rows: How many rows it has: changes of listings, each known by its ticket.
        downs: How many of them take a listing down.
        sheets: What is written into its workbook; what must go down comes first.
        pictures: The address of each picture, by the name of its file.
        folder: Where its workbook and pictures are kept.
        is_new: It was closed just now; else it is handed out once more.
    """

    number: int
    account: str
    closed_at: datetime
    closed_by: str
    rows: int
    downs: int
    sheets: tuple[HandSheet, ...]
    pictures: Mapping[str, str]
    folder: Path
    is_new: bool


NEW: Final = frozenset({Kind.CREATE, Kind.REPUBLISH})
"""The kinds of change that put a listing up."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many more changes are taken before a batch is handed out.

    Changes of what stands there have a room of their own: new listings, of which there
    may be hundreds, never keep a price or a stock waiting. A batch takes the most
    urgent of both.

    Attributes:
        new: How many changes of the kinds `NEW`.
        others: How many others, withdrawals left out.
    """

    new: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStanding:
    """How a batch stands.

    Attributes:
        waiting: How many of its *rows* nobody has told anything of.
    """

    number: int
    closed_at: datetime
    closed_by: str
    rows: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDown:
    """A listing that must go down, and has not by all that was told.

    Attributes:
        ticket: The row that says so.
        client_ref: Our reference of the product.
        title: What it is called there.
        address: Where it is listed, or "".
        reason: Why, in Vietnamese.
        due_at: Until when, in UTC.
        batch: In which batch; 0 while it is in none.
    """

    ticket: str
    client_ref: str
    title: str
    address: str
    reason: str
    due_at: datetime
    batch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last telling of all that is listed at an account.

    Attributes:
        as_of: When it was so, in UTC.
        told_at: When it was told.
        by: Who has told it.
        word: The word of that person; None where it is the marketplace's export.
        listings: How many there were.
    """

    as_of: datetime
    told_at: datetime
    by: str
    word: Word | None
    listings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the work of people stands at an account.

    Attributes:
        open: How many rows wait for the next batch, those that take down included.
        room: How many more the next batch takes; what takes down always goes.
        batches: The batches of which people still have to tell, oldest first.
        downs: What must go down, the earliest deadline first.
        told: The last whole telling; None if there was none.
    """

    open: int
    room: int
    batches: tuple[BatchStanding, ...]
    downs: tuple[DueDown, ...]
    told: Told | None


@dataclass(frozen=True, slots=True)
class TableLine:
    """A line of a sheet that comes in.

    Attributes:
        number: As the spreadsheet counts it, from 1.
        cells: Text by column, from 0; empty cells are left out.
        odd: Columns whose cell has no value that can be read.
    """

    number: int
    cells: Mapping[int, str]
    odd: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet that comes in; *name* is "" where the file is one table."""

    name: str
    lines: Sequence[TableLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandFault:
    """Something in a file that cannot be taken as it is: nothing is guessed of it.

    Attributes:
        sheet: In which sheet; "" where the file is one table.
        line: In which line; 0 for the sheet or the file as a whole.
        column: In which column, from 0; None for the line.
        vi: The fault and the advice, in Vietnamese.
        en: The same in English.
    """

    sheet: str = ""
    line: int = 0
    column: int | None = None
    vi: str
    en: str

    @property
    def letters(self) -> str:
        """Return the letters of the column, as a spreadsheet names it, or ""."""
        letters, rest = "", 0 if self.column is None else self.column + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(ord("A") + digit) + letters
        return letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a file, or of a word.

    Attributes:
        done: Rows that are done, and were not known to be.
        refused: Rows that could not be done, likewise.
        again: Rows of which the same was told before.
        blank: Rows without an answer: they wait on.
        corrected: Rows of which something else was told before, and is replaced.
        told: The whole telling, where it is one.
        faults: What was not taken; all else was.
    """

    done: int = 0
    refused: int = 0
    again: int = 0
    blank: int = 0
    corrected: int = 0
    told: Told | None = None
    faults: Sequence[HandFault] = field(default=())


class ByHand(ABC):
    """What an adapter has whose marketplace is worked by people, beside the port.

    Each act names the person who does it. Errors are those of the port, and
    `ocop_sync.errors.NoSuchBatchError` and `UntakenWordError`.
    """

    @abstractmethod
    async def room(self) -> Room:
        """Return how many more changes are taken now, withdrawals left out.

        Withdrawals are always taken. What comes beyond is refused for now.
        """

    @abstractmethod
    async def standing(self) -> Standing:
        """Return how the work of people stands."""

    @abstractmethod
    async def close_batch(self, *, by: str) -> Batch | None:
        """Close the open rows as a batch; None if there are none."""

    @abstractmethod
    async def batch(self, number: int = 0) -> Batch:
        """Return a batch again as it was closed; the last one without a *number*.

        Raises:
            NoSuchBatchError: There is none, or it was called off.
        """

    @abstractmethod
    async def call_off(self, number: int, *, by: str) -> int:
        """Let a batch be carried out by nobody; return how many rows are open again.

        Of its rows those go into the next batch of which nothing was told, under the
        same tickets. If it turns up all the same, its answers are taken.

        Raises:
            NoSuchBatchError: There is none, or it was called off.
        """

    @abstractmethod
    async def knows(self, tables: Sequence[Table]) -> bool:
        """Say whether a ticket of this account stands in a file."""

    @abstractmethod
    async def take_in(
        self,
        tables: Sequence[Table],
        *,
        by: str,
        as_of: datetime | None = None,
        correct: bool = False,
    ) -> Taken:
        """Take a filled-in workbook, or the marketplace's own export.

        Args:
            tables: Its sheets.
            by: Who hands it in.
            as_of: When it was so; None is now for a workbook. An export needs it.
            correct: Other answers replace those that were told before.

        Raises:
            UntakenWordError: It is an export, and *as_of* is missing, in the future, or
                before what was told last.
        """

    @abstractmethod
    async def take_word(self, word: Word, *, by: str, as_of: datetime) -> Taken:
        """Take the word of a person for a whole telling.

        Raises:
            UntakenWordError: *as_of* as of `take_in`; or it contradicts what is known.
        """
