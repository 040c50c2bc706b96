"""Statements that are sent again, by what was found out of them at first.

SQLAlchemy looks each statement up by all of its parts, sorts out its values and makes
ready to read any result, each time that it is sent: that took most of the time of a
statement that the database carries out in some microseconds. Ours are constants, so
that one is known by itself once it was sent twice: its words, where its values go, how
its rows are read; one that writes many rows at once is known before it is sent. A list
has one place, so that the words are the same however long it is. The first times, and
whatever is not as plain as that, SQLAlchemy does all of it; so it does on SQLite if one
fails, to tell of it.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple
from weakref import ref

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    Update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import IteratorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.sqltypes import TupleType

from ocop_sync.store.db.list_in_one_place import (
    Processor,
    Words,
    list_writer,
    words_of,
)

KINDS: Final = frozenset(
    {CompoundSelect, Delete, Insert, Select, Update, sqlite.Insert, postgresql.Insert}
)
"""Statements that may be known."""

_OFTEN = 1
"""Times that a statement is sent before it is known. One that is made anew each time
never is."""
_MANY: Final = 20
"""Rows of one change that take longer to send than it takes to find out about it."""
_PLACE: Final = "_ocop_sync_sent"

Query = Select[Any] | CompoundSelect[Any]
Statement = Query | Insert | Update | Delete
Form = tuple[object, ...]
"""Whether values are many rows, and their names: the words of a change depend on it."""

Values = Mapping[str, Any]
Row = list[Any]


class Done:
    """The result of a change.

    Attributes:
        rowcount: How many rows were changed.
    """

    __slots__ = ("rowcount",)

    def __init__(self, rowcount: int) -> None:
        self.rowcount = rowcount


class _Known:
    """The words of a statement, where its values go, and how its rows are read.

    Attributes:
        text: The words.
        metadata: What SQLAlchemy knows of its rows; None if it answers with none.
    """

    __slots__ = ("_constants", "_make_rows", "_take", "_written", "metadata", "text")

    def __init__(self, words: Words, compiled: SQLCompiler, metadata: Any) -> None:
        self.text = words.text
        self.metadata = metadata
        self._constants = words.constants
        self._take = _taking(words.places)
        writers = [_writer(name, compiled) for name in words.places]
        self._written = [(n, each) for n, each in enumerate(writers) if each]
        self._make_rows: Any = None

    def _row(self, values: Values) -> Row:
        """Return *values* in the order of their places, as they are written."""
        if self._constants:
            values = {**self._constants, **values}
        row = self._take(values)
        for n, write in self._written:
            row[n] = write(row[n])
        return row

    def rows(self, values: Any, *, is_many: bool) -> Any:
        """Return the row of *values*, or one for each; None if one cannot be made.

        It is left to SQLAlchemy then, to tell of the fault.
        """
        try:
            return [*map(self._row, values)] if is_many else self._row(values or {})
        except Exception:  # noqa: BLE001  (it comes again, in SQLAlchemy's words)
            return None

    def result(self, cursor: Any) -> Any:
        """Return the result of the statement that *cursor* has carried out."""
        if self.metadata is None:
            return Done(cursor.rowcount)
        found: Any = IteratorResult(self.metadata, iter(cursor.fetchall()))
        if self._make_rows is None:
            self._make_rows = found._row_getter  # noqa: SLF001  (each finds it out anew)
        found._row_getter = self._make_rows  # noqa: SLF001  (the same of each)
        return found

    def send(self, driver: sqlite3.Connection, row: Row) -> Any:
        """Return the result; None if SQLAlchemy is to do it, and to tell of faults."""
        try:
            return self.result(driver.execute(self.text, row))
        except Exception:  # noqa: BLE001  (it comes again, in SQLAlchemy's words)
            return None

    def send_many(
        self, driver: sqlite3.Connection, rows: Sequence[Row], dialect: Dialect
    ) -> Done:
        """Return the result of a change with each of *rows*.

        Raises:
            DBAPIError: The database refuses one. Those before it are written by now, so
                that the change cannot be sent anew.
        """
        try:
            return Done(driver.executemany(self.text, rows).rowcount)
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                self.text, rows, error, sqlite3.Error, dialect=dialect, ismulti=True
            ) from error


def _taking(places: Sequence[str]) -> Callable[[Values], Row]:
    """Return what takes the values of *places*, in their order."""
    if len(places) > 1:
        take = itemgetter(*places)
        return lambda values: [*take(values)]
    return lambda values: [values[name] for name in places]


def _writer(name: str, compiled: SQLCompiler) -> Processor | None:
    """Return what makes what is written of the value of that *name*; None if nothing.

    Constants of a list are their own place each, and are written as they are.
    """
    bind = compiled.binds.get(name)
    if bind is None:
        return None
    dialect = compiled.dialect
    processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return list_writer(dialect.name, processor) if bind.expanding else processor


class _Sent:
    """What is known of one statement, kept with it.

    Attributes:
        statement: The statement itself; one that was made of it has this by copy.
        known: How it is sent without SQLAlchemy, by the form of its values: None if it
            is not; until that is known, how often it was sent. Each has the name of
            its database.
    """

    __slots__ = ("known", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = ref(statement)
        self.known: dict[tuple[str, Form], _Known | int | None] = {}


class Asked(NamedTuple):
    """A statement that is to be sent.

    Attributes:
        known: How it is sent past SQLAlchemy; None if it is not, or somebody listens.
        values: Its values; one row alone is no list.
        is_many: There are many rows.
    """

    statement: Statement
    known: _Known | None
    values: Any
    is_many: bool
    sent: _Sent
    key: tuple[str, Form]


def ask(connection: Connection, statement: Statement, values: Any = None) -> Asked:
    """Return how *statement* is sent with *values*, in a transaction that goes on."""
    sent: _Sent | None = statement.__dict__.get(_PLACE)
    if sent is None or sent.statement() is not statement:
        sent = statement.__dict__[_PLACE] = _Sent(statement)
    if isinstance(values, list) and len(values) == 1:
        values = values[0]
    form = _form_of(statement, values)
    is_many = form[:1] == (True,)
    key = connection.dialect.name, form
    known = sent.known.get(key, 0)
    if is_many and isinstance(known, int) and len(values) >= _MANY:
        known = sent.known[key] = _know(connection.dialect, statement, form)
    if not isinstance(known, _Known) or not _is_unheard(connection):
        known = None
    return Asked(statement, known, values, is_many, sent, key)


def execute(connection: Connection, statement: Statement, values: Any = None) -> Any:
    """Return the result of *statement* with *values* on SQLite, as SQLAlchemy would.

    Of a change, it is how many rows were changed, and nothing else.
    """
    asked = ask(connection, statement, values)
    if (known := asked.known) is not None:
        rows = known.rows(asked.values, is_many=asked.is_many)
        driver: Any = connection.connection.dbapi_connection
        if rows is not None and asked.is_many:
            return known.send_many(driver, rows, connection.dialect)
        found = None if rows is None else known.send(driver, rows)
        if found is not None:
            return found
    return execute_and_learn(connection, asked)


def execute_and_learn(connection: Connection, asked: Asked) -> Any:
    """Have SQLAlchemy send a statement, and find out how it is sent past it."""
    made = connection.execute(asked.statement, asked.values)
    known = asked.sent.known.get(asked.key, 0)
    if isinstance(known, int) and known < _OFTEN:
        asked.sent.known[asked.key] = known + 1
    elif isinstance(known, int):
        form = asked.key[1]
        found = _know(connection.dialect, asked.statement, form, made)
        asked.sent.known[asked.key] = found
    return made


def _form_of(statement: Statement, values: Any) -> Form:
    is_many = isinstance(values, list)
    if isinstance(statement, Query) and not is_many:
        return ()
    return (is_many, *(values[0] if is_many and values else values or ()))


def _is_unheard(connection: Connection) -> bool:
    """Tell whether nobody wants to see it, in a transaction that goes on."""
    if connection._has_events or connection.engine._has_events:  # noqa: SLF001
        return False
    transaction = connection.get_transaction()
    if transaction is None:
        transaction = connection.begin()
    return transaction.is_active


def _know(
    dialect: Dialect, statement: Statement, form: Form, made: Any = None
) -> _Known | None:
    """Return how it is sent; None if it has more than values and lists of them.

    *made* is what SQLAlchemy made of it, if it was sent.
    """
    is_many, *names = form or (False,)
    compiled = None if made is None else made.context.compiled
    if compiled is None or compiled.statement is not statement:  # but one that is equal
        compiled = statement.compile(
            dialect=dialect,
            column_keys=names,
            for_executemany=is_many,
        )
    assert isinstance(compiled, SQLCompiler)  # noqa: S101  (mypy)
    # Danger: `effective_returning` may be that of a statement of which this was made.
    answers = isinstance(statement, Query) or bool(statement._returning)  # noqa: SLF001  (no public name tells)
    has_more = (
        compiled.literal_execute_params
        or compiled.insert_prefetch
        or compiled.update_prefetch
        or compiled.implicit_returning
        or (answers and (is_many or made is None))
    )
    binds = compiled.binds
    is_plain = all(
        each.callable is None
        and (each.unique or each.key == name)
        and not isinstance(each.type, TupleType)
        and not (each.expanding and is_many)
        for name, each in binds.items()
    )
    if has_more or not is_plain:
        return None
    lists = {name for name, each in binds.items() if each.expanding and each.required}
    words = words_of(compiled, lists)
    metadata = made._metadata if answers else None  # noqa: SLF001  (how rows are read)
    return None if words is None else _Known(words, compiled, metadata)
