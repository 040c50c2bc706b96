"""Rows that are prepared apart, and come into the catalog at once.

They lie in temporary tables of one connection. Nobody else sees these, no lock is
needed to fill them, and they are gone with the connection, whatever becomes of it: of
half prepared rows nothing is left. To make values into rows takes most of the time of
writing them; to bring them in takes a few statements for some hundred rows together,
which the database carries out by itself: other tasks go on in between. None of the
functions commits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Executable,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from catalog.columns import UtcDateTime
from catalog.db.chunks import CHUNK, chunks
from catalog.db.counters import REVISION, UNREVISED, next_numbers
from catalog.db.field_changes import WHOLE, Entity
from catalog.db.tables import (
    certificate,
    field_change,
    former_mark,
    import_problem,
    naming,
    paper,
    producer,
    product,
    variant,
)
from catalog.db.to_rows import Values
from catalog.db.upsert import insert_in

_TOGETHER: Final = 100
"""Rows that are added at once: other tasks wait for it."""
_BROUGHT: Final = 250
"""Rows that are brought in at once, likewise."""
_GIVEN_LATER: Final = frozenset(
    {"revision", "report_id", "import_id", "act", "changed_at", "changed_by"}
    | {"erased_at"}
)
"""Columns whose values are known only when the rows come in."""


def _table(name: str, *columns: Column[Any]) -> Table:
    """Return a temporary table; its rows are numbered from 1, in their order."""
    place = Column("place", Integer, primary_key=True, autoincrement=False)
    return Table(
        f"prepared_{name}",
        MetaData(),
        *(place, *columns),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",  # of SQLite the connection is closed
    )


def _like(table: Table, *without: str) -> Table:
    left_out = {*_GIVEN_LATER, *without}
    columns = (Column(c.name, c.type) for c in table.c if c.name not in left_out)
    return _table(table.name, *columns)


_PRODUCTS, _PRODUCERS, _NAMING = _like(product), _like(producer), _like(naming)
_CHANGES, _PROBLEMS = _like(field_change, "n"), _like(import_problem)
_PARTS: Final = {each.name: _like(each) for each in (variant, certificate, paper)}
_OWNERS = _table("owner", Column("part", Text), Column("product_id", Text))
_REVISED = _table("revised", Column("id", Text))
_OUT = _table(
    "out", *(Column(c.name, c.type) for c in product.c["id", "not_in_source_since"])
)

_BEFORE: ColumnElement[int] = bindparam("before", type_=BigInteger)


def _some(rows: Table) -> ColumnElement[bool]:
    """Say which rows a statement is about: those of some places."""
    return rows.c.place.between(bindparam("first"), bindparam("last"))


_REVISE = (
    update(product)
    .where(product.c.id == _REVISED.c.id, _some(_REVISED))
    .values(revision=_BEFORE + _REVISED.c.place)
)
_SET_OUT = (
    update(product)
    .where(product.c.id == _OUT.c.id, _some(_OUT))
    .values(not_in_source_since=_OUT.c.not_in_source_since)
)
_NOBODY = literal("", Text)
_OWNER, _NEW_OWNER = (
    func.coalesce(each.c.producer_id, _NOBODY) for each in (product, _PRODUCTS)
)
_KEEP_FORMER_PRODUCTS = former_mark.insert().from_select(
    ["product_id", "producer_id", "name"],
    select(product.c.id, _OWNER, product.c.name)
    .where(product.c.id == _PRODUCTS.c.id, _some(_PRODUCTS))
    .where((product.c.name != _PRODUCTS.c.name) | (_OWNER != _NEW_OWNER))
    .where(
        ~select(former_mark.c.n)
        .where(former_mark.c.product_id == product.c.id)
        .where(former_mark.c.producer_id == _OWNER)
        .where(former_mark.c.name == product.c.name)
        .exists()
    )
    .order_by(_PRODUCTS.c.place),
)
"""Before products come in: how sheets of before call those that get another name or
producer (`catalog.db.former_marks`), once each."""
_KEEP_FORMER_PRODUCERS = former_mark.insert().from_select(
    ["product_id", "producer_id", "name"],
    select(_NOBODY, producer.c.id, producer.c.name)
    .where(producer.c.id == _PRODUCERS.c.id, producer.c.name != _PRODUCERS.c.name)
    .where(_some(_PRODUCERS))
    .where(
        ~select(former_mark.c.n)
        .where(former_mark.c.producer_id == producer.c.id)
        .where(former_mark.c.product_id == _NOBODY)
        .where(former_mark.c.name == producer.c.name)
        .exists()
    )
    .order_by(_PRODUCERS.c.place),
)
_STAND_NO_MORE = (
    update(field_change)
    .where(
        field_change.c.n.in_(
            select(_CHANGES.c.supersedes)
            .where(_CHANGES.c.supersedes.is_not(None))
            .where(_some(_CHANGES))
        )
    )
    .values(stands=False)
)


class PreparedRows:
    """The prepared rows of one connection, in their order."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn
        self._count = Counter[str]()

    async def add_producers(self, rows: Sequence[Values]) -> None:
        """Add whole rows of producers."""
        await self._add(_PRODUCERS, rows)

    async def add_products(self, rows: Sequence[Values]) -> None:
        """Add whole rows of products, each product once; they get new revisions."""
        kept = [{k: v for k, v in row.items() if k != "revision"} for row in rows]
        await self._add(_PRODUCTS, kept)

    async def add_parts(
        self, name: str, known: Sequence[str], rows: Sequence[Values]
    ) -> None:
        """Add rows of a table of parts, in the place of those of *known* products."""
        owners = [{"part": name, "product_id": id_} for id_ in known]
        await self._add(_OWNERS, owners)
        await self._add(_PARTS[name], rows)

    async def add_naming(self, rows: Iterable[Values]) -> None:
        """Add that a source names products, or since when it does not."""
        for some in chunks(list(rows)):
            await self._add(_NAMING, some)

    async def add_out_of_sources(self, rows: Iterable[Values]) -> None:
        """Add since when products are out of the sources: `id` and the day."""
        for some in chunks(list(rows)):
            await self._add(_OUT, some)

    async def add_revised(self, ids: Iterable[str]) -> None:
        """Add products that get new revisions, and no product above; each once."""
        for some in chunks(sorted(ids)):
            await self._add(_REVISED, [{"id": id_} for id_ in some])

    async def add_changes(self, rows: Sequence[Values]) -> None:
        """Add changes for the history, as `catalog.db.history` makes them."""
        await self._add(_CHANGES, rows)

    async def add_problems(self, told: Iterable[Mapping[str, Any]]) -> None:
        """Add problems of a report, in their order."""
        rows = [{"n": n, "told": each} for n, each in enumerate(told, 1)]
        for some in chunks(rows, CHUNK):
            await self._add(_PROBLEMS, some)

    async def add_preview(self, told: Iterable[Mapping[str, Any]]) -> None:
        """Add what a report says it would change, in its order: below its problems."""
        rows = [{"n": -n, "told": each} for n, each in enumerate(told, 1)]
        for some in chunks(rows, CHUNK):
            await self._add(_PROBLEMS, some)

    async def bring_in_products(self) -> None:
        """Write producers, products with all that belongs to them, and revisions.

        The transaction holds the lock of the catalog.
        """
        if self._has(_PRODUCERS):
            await self._bring(_PRODUCERS, _KEEP_FORMER_PRODUCERS)
            await self._bring(_PRODUCERS, _merge(self._dialect, producer, _PRODUCERS))
            await next_numbers(self._conn, UNREVISED, 1)
        products, others = self._count[_PRODUCTS.name], self._count[_REVISED.name]
        last = 0
        if products + others:
            last = (await next_numbers(self._conn, REVISION, products + others)).start
        if products:
            await self._bring(_PRODUCTS, _KEEP_FORMER_PRODUCTS)
            into = _merge_products(self._dialect)
            await self._bring(_PRODUCTS, into, before=last - 1)
        for part, rows in _PARTS.items():
            if self._has(_OWNERS):
                await self._bring(_OWNERS, _forget(part), part=part)
            if self._has(rows):
                await self._bring(rows, _insert_parts(part))
        if self._has(_NAMING):
            await self._bring(_NAMING, _merge(self._dialect, naming, _NAMING))
        if self._has(_OUT):
            await self._bring(_OUT, _SET_OUT)
        if others:
            await self._bring(_REVISED, _REVISE, before=last - 1 + products)

    async def bring_in_changes(self, *, import_id: int, act: int, at: datetime) -> None:
        """Add the changes of an import to the history.

        Each belongs to the present revision of its product: that was written before.
        """
        if self._has(_CHANGES):
            await self._bring(_CHANGES, _STAND_NO_MORE)
            about = {"import_number": import_id, "act_number": act, "at": at}
            await self._bring(_CHANGES, _insert_changes(), **about)

    async def bring_in_problems(self, report_id: int) -> None:
        """Add the problems of a report, and its preview."""
        if self._has(_PROBLEMS):
            await self._bring(_PROBLEMS, _insert_problems(), report=report_id)

    async def clear(self) -> None:
        """Forget all rows; for a connection that is used further."""
        for name in self._count:
            await self._do(delete(_ALL[name]))
        self._count.clear()

    @property
    def _dialect(self) -> str:
        return self._conn.dialect.name

    def _has(self, table: Table) -> bool:
        return self._count[table.name] > 0

    async def _bring(self, rows: Table, statement: Executable, **values: Any) -> None:
        """Carry *statement* out about all rows, some after the others."""
        for first in range(1, self._count[rows.name] + 1, _BROUGHT):
            places = {"first": first, "last": first + _BROUGHT - 1}
            await self._do(statement, **values, **places)

    async def _do(self, statement: Executable, **values: Any) -> None:
        await self._conn.execute(statement, values)

    async def _add(self, table: Table, rows: Sequence[Values]) -> None:
        if not rows:
            return
        if not self._has(table):
            await self._do(CreateTable(table, if_not_exists=True))
            await self._do(delete(table))  # another one may have left some
        first = self._count[table.name] + 1
        self._count[table.name] += len(rows)
        for some in chunks(rows, _TOGETHER):
            numbered = [{"place": n, **row} for n, row in enumerate(some, first)]
            first += len(some)
            await self._conn.execute(_ADD[table.name], numbered)


_ALL: Final = {
    each.name: each
    for each in (
        *(_PRODUCERS, _PRODUCTS, _NAMING, _CHANGES, _PROBLEMS),
        *(_OWNERS, _REVISED, _OUT, *_PARTS.values()),
    )
}
_ADD: Final = {name: table.insert() for name, table in _ALL.items()}


# To put a statement together takes longer than to carry out one about few rows.
@cache
def _merge(dialect: str, into: Table, rows: Table) -> Executable:
    """Return the statement that inserts whole rows, or replaces those there are."""
    return _merging(dialect, into, rows, {})


@cache
def _merge_products(dialect: str) -> Executable:
    revision = {"revision": _BEFORE + _PRODUCTS.c.place}
    return _merging(dialect, product, _PRODUCTS, revision)


def _merging(
    dialect: str, into: Table, rows: Table, more: Mapping[str, ColumnElement[Any]]
) -> Executable:
    names, values = _columns(rows, more)
    # Without a WHERE, SQLite would take ON for the beginning of a join.
    source = select(*values).where(_some(rows)).order_by(rows.c.place)
    insert = insert_in(dialect, into).from_select(names, source)
    return insert.on_conflict_do_update(
        index_elements=list(into.primary_key),
        set_={c.name: insert.excluded[c.name] for c in into.c if not c.primary_key},
    )


def _columns(
    rows: Table, more: Mapping[str, ColumnElement[Any]]
) -> tuple[list[str], list[ColumnElement[Any]]]:
    """Return the names to write, and their values: those of *rows*, and *more*."""
    own = {c.name: c for c in rows.c if c.name != "place"}
    both: dict[str, ColumnElement[Any]] = {**own, **more}
    return list(both), list(both.values())


@cache
def _forget(part: str) -> Executable:
    """Return the statement that takes away the parts of products that get others."""
    into = _INTO[part]
    owners = select(_OWNERS.c.product_id).where(_OWNERS.c.part == bindparam("part"))
    owners = owners.where(_some(_OWNERS))
    return delete(into).where(into.c.product_id.in_(owners))


@cache
def _insert_parts(part: str) -> Executable:
    return _inserting(_INTO[part], _PARTS[part], {})


@cache
def _insert_problems() -> Executable:
    report = bindparam("report", type_=BigInteger)
    return _inserting(import_problem, _PROBLEMS, {"report_id": report})


@cache
def _insert_changes() -> Executable:
    subject, entity = _CHANGES.c.subject, _CHANGES.c.entity
    own = select(product.c.revision).where(product.c.id == subject)
    # That of a producer is the lowest of its products; of a new one they tell it.
    least = select(func.min(product.c.revision)).where(product.c.producer_id == subject)
    is_maker = entity == Entity.PRODUCER.value
    revision = case(
        (is_maker & (_CHANGES.c.field == WHOLE), null()),
        (is_maker, least.scalar_subquery()),
        else_=own.scalar_subquery(),
    )
    more = {
        "revision": revision,
        "import_id": bindparam("import_number", type_=BigInteger),
        "act": bindparam("act_number", type_=BigInteger),
        "changed_at": bindparam("at", type_=UtcDateTime()),
        "changed_by": literal("", Text),  # the import names who
    }
    return _inserting(field_change, _CHANGES, more)


def _inserting(
    into: Table, rows: Table, more: Mapping[str, ColumnElement[Any]]
) -> Executable:
    names, values = _columns(rows, more)
    source = select(*values).where(_some(rows)).order_by(rows.c.place)
    return into.insert().from_select(names, source)


_INTO: Final = {each.name: each for each in (variant, certificate, paper)}
