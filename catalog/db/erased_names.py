"""The name of an erased person, wherever rows keep it: its id stands there then.

Acts name persons by id, and the audit erases their names (`catalog.db.acts`). Rows of
decisions and statements keep a name as it was given, as they are shown with it. Which
columns these are is said in one place for each set of tables; a test asks of every
column that may hold text. Functions over a connection in a transaction of the caller;
none of them commits.

Danger: a column is gone through whole. It is a rare act of one person, and indexes for
it would cost each write.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    Text,
    bindparam,
    cast,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.tables import (
    catalog_import,
    certificate,
    confirmation,
    field_change,
    import_problem,
    import_report,
    paper,
    producer,
)

_PAGE: Final = 500
_TELLS_NOTHING: Final = 4
"""Letters of a name by which nobody is known in the midst of a sentence."""


class Rewrite(Protocol):
    """Returns a sentence without a name."""

    def __call__(self, sentence: str, name: str, ref: str) -> str:
        """Return *sentence* without *name*, for which *ref* stands from then on."""


def renamed(sentence: str, name: str, ref: str) -> str:
    """Return *sentence* with the id in the place of the name."""
    return sentence.replace(name, ref)


@dataclass(frozen=True, kw_only=True)
class NamePlaces:
    """Where the names of people stand in a set of tables.

    Attributes:
        names: Columns that hold a name and nothing else, or a name and behind it, in
            brackets, by which import; each with the columns of the same row that hold
            the words of that person, which go as well.
        sentences: Columns of sentences that may hold a name, and how each is rewritten.
        told: Columns of JSON's values in which sentences stand that may.
        facts: Columns of JSON's values that name people where columns do: by "by", or a
            key that ends so. Any other value is of the fact itself, such as the name of
            a producer, which may be that of a person.
    """

    names: Mapping[Column[Any], Sequence[Column[Any]]]
    sentences: Mapping[Column[Any], Rewrite] = field(default_factory=dict)
    told: Sequence[Column[Any]] = ()
    facts: Sequence[Column[Any]] = ()


IN_CATALOG: Final = NamePlaces(
    names={
        producer.c.consent_by: (),
        producer.c.identity_ready_by: (),
        certificate.c.voided_by: (certificate.c.void_reason,),
        paper.c.held_by: (),
        catalog_import.c.confirmed_by: (),
        confirmation.c.who: (),
        field_change.c.changed_by: (),
    },
    told=(confirmation.c.held, import_report.c.told, import_problem.c.told),
    facts=(
        field_change.c.before,
        field_change.c.after,
        field_change.c.personal_before,
        field_change.c.personal_after,
    ),
)
"""The places in the tables of the catalog."""


async def forget_name(
    conn: AsyncConnection, places: NamePlaces, name: str, ref: str
) -> None:
    """Put the id *ref* in the place of *name* everywhere in *places*.

    A short name stays in sentences, where it may be a part of any word.
    """
    for column, words in places.names.items():
        await _forget_in_names(conn, column, words, name, ref)
    for column in places.facts:
        await _rewrite(conn, column, name, partial(_of_another, name=name, ref=ref))
    if len(name) <= _TELLS_NOTHING:
        return
    for column, rewrite in places.sentences.items():
        await _rewrite(conn, column, name, partial(rewrite, name=name, ref=ref))
    for column in places.told:
        await _rewrite(conn, column, name, partial(_without, name=name, ref=ref))


async def _forget_in_names(
    conn: AsyncConnection,
    column: Column[Any],
    words: Sequence[Column[Any]],
    name: str,
    ref: str,
) -> None:
    table, start = column.table, f"{name} ("
    assert isinstance(table, Table)  # noqa: S101  (of our own metadata)
    whole = {column.name: ref, **{each.name: "" for each in words}}
    await conn.execute(update(table).where(column == name).values(whole))
    begins = func.substr(column, 1, len(start)) == start
    behind = func.substr(column, len(name) + 1)
    await conn.execute(update(table).where(begins).values({column.name: ref + behind}))


async def _rewrite(
    conn: AsyncConnection, column: Column[Any], name: str, rewrite: Callable[[Any], Any]
) -> None:
    """Rewrite the values of a column that hold *name*, a page at a time."""
    table = column.table
    assert isinstance(table, Table)  # noqa: S101  (of our own metadata)
    keys = list(table.primary_key.columns)
    page = select(*keys, column).where(_holds(column, name)).limit(_PAGE)
    change = (
        update(table)
        .where(*(each == bindparam(f"key_{each.name}") for each in keys))
        .values({column.name: bindparam("value_", type_=column.type)})
    )
    while rows := (await conn.execute(page.order_by(*keys))).all():
        rewritten = [(row, rewrite(row[-1])) for row in rows]
        changes = [(row, value) for row, value in rewritten if value != row[-1]]
        await execute_each(conn, change, [_bound(keys, *each) for each in changes])
        if len(rows) < _PAGE or not changes:
            return


def _bound(keys: Sequence[Column[Any]], row: Any, value: Any) -> dict[str, Any]:
    """Return what the change of a row binds: its key, and the new value."""
    key = {f"key_{each.name}": row[n] for n, each in enumerate(keys)}
    return {**key, "value_": value}


def _holds(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Say of each row whether *name* stands in its text: letter by letter.

    In JSON letters may stand as escapes.
    """
    text = cast(column, Text)
    spellings = {name, json.dumps(name)[1:-1]}
    return or_(*(func.replace(text, each, "") != text for each in sorted(spellings)))


def _without(value: Any, name: str, ref: str) -> Any:
    """Return *value* with no sentence in it that holds the name."""
    if isinstance(value, str):
        return renamed(value, name, ref)
    if isinstance(value, list):
        return [_without(each, name, ref) for each in value]
    if isinstance(value, dict):
        return {key: _without(each, name, ref) for key, each in value.items()}
    return value


_WORDS_BESIDE: Final = {"voided_by": "void_reason"}
"""The words of a person that stand beside the name, in facts."""


def _of_another(fact: Any, name: str, ref: str) -> Any:
    """Return a fact with the id in the place of the name, and without its words."""
    if not isinstance(fact, dict):
        return fact
    kept = {key: _by(key, value, name, ref) for key, value in fact.items()}
    for by, words in _WORDS_BESIDE.items():
        if kept.get(by) != fact.get(by) and words in kept:
            kept[words] = ""
    return kept


def _by(key: str, value: Any, name: str, ref: str) -> Any:
    names_somebody = key == "by" or key.endswith("_by")
    if not (names_somebody and isinstance(value, str)):
        return value
    is_meant = value == name or value.startswith(f"{name} (")
    return f"{ref}{value[len(name) :]}" if is_meant else value
