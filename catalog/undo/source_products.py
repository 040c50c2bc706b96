"""The products that a source named before a reverted import, and those it made.

The latest import of a source decides which products it names. So nothing changes in
that while a later import of the source stands. If none stands, the imports right before
this one that are undone already are finished with it: they had to leave its naming.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import Change, plain_value
from catalog.db.imports import Import, same_source
from catalog.db.kept_changes import all_changes
from catalog.db.source_products import named_by
from catalog.undo.plan import Changed

Naming = Mapping[str, date | None]
"""Since when a source no longer names a product, as `missing_since`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneNaming:
    """The new state of a source's products, and of those that an import made.

    Attributes:
        before: The products that the source is to name again: None for one that it had
            never named.
        marks: Products that nobody names any more, with the import that made them.
        named: Products that were made, and that another import names.
        later: Imports of the same source that were made since and stand.
    """

    before: Mapping[str, Naming | None]
    marks: Mapping[str, int]
    named: frozenset[str]
    later: Sequence[int]


async def undone_naming(
    conn: AsyncConnection, made: Import, changed: Changed
) -> UndoneNaming:
    """Work out the new state of the products that *made* named and made."""
    others = await same_source(conn, made)
    later = [e.id for e in others if e.id > made.id and e.undone_in is None]
    imports = [(made.id, changed)]
    if not later:
        imports += await _undone_before(conn, made, others)
    created = {id_: n for n, each in imports for id_ in each.created}
    ids = {change.where.subject for _, each in imports for change in each.naming}
    known = await named_by(conn, sorted(ids | created.keys()))
    # While a later import of the source stands, it names all that it has not lost.
    named = {
        id_
        for (source, id_), since in known.items()
        if since is None and (later or source != made.source)
    }
    return UndoneNaming(
        before={} if later else _before(made.source, imports, known),
        marks={id_: n for id_, n in created.items() if id_ not in named},
        named=frozenset(created.keys() & named),
        later=later,
    )


async def _undone_before(
    conn: AsyncConnection, made: Import, others: Sequence[Import]
) -> list[tuple[int, Changed]]:
    """Return the imports of the source right before *made* that are undone."""
    found: list[tuple[int, Changed]] = []
    for each in others:
        if each.id > made.id:
            continue
        if each.undone_in is None:
            break
        found.append((each.id, Changed.of(await all_changes(conn, each.id))))
    return found


def _before(
    source: str,
    imports: Sequence[tuple[int, Changed]],
    known: Mapping[tuple[str, str], date | None],
) -> dict[str, Naming | None]:
    found: dict[str, Naming | None] = {}
    for _, changed in imports:
        for change in changed.naming:
            id_ = change.where.subject
            if change.where.key == source and (source, id_) in known:
                now = found.get(id_, {"missing_since": known[source, id_]})
                since = None if now is None else plain_value(now["missing_since"])
                if now is not None and since == change.after["missing_since"]:
                    found[id_] = _read(change)
        for id_ in changed.created:
            if (source, id_) in known:
                found[id_] = None
    return found


def _read(change: Change) -> Naming | None:
    if change.before is None:
        return None
    day = change.before["missing_since"]
    return {"missing_since": None if day is None else date.fromisoformat(day)}
