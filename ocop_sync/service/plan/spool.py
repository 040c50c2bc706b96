"""The changes of a plan, on disk until they are told, in the order of a sync.

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
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, overload

from catalog.db.temporary import open_unnamed, packed, room, unpacked
from ocop_sync.engine.plan.evaluation import Urgency
from ocop_sync.marketplace.change import Change, Kind

L = TypeVar("L")
T = TypeVar("T")

_TABLES: Final = """
    CREATE TABLE change (
        product TEXT NOT NULL, n INTEGER NOT NULL, urgency INTEGER NOT NULL,
        since REAL NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL,
        seller TEXT, asks INTEGER NOT NULL, line BLOB NOT NULL, change BLOB NOT NULL
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
_FIRSTS: Final = """
    SELECT urgency, since, product, MIN(n), COUNT(*) FROM change
    GROUP BY product ORDER BY urgency, since, product
"""
_NEXT: Final = """
    SELECT n, urgency FROM change WHERE product = ? AND n > ? ORDER BY n LIMIT 1
"""
_ONE: Final = """
    SELECT account, urgency, seller, line FROM change WHERE product = ? AND n = ?
"""
_CHANGES: Final = (
    "SELECT change FROM seller WHERE account = ? ORDER BY rowid",
    "SELECT change FROM change WHERE account = ? ORDER BY rowid",
)
_COUNTS: Final = """
    SELECT kind, COUNT(*) FROM (
        SELECT account, kind FROM seller UNION ALL SELECT account, kind FROM change
    ) WHERE account = :account OR :account IS NULL GROUP BY kind
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """One change of a listing, as it is laid down.

    Attributes:
        product_id: The product.
        n: Its place among the changes of the product.
        urgency: How urgent it is by itself.
        since: Since when the product has waited, as seconds.
        account: Key of the account.
        seller: The seller that it needs there; None if it needs none.
        asks: It has to pass the gate.
        change: The change.
        line: Its line in the plan.
    """

    product_id: str
    n: int
    urgency: Urgency
    since: float
    account: str
    seller: str | None
    asks: bool
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
                *(each.product_id, each.n, int(each.urgency), each.since),
                *(each.account, each.change.kind.value, each.seller, each.asks),
                *(packed(each.line), packed(each.change)),
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
            self._db.executemany("DELETE FROM change WHERE product = ? AND asks", ids)

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

    def changes_at(self, account: str) -> "Changes":
        """Return all changes at *account*, read as they are asked for."""
        return Changes(self, account, self.kinds(account).total())

    def changes_in(self, account: str) -> Iterator[Change]:
        """Yield all changes at *account*, those of sellers first."""
        for query in _CHANGES:
            for (change,) in self._db.execute(query, (account,)):
                yield unpacked(change)

    @property
    def lines(self) -> "Lines[L]":
        """Return the lines of the plan, in order, read on demand."""
        return Lines(self, self.kinds().total())

    def __iter__(self) -> Iterator[L]:
        """Yield the line of each change, in the order of a sync."""
        taken: set[tuple[str, Urgency]] = set()

        def sellers(account: str, urgency: Urgency) -> Iterator[L]:
            if (account, urgency) not in taken:
                taken.add((account, urgency))
                yield from self._sellers(account, urgency)

        for product_id, n in self._turns():
            row = self._db.execute(_ONE, (product_id, n)).fetchone()
            account, urgency, seller, line = row
            if urgency != Urgency.WITHDRAW:
                yield from sellers(account, Urgency.WITHDRAW)
            if seller is not None and self._waits_for(account, seller):
                yield from sellers(account, Urgency.SELLER_FOR_CREATE)
            yield unpacked(line)
        for account, urgency in self._left(taken):
            yield from self._sellers(account, urgency)

    def _turns(self) -> Iterator[tuple[str, int]]:
        """Yield whose turn it is: a product, and which of its changes."""
        waiting: list[tuple[int, int, str, int]] = []
        sent = 0
        for urgency, _, product_id, n, count in self._db.execute(_FIRSTS):
            while waiting and waiting[0][0] < urgency:
                sent += 1
                yield self._turn(waiting, sent)
            sent += 1
            yield product_id, n
            if count > 1:
                self._wait(waiting, product_id, n, sent)
        while waiting:
            sent += 1
            yield self._turn(waiting, sent)

    def _turn(
        self, waiting: list[tuple[int, int, str, int]], sent: int
    ) -> tuple[str, int]:
        *_, product_id, n = heapq.heappop(waiting)
        self._wait(waiting, product_id, n, sent)
        return product_id, n

    def _wait(
        self,
        waiting: list[tuple[int, int, str, int]],
        product_id: str,
        n: int,
        sent: int,
    ) -> None:
        """Let the next change of a product wait for its turn, if there is one."""
        for later, urgency in self._db.execute(_NEXT, (product_id, n)):
            heapq.heappush(waiting, (urgency, sent, product_id, later))

    def _waits_for(self, account: str, seller: str) -> bool:
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


class _OnDisk(Sequence[T]):
    """A sequence that is read anew each time that it is gone through."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        """Return one or some; the ones before them are read, and not held."""
        places = range(self._length)[place]
        if isinstance(places, int):
            return self._some([places])[0]
        return self._some(places)

    def _some(self, places: Sequence[int]) -> list[T]:
        wanted = set(places)
        last = max(wanted, default=-1)
        found: dict[int, T] = {}
        for n, each in enumerate(self):
            if n > last:
                break
            if n in wanted:
                found[n] = each
        return [found[n] for n in places]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list


class Lines(_OnDisk[L]):
    """The lines of a plan, in order."""

    def __init__(self, spool: Spool[L], length: int) -> None:
        super().__init__(length)
        self._spool = spool

    def __iter__(self) -> Iterator[L]:
        """Yield the lines."""
        return iter(self._spool)


class Changes(_OnDisk[Change]):
    """The changes at one account, those of sellers first."""

    def __init__(self, spool: Spool[Any], account: str, length: int) -> None:
        super().__init__(length)
        self._spool = spool
        self._account = account

    def __iter__(self) -> Iterator[Change]:
        """Yield the changes."""
        return self._spool.changes_in(self._account)
