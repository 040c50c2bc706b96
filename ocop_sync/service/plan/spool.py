"""The changes of a plan, on disk until they are written, in the order of a sync.

A plan of a whole province does not fit into memory. The line of each change lies in a
temporary database of SQLite that has no name: nobody else can open it, and it is gone
with the process. Only changes that wait for their next turn are in memory.

A sync sends changes in this order: the most urgent first, then the one that has waited
longest; of one product, each goes after the one before it, and waits anew. Sellers are
stopped once all is withdrawn, opened before the first listing that needs one of them,
and else brought up to date at the end.
"""

import heapq
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby, islice
from operator import itemgetter
from typing import Final, Generic, TypeVar, overload

from catalog.db.temporary import open_unnamed, packed, room, unpacked
from ocop_sync.engine.plan.evaluation import Urgency
from ocop_sync.marketplace.change import Change, Kind

L = TypeVar("L")
T = TypeVar("T")

_TABLES: Final = """
    CREATE TABLE change (
        product TEXT NOT NULL, n INTEGER NOT NULL, urgency INTEGER NOT NULL,
        since REAL NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL,
        seller TEXT, needs_approval INTEGER NOT NULL,
        line BLOB NOT NULL, change BLOB NOT NULL
    );
    CREATE UNIQUE INDEX of_product ON change (product, n, urgency);
    CREATE INDEX of_account ON change (account);
    CREATE TABLE seller (
        account TEXT NOT NULL, subject TEXT NOT NULL, urgency INTEGER NOT NULL,
        kind TEXT NOT NULL, line BLOB NOT NULL, change BLOB NOT NULL
    );
    CREATE INDEX seller_of_account ON seller (account, urgency, subject);
"""
_ADD: Final = "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_SELLER: Final = "INSERT INTO seller VALUES (?, ?, ?, ?, ?, ?)"
_BY_FIRST: Final = """
    SELECT product, change.urgency, change.rowid
    FROM (SELECT product, urgency, since, MIN(n) FROM change GROUP BY product) AS first
    JOIN change USING (product)
    ORDER BY first.urgency, first.since, product, n
"""
_ONE: Final = "SELECT account, urgency, seller, line FROM change WHERE rowid = ?"
_CHANGES: Final = (
    "SELECT change FROM seller WHERE account = ? ORDER BY rowid",
    "SELECT change FROM change WHERE account = ? ORDER BY rowid",
)
_COUNTS: Final = """
    SELECT kind, COUNT(*) FROM (
        SELECT account, kind FROM seller UNION ALL SELECT account, kind FROM change
    ) WHERE account = :account OR :account IS NULL GROUP BY kind
"""


_Changes = Sequence[tuple[int, int]]
"""The urgencies and rows of the changes of one product, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """One change of a listing, as it is laid down.

    `n` is its place among the changes of its product, and `since` the second since when
    that has waited; `seller` is the one that it needs at its account, if any.
    """

    product_id: str
    n: int
    urgency: Urgency
    since: float
    account: str
    seller: str | None
    needs_approval: bool
    change: Change
    line: object


class Spool(Generic[L]):
    """The changes at one marketplace; lines are of one type."""

    def __init__(self) -> None:
        self._db = open_unnamed(_TABLES)
        weakref.finalize(self, self._db.close)

    def add(self, changes: Iterable[Spooled]) -> None:
        """Lay changes of listings down."""
        rows = (
            (
                each.product_id,
                each.n,
                int(each.urgency),
                each.since,
                each.account,
                each.change.kind.value,
                each.seller,
                each.needs_approval,
                packed(each.line),
                packed(each.change),
            )
            for each in changes
        )
        with room():
            self._db.executemany(_ADD, rows)

    def add_seller(
        self, account: str, urgency: Urgency, change: Change, line: L
    ) -> None:
        """Lay the change of a seller at *account* down."""
        row = (account, change.client_ref, int(urgency), change.kind.value)
        with room():
            self._db.execute(_ADD_SELLER, (*row, packed(line), packed(change)))

    def drop(self, product_ids: Collection[str]) -> None:
        """Forget the changes of products that do not pass the gate."""
        ids = [(each,) for each in product_ids]
        with room():
            self._db.executemany(
                "DELETE FROM change WHERE product = ? AND needs_approval", ids
            )

    def needed(self, account: str) -> set[str]:
        """Return the sellers that changes of listings need at *account*."""
        rows = self._db.execute(
            "SELECT DISTINCT seller FROM change"
            " WHERE account = ? AND seller IS NOT NULL",
            (account,),
        )
        return {seller for (seller,) in rows}

    def kinds(self, account: str | None = None) -> Counter[Kind]:
        """Count the changes by kind; all of them, or those at one account."""
        rows = self._db.execute(_COUNTS, {"account": account})
        return Counter({Kind(kind): count for kind, count in rows})

    def changes_at(self, account: str) -> "OnDisk[Change]":
        """Return all changes at *account*, those of sellers first."""

        def read() -> Iterator[Change]:
            for query in _CHANGES:
                for (change,) in self._db.execute(query, (account,)):
                    yield unpacked(change)

        return OnDisk(read, self.kinds(account).total())

    @property
    def lines(self) -> "OnDisk[L]":
        """Return the lines of the plan, in the order of a sync."""
        return OnDisk(self._in_order, self.kinds().total())

    def _in_order(self) -> Iterator[L]:
        taken: set[tuple[str, Urgency]] = set()

        def sellers(account: str, urgency: Urgency) -> Iterator[L]:
            if (account, urgency) not in taken:
                taken.add((account, urgency))
                yield from self._sellers(account, urgency)

        for row in self._rows():
            found = self._db.execute(_ONE, (row,)).fetchone()
            account, urgency, seller, line = found
            if urgency != Urgency.WITHDRAW:
                yield from sellers(account, Urgency.WITHDRAW)
            if seller is not None and self._opens(account, seller):
                yield from sellers(account, Urgency.SELLER_FOR_CREATE)
            yield unpacked(line)
        for account, urgency in self._left(taken):
            yield from self._sellers(account, urgency)

    def _rows(self) -> Iterator[int]:
        """Yield the row of the change whose turn it is.

        A change that waits goes before the first one of a less urgent product.
        """
        waiting: list[tuple[int, int, _Changes]] = []
        numbers = count()

        def send(changes: _Changes) -> int:
            (_, row), *later = changes
            if later:
                heapq.heappush(waiting, (later[0][0], next(numbers), later))
            return row

        for changes in self._products():
            while waiting and waiting[0][0] < changes[0][0]:
                yield send(heapq.heappop(waiting)[2])
            yield send(changes)
        while waiting:
            yield send(heapq.heappop(waiting)[2])

    def _products(self) -> Iterator[_Changes]:
        """Yield the changes of each product, in the order of their first ones."""
        for _, rows in groupby(self._db.execute(_BY_FIRST), itemgetter(0)):
            yield [(urgency, row) for _, urgency, row in rows]

    def _opens(self, account: str, seller: str) -> bool:
        found = self._db.execute(
            "SELECT 1 FROM seller WHERE account = ? AND urgency = ? AND subject = ?",
            (account, int(Urgency.SELLER_FOR_CREATE), seller),
        )
        return found.fetchone() is not None

    def _sellers(self, account: str, urgency: Urgency) -> Iterator[L]:
        rows = self._db.execute(
            "SELECT line FROM seller WHERE account = ? AND urgency = ? ORDER BY rowid",
            (account, int(urgency)),
        )
        return (unpacked(line) for (line,) in rows)

    def _left(
        self, taken: Collection[tuple[str, Urgency]]
    ) -> Iterator[tuple[str, Urgency]]:
        rows = self._db.execute(
            "SELECT account, urgency FROM seller GROUP BY account, urgency"
            " ORDER BY urgency, MIN(rowid)"
        ).fetchall()
        return ((a, Urgency(u)) for a, u in rows if (a, Urgency(u)) not in taken)


class OnDisk(Sequence[T]):
    """A sequence that is read anew each time that it is gone through.

    Args:
        read: Reads it from its start.
        length: How long it is.
    """

    def __init__(self, read: Callable[[], Iterator[T]], length: int) -> None:
        self._read = read
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        """Yield its elements."""
        return self._read()

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        """Return one or some; the ones before them are read, and not held.

        Raises:
            ValueError: A slice goes backwards.
        """
        if isinstance(place, int):
            return next(islice(self, range(self._length)[place], None))
        return list(islice(self, *place.indices(self._length)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list
