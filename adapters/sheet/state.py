"""What is kept of an account in its folder: listings, rows of work, batches.

One file holds it, so that a crash leaves it as it was before a change or after it. A
listing is known by the ticket of the row that made it, or by its address where people
made it themselves.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from ocop_sync.errors import FatalError
from ocop_sync.marketplace.by_hand import Word
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.folder import Folder
from ocop_sync.marketplace.listing import (
    Listing,
    Problem,
    RemoteListing,
    RemoteState,
    StarClaim,
    Unreadable,
)

STATE_FILE: Final = "state.json"
LONGEST_STATE: Final = 200_000_000
"""Bytes of a state: some hundred thousand listings."""

_VERSION: Final = 1
T = TypeVar("T")


class Answer(Struct, frozen=True, kw_only=True):
    """What was told of a row.

    Attributes:
        done: It is done; else it could not be.
        why: The words of a refusal.
        address: Where the listing is, or "".
        at: As of when, in UTC.
        by: Who has told it; "" where the row was taken back before anybody saw it.
    """

    done: bool
    why: str = ""
    address: str = ""
    at: datetime
    by: str

    def says_as(self, other: "Answer") -> bool:
        """Say whether both tell the same of a row."""
        if self.done != other.done:
            return False
        if not self.done:
            return self.why == other.why
        return "" in (self.address, other.address) or self.address == other.address


class Row(Struct, frozen=True, kw_only=True):
    """One change of one listing, for people to carry out.

    Attributes:
        ticket: Its name, on the sheet and in the port.
        kind: What kind of change it is.
        ref: The listing.
        client_ref: Our reference of the product.
        listing: The whole listing of a create or an update; else None, and once the row
            is answered.
        fields: The fields of an update.
        prices: The prices that are set, by SKU.
        stocks: The stocks that are set, by SKU.
        stars: The claim that is set; None clears it.
        reason: Why a listing goes, in Vietnamese.
        made_at: When it was asked for, in UTC.
        due_at: Until when a listing must be down.
        batch: In which batch; 0 while it is in none.
        handed: It was in a batch, perhaps one that was called off: somebody may have
            carried it out.
        answer: What was told of it; None as long as nobody has.
    """

    ticket: str
    kind: Kind
    ref: str
    client_ref: str
    listing: Listing | None = None
    fields: tuple[str, ...] = ()
    prices: dict[str, int] = {}
    stocks: dict[str, int] = {}
    stars: StarClaim | None = None
    reason: str = ""
    made_at: datetime
    due_at: datetime | None = None
    batch: int = 0
    handed: bool = False
    answer: Answer | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody has told anything of it."""
        return self.answer is None

    @property
    def is_open(self) -> bool:
        """Whether it waits, and is in no batch: the next one takes it."""
        return self.waits and self.batch == 0

    @property
    def is_unseen(self) -> bool:
        """Whether it waits, and nobody can have carried it out."""
        return self.waits and not self.handed


class Kept(Struct, frozen=True, kw_only=True):
    """A listing as it is known.

    Attributes:
        ref: Its name: the ticket that made it, or its address.
        client_ref: Our reference of the product, or "".
        state: Its state. IN_REVIEW and REFUSED are of one that was never made.
        shown: How it shows by all that was told.
        at: As of when, in UTC.
        address: Where it is, or "".
        problems: Why it is refused or banned.
        odd: Why it cannot be read, or "".
    """

    ref: str
    client_ref: str
    state: RemoteState
    shown: Listing
    at: datetime
    address: str = ""
    problems: tuple[Problem, ...] = ()
    odd: str = ""

    @property
    def was_made(self) -> bool:
        """Whether it stands, or has stood, at the marketplace."""
        return self.address != ""

    def as_read(self) -> RemoteListing | Unreadable:
        """Return it as a read shows it."""
        if self.odd:
            return Unreadable(ref=self.ref, reason=self.odd, client_ref=self.client_ref)
        return RemoteListing(
            ref=self.ref,
            state=self.state,
            shown=self.shown,
            problems=self.problems,
            read_at=self.at,
        )


class ClosedBatch(Struct, frozen=True, kw_only=True):
    """A batch that was closed, and when; *is_off* once nobody is to carry it out."""

    number: int
    at: datetime
    by: str
    is_off: bool = False


class WholeTold(Struct, frozen=True, kw_only=True):
    """The last whole telling, as of `ocop_sync.marketplace.by_hand.Told`."""

    as_of: datetime
    told_at: datetime
    by: str
    word: Word | None
    listings: int


class State(Struct, kw_only=True):
    """All that is kept of an account.

    Attributes:
        account: Its key.
        id: Stands before each ticket: no two folders give out the same.
        tickets: How many were given out.
        version: Of this shape.
    """

    account: str
    id: str
    tickets: int = 0
    rows: dict[str, Row] = {}
    listings: dict[str, Kept] = {}
    batches: list[ClosedBatch] = []
    told: WholeTold | None = None
    version: int = _VERSION

    def new_ticket(self) -> str:
        """Give out the next ticket."""
        self.tickets += 1
        return f"{self.id}-{self.tickets:05}"

    def put(self, row: Row) -> Row:
        """Keep a row, new or changed; return it."""
        self.rows[row.ticket] = row
        return row

    def keep(self, kept: Kept) -> None:
        """Keep a listing, new or changed."""
        self.listings[kept.ref] = kept

    def waiting(self, ref: str = "") -> Iterator[Row]:
        """Yield the rows that wait, in the order in which they were made."""
        for row in self.rows.values():
            if row.waits and ref in ("", row.ref):
                yield row

    def closed(self, number: int) -> ClosedBatch | None:
        """Return a batch that is to be carried out; the last one for 0."""
        found = [b for b in self.batches if not b.is_off and number in (0, b.number)]
        return found[-1] if found else None


def load(folder: Folder, account: str) -> State:
    """Return the state of an account; a new one where there is none yet.

    Raises:
        UnavailableError: The folder cannot be read.
        FatalError: It is damaged, or the folder is another account's.
    """
    content = folder.read(STATE_FILE, LONGEST_STATE)
    if content is None:
        return State(account=account, id=_new_id())
    try:
        state = msgspec.json.decode(content, type=State)
    except (msgspec.DecodeError, ValueError) as error:
        message = (
            f"{folder.path / STATE_FILE}: hỏng, hãy đưa lại từ bản sao lưu"
            " / damaged: put it back from a backup"
        )
        raise FatalError(message) from error
    if (state.account, state.version) != (account, _VERSION):
        message = (
            f"{folder.path}: là thư mục của {state.account} (v{state.version}), không"
            f" phải {account} / it is the folder of another account or version"
        )
        raise FatalError(message)
    return state


class Known:
    """The state that was read last: it is read anew once it was written anew.

    It is for looking alone: whoever changes it uses `change`.
    """

    def __init__(self) -> None:
        self._stamp: tuple[int, int, int] | None = None
        self._state: State | None = None

    def load(self, folder: Folder, account: str) -> State:
        """Return the state of an account; errors are those of `load`."""
        stamp = folder.stamp(STATE_FILE)  # before it is read: then it is no older
        if self._state is None or stamp is None or stamp != self._stamp:
            self._state, self._stamp = load(folder, account), stamp
        return self._state


def save(folder: Folder, state: State) -> None:
    """Keep a state, whole or not at all."""
    folder.write(STATE_FILE, msgspec.json.encode(state))


def change(folder: Folder, account: str, act: Callable[[State], T]) -> T:
    """Let *act* change the state of an account while nobody else does.

    What it returns was kept before. If it raises, nothing has changed.
    """
    with folder.alone():
        state = load(folder, account)
        found = act(state)
        save(folder, state)
    return found


def _new_id() -> str:
    """Return three letters that no spreadsheet takes for a number or a word."""
    letters = "BCDGHKLMNPQRTVX"
    return "".join(secrets.choice(letters) for _ in range(4))
