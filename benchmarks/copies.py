"""A catalog that is many times as large as what went through the marketplaces.

To list a million products takes an hour, and their marketplaces, which live in memory,
more of that than there is. What one change costs depends on the rows that lie around
its own: those are copied, in the database, from products that were listed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice, product
from pathlib import Path
from string import ascii_uppercase
from typing import Final

_PREFIX: Final = 3
"""Letters of the ids of generated products; those of copies are as long."""
LAST_MADE: Final = "MAU-Z"
"""No product that was generated and not copied comes behind it."""
_NAMES: Final = tuple(
    map("".join, product(ascii_uppercase[13:], ascii_uppercase, "QX"))
)
"""They come behind all others."""


def copy_products(path: Path, copies: int) -> int:
    """Copy each product *copies* times, with its listings; return how many there are.

    What belongs to producers and to accounts is not copied, and neither is history. To
    a sync of what has changed they are older than all others.
    """
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF")
        last = _number(db, "SELECT value FROM catalog_counter WHERE name = 'revision'")
        for n, name in enumerate(islice(_NAMES, copies), start=1):
            for table in _tables(db):
                db.execute(_copying(db, table), {"name": name, "earlier": n * last})
            db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return _number(db, "SELECT count(*) FROM product")


def _number(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])


def _tables(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the tables of products."""
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        if name == "product" or "product_id" in dict(_columns(db, name)):
            yield name


def _columns(db: sqlite3.Connection, table: str) -> list[tuple[str, bool]]:
    """Return the names of columns, each with whether the database numbers it."""
    found = db.execute(f'PRAGMA table_info("{table}")').fetchall()
    keys = [row for row in found if row[5]]
    alone = len(keys) == 1 and keys[0][2] in {"INTEGER", "BIGINT"}
    return [(row[1], bool(row[5]) and alone) for row in found]


def _copying(db: sqlite3.Connection, table: str) -> str:
    """Return the statement that copies the rows of the products there were first."""
    key = "id" if table == "product" else "product_id"
    columns = [name for name, numbered in _columns(db, table) if not numbered]
    values = {name: f'"{name}"' for name in columns}
    for name in {key, "sku"}.intersection(columns):
        values[name] = f':name || substr("{name}", {_PREFIX + 1})'
    if table == "product":
        values["revision"] = "revision - :earlier"
    into = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({into}) SELECT {", ".join(values.values())}'  # noqa: S608  (our own tables)
        f' FROM "{table}" WHERE "{key}" LIKE \'MAU-%\' AND :earlier > 0'
    )
