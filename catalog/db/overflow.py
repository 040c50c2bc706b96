"""Mappings and lists that may outgrow memory: the surplus lies on disk.

Up to some thousand keys they are dictionaries, at the same cost. All further keys lie
in a temporary database of SQLite that has no name: nobody else can open it, and it is
gone with the process. A key that is looked up there costs some microseconds. Values are
never changed in place: a new one is set.
"""

import marshal
import pickle
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from itertools import islice
from typing import Any, Final, Generic, TypeVar, overload

from catalog.db.moved_keys import NO_KEYS, MovedKeys
from catalog.db.temporary import (
    ANY_VALUE,
    close_unkept,
    open_unnamed,
    packed,
    packing_of,
    room,
    unpacked,
)

K = TypeVar("K")
V = TypeVar("V")

MOST: Final = 1_000
"""Keys that memory holds of each mapping."""
_MISSING: Final[Any] = object()
_SHARE: Final = 10
"""Of the keys in memory so small a part is moved at once: others wait for it."""
_CACHE_KB: Final = 500
_WRITTEN: Final = 1 << 16
"""So many bytes of a pile are written at once."""


class Overflow(MutableMapping[K, V]):
    """A dictionary of any size.

    Keys are texts, numbers, or tuples of them; values must be picklable.

    *most* of its keys are held in memory. Where all values are of one *kind*, a class
    of structs or dataclasses, they are laid down in a tenth of the time.
    """

    def __init__(self, most: int = MOST, kind: type[V] | None = None) -> None:
        self._most = most
        self._packing = ANY_VALUE if kind is None else packing_of(kind)
        self._recent: dict[K, V] = {}
        self._disk: _Disk | None = None
        self._moved = 0
        self._moved_keys = NO_KEYS
        self._last: tuple[K, Any] | None = None
        """The key that was read from disk last, and its value."""

    def __getitem__(self, key: K) -> V:
        found: V = self.get(key, _MISSING)
        if found is _MISSING:
            raise KeyError(key)
        return found

    def get(self, key: K, default: Any = None) -> Any:
        """Return the value of *key*; *default* if there is none."""
        if key in self._recent or self._disk is None or key not in self._moved_keys:
            return self._recent.get(key, default)
        if self._last is not None and self._last[0] == key:
            return self._last[1]  # many are asked for twice in a row
        row = self._disk.one(_GET, _key(key))
        if row is None:
            return default
        self._last = key, _read(row[0], self._packing.unpack)
        return self._last[1]

    def __setitem__(self, key: K, value: V) -> None:
        self._last = None
        self._recent[key] = value
        if len(self._recent) > self._most:
            self._move(max(1, self._most // _SHARE))

    def __delitem__(self, key: K) -> None:
        was_there, self._last = key in self, None
        self._recent.pop(key, None)
        if not was_there:
            raise KeyError(key)
        if self._disk is not None:
            self._moved -= self._disk.change(_DELETE, _key(key))

    def __contains__(self, key: object) -> bool:
        if key in self._recent or self._disk is None or key not in self._moved_keys:
            return key in self._recent
        return self._disk.one(_HAS, _key(key)) is not None

    def __len__(self) -> int:
        return self._moved + sum(1 for _ in self._new())

    def __iter__(self) -> Iterator[K]:
        """Yield the keys, in the order in which they came."""
        if self._disk is None:
            yield from self._recent
            return
        new = list(self._new())  # they may be moved meanwhile, behind the last one
        for (key,) in self._disk.rows(_KEYS, self._disk.one(_LAST)[0]):
            yield _key_of(key)
        yield from new

    def each(self) -> Iterator[tuple[K, V]]:
        """Yield the keys with their values, in the order in which they came.

        To ask for each value by its key takes several times as long.
        """
        if self._disk is None:
            yield from list(self._recent.items())
            return
        new = list(self._new())  # as in `__iter__`
        rows = self._disk.rows(_ITEMS, self._disk.one(_LAST)[0])
        for stored, value in rows:
            key: K = _key_of(stored)
            is_newer = key in self._recent
            yield key, self[key] if is_newer else _read(value, self._packing.unpack)
        for key in new:
            yield key, self[key]

    def _new(self) -> Iterator[K]:
        """Yield the keys in memory of which the disk holds no earlier value."""
        for key in self._recent:
            if (
                self._disk is None
                or key not in self._moved_keys
                or self._disk.one(_HAS, _key(key)) is None
            ):
                yield key

    def clear(self) -> None:
        """Take everything away."""
        self._last = None
        self._recent.clear()
        self._disk, self._moved = None, 0
        self._moved_keys = NO_KEYS

    def _move(self, most: int | None = None) -> None:
        """Move the keys in memory to the disk, the oldest first, *most* at most."""
        if self._disk is None:
            self._disk, self._moved_keys = _Disk(_MAP), MovedKeys()
        disk, keys = self._disk, list(islice(self._recent, most))
        self._moved_keys.add_all(keys)
        pack = self._packing.pack
        rows = [(_key(key), _stored(self._recent.pop(key), pack)) for key in keys]
        last = disk.one(_LAST)[0]  # to count all keys takes longer the more there are
        disk.change_many(_SET, rows)
        self._moved += disk.one(_LAST)[0] - last


class Marked(Generic[K]):
    """A set of any size, with membership as its only question."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: Overflow[K, None] = Overflow(most)

    def add(self, key: K) -> None:
        """Add *key*; most are new, so that it is not looked for."""
        self._kept[key] = None

    def __contains__(self, key: object) -> bool:
        return key in self._kept


class Several(Generic[K, V]):
    """Of each key several values, each once, in the order in which they came.

    *most* of its values are held in memory.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._recent: dict[K, dict[V, None]] = {}
        self._count = 0
        self._disk: _Disk | None = None
        self._moved_keys = NO_KEYS

    def add(self, key: K, value: V) -> None:
        """Add a value that is not there."""
        self._recent.setdefault(key, {})[value] = None
        self._count += 1
        if self._count > self._most:
            self._move(max(1, self._most // _SHARE))

    def discard(self, key: K, value: V) -> None:
        """Take a value away, if it is there."""
        recent = self._recent.get(key, {})
        if value in recent:
            del recent[value]
            self._count -= 1
        elif self._disk is not None and key in self._moved_keys:
            self._disk.change(_DISCARD, _key(key), _stored(value))

    def get(self, key: K, most: int = -1) -> tuple[V, ...]:
        """Return the values of *key*, *most* of them if that is not negative."""
        recent = tuple(self._recent.get(key, ()))
        if self._disk is None or key not in self._moved_keys:
            return recent if most < 0 else recent[:most]
        rows = self._disk.rows(_ALL_OF, _key(key), most)
        found = (*(_read(row[0]) for row in rows), *recent)
        return found if most < 0 else found[:most]

    def groups(self) -> Iterator[tuple[V, ...]]:
        """Yield the values of each key that has several."""
        if self._disk is None:
            yield from (tuple(some) for some in self._recent.values() if len(some) > 1)
            return
        self._move()
        for (key,) in self._disk.rows(_SEVERAL):
            yield self.get(_key_of(key))

    def _move(self, most: int | None = None) -> None:
        """Move what is in memory to the disk, the oldest first, of *most* keys."""
        if self._disk is None:
            self._disk, self._moved_keys = _Disk(_MULTIMAP), MovedKeys()
        disk, keys = self._disk, list(islice(self._recent, most))
        self._moved_keys.add_all(keys)
        rows = [
            (_key(key), _stored(value))
            for key in keys
            for value in self._recent.pop(key)
        ]
        disk.change_many("INSERT INTO kept (key, value) VALUES (?, ?)", rows)
        self._count -= len(rows)


class Pile(Generic[V]):
    """Values that are laid down one after the other, and seldom looked at again."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=_WRITTEN)  # noqa: SIM115  (closed with this)
        self._end = 0
        self._is_at_end = True
        weakref.finalize(self, close_unkept, self._file)

    def lay(self, value: V) -> int:
        """Lay a value down; return its place."""
        place, data = self._end, packed(value)
        with room():
            if not self._is_at_end:  # to seek writes out what is held
                self._file.seek(place)
            self._file.write(data)
        self._is_at_end = True
        self._end += len(data)
        return place

    def look(self, place: int) -> V:
        """Return the value at *place*."""
        self._is_at_end = False
        self._file.seek(place)
        found: V = pickle.load(self._file)  # noqa: S301  (as of `unpacked`)
        return found


class _Read(Sequence[V]):
    """Values that are read as they are asked for."""

    def _at(self, place: int) -> V:
        raise NotImplementedError

    @overload
    def __getitem__(self, place: int) -> V: ...
    @overload
    def __getitem__(self, place: slice) -> list[V]: ...
    def __getitem__(self, place: int | slice) -> V | list[V]:
        """Return one value, or some."""
        places = range(len(self))[place]
        if isinstance(places, int):
            return self._at(places)
        return [self._at(each) for each in places]

    def __iter__(self) -> Iterator[V]:
        """Yield the values, in order."""
        return map(self._at, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(_are_equal, self, other))

    __hash__ = None  # type: ignore[assignment]  # as of a list


def _are_equal(one: object, two: object) -> bool:
    return one == two


class Growing(_Read[V]):
    """A list of any size, to which is only added.

    *most* of its values are held in memory.
    """

    def __init__(self, values: Iterable[V] = (), most: int = MOST) -> None:
        self._most = most
        self._first: list[V] = []
        self._pile: Pile[V] | None = None
        self._places = array("Q")
        self.extend(values)

    def append(self, value: V) -> None:
        """Add a value."""
        if len(self._first) < self._most:
            self._first.append(value)
            return
        self._pile = self._pile or Pile()
        self._places.append(self._pile.lay(value))

    def extend(self, values: Iterable[V]) -> None:
        """Add values."""
        for each in values:
            self.append(each)

    def __iadd__(self, values: Iterable[V]) -> "Growing[V]":
        """Add values."""
        self.extend(values)
        return self

    def __len__(self) -> int:
        return len(self._first) + len(self._places)

    def _at(self, place: int) -> V:
        if self._pile is None or place < len(self._first):
            return self._first[place]
        return self._pile.look(self._places[place - len(self._first)])

    def ordered(self, keys: Sequence[Any]) -> Sequence[V]:
        """Return the values in the order of *keys*; equal ones stay as they came."""
        order = sorted(range(len(self)), key=keys.__getitem__)
        if self._pile is None:
            return [self._first[place] for place in order]
        return _Ordered(self, array("Q", order))


class _Ordered(_Read[V]):
    """The values of a list in another order."""

    def __init__(self, values: Growing[V], order: "array[int]") -> None:
        self._values = values
        self._order = order

    def __len__(self) -> int:
        return len(self._order)

    def _at(self, place: int) -> V:
        return self._values[self._order[place]]


_MAP: Final = """
    CREATE TABLE kept (n INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, value BLOB);
"""
_MULTIMAP: Final = """
    CREATE TABLE kept (n INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB);
    CREATE INDEX by_key ON kept (key);
"""
_SET: Final = """
    INSERT INTO kept (key, value) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
_GET: Final = "SELECT value FROM kept WHERE key = ?"
_HAS: Final = "SELECT 1 FROM kept WHERE key = ?"
_DELETE: Final = "DELETE FROM kept WHERE key = ?"
_DISCARD: Final = "DELETE FROM kept WHERE key = ? AND value = ?"
_KEYS: Final = "SELECT key FROM kept WHERE n <= ? ORDER BY n"
_ITEMS: Final = "SELECT key, value FROM kept WHERE n <= ? ORDER BY n"
_LAST: Final = "SELECT COALESCE(MAX(n), 0) FROM kept"
_ALL_OF: Final = "SELECT value FROM kept WHERE key = ? ORDER BY n LIMIT ?"
_SEVERAL: Final = """
    SELECT key FROM kept GROUP BY key HAVING COUNT(*) > 1 ORDER BY MIN(n)
"""


class _Disk:
    """A temporary database without a name."""

    def __init__(self, tables: str) -> None:
        self._db = open_unnamed(f"PRAGMA cache_size=-{_CACHE_KB}; {tables}")
        weakref.finalize(self, self._db.close)

    def one(self, query: str, *values: object) -> Any:
        return self._db.execute(query, values).fetchone()

    def rows(self, query: str, *values: object) -> Iterator[Any]:
        return iter(self._db.execute(query, values))

    def change(self, query: str, *values: object) -> int:
        with room():
            return self._db.execute(query, values).rowcount

    def change_many(
        self, query: str, rows: list[tuple[bytes | str, bytes | str]]
    ) -> None:
        with room():
            self._db.execute("BEGIN")
            self._db.executemany(query, rows)
            self._db.execute("COMMIT")


def _stored(value: Any, pack: Callable[[Any], bytes] = packed) -> bytes | str:
    """Return *value* as it is stored: texts, which most values are, as they stand."""
    is_text = type(value) is str and (value.isascii() or value.isprintable())
    return value if is_text else pack(value)  # half of a pair is not printable


def _read(stored: bytes | str, unpack: Callable[[bytes], Any] = unpacked) -> Any:
    return stored if isinstance(stored, str) else unpack(stored)


def _key(key: Any) -> bytes | str:
    if type(key) is str and key.isprintable():
        return key  # as nearly all are: half of a pair is not printable
    return marshal.dumps(key, 0)  # equal for equal keys, as 0 knows no references


def _key_of(stored: bytes | str) -> Any:
    if isinstance(stored, str):
        return stored
    return marshal.loads(stored)  # noqa: S302  (this very process wrote it)
