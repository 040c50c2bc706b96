"""The products that a source no longer names.

A product is out of the sources when none of the imports that ever named it does any
more; since when is the last of those days. It is a fact for people to look at: nothing
is deleted or withdrawn for it. A source that is empty, or names fewer than half of its
products before, is sick: nothing is concluded from its named or missing products, so
that it is as sick the next time, until a person confirms it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.db.field_changes import ChangeLog, plain_value
from catalog.db.source_products import (
    forget_naming,
    keep_naming,
    naming_of,
    naming_pages,
    out_of_sources,
    set_out_of_sources,
)
from catalog.db.writer import revise
from catalog.vietnam_time import day_in_vietnam


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingChange:
    """The change in the products that a source names.

    Attributes:
        missing: Products that it named before and no longer does.
        returned: Products that it names again.
        sick: Too little was named to conclude anything.
        changed: Products that got a new revision for it.
    """

    missing: Sequence[str]
    returned: Sequence[str]
    sick: bool
    changed: Sequence[str]


async def record_named(
    conn: AsyncConnection,
    *,
    source: str,
    named: Collection[str],
    perhaps: Collection[str] = (),
    perhaps_any: bool = False,
    declared: Mapping[str, date],
    empty: bool,
    now: datetime,
    confirmed: bool = False,
    log: ChangeLog | None = None,
) -> NamingChange:
    """Record that *source* now names *named* and nothing else.

    Args:
        conn: A connection in a transaction of the caller, locked for writing.
        source: Name of the source.
        named: Ids of the products that it names.
        perhaps: Ids of those that it may name: nothing is concluded of them.
        perhaps_any: It may name any other: nothing is concluded from missing products.
        declared: Days since which it says itself that some of them are missing.
        empty: Whether the feed had no row at all.
        now: The present instant.
        confirmed: A person has said that it is well, though it names so little.
        log: Notes the changes.
    """
    expected, gone = await _expected(conn, source, named, perhaps)
    sick = empty or (2 * len(gone) > expected and not confirmed)
    missing = [] if sick or perhaps_any else gone
    before: dict[str, date | None] = {}
    changed: dict[str, date | None] = {}
    for ids in chunks([] if sick else sorted(named)):
        known = await naming_of(conn, source, ids)
        for id_ in ids:
            if id_ not in known or known[id_] != declared.get(id_):
                changed[id_] = declared.get(id_)
        before |= {id_: known[id_] for id_ in known.keys() & changed.keys()}
    before |= dict.fromkeys(missing)
    changed |= dict.fromkeys(missing, day_in_vietnam(now))
    if log is not None:
        _note(log, source, before, changed)
    await keep_naming(conn, source, changed)
    return NamingChange(
        missing=missing,
        returned=sorted(
            id_ for id_ in changed if before.get(id_) and changed[id_] is None
        ),
        sick=sick,
        changed=await _update_products(conn, sorted(changed)),
    )


async def _expected(
    conn: AsyncConnection, source: str, named: Collection[str], perhaps: Collection[str]
) -> tuple[int, list[str]]:
    """Return how many products *source* named so far, and those it does not now."""
    expected, gone = 0, list[str]()
    async for page in naming_pages(conn, source):
        for id_, since in page:
            expected += since is None
            if since is None and id_ not in named and id_ not in perhaps:
                gone.append(id_)
    return expected, gone


def _note(
    log: ChangeLog,
    source: str,
    before: Mapping[str, date | None],
    changed: Mapping[str, date | None],
) -> None:
    for id_, since in changed.items():
        known = {"missing_since": plain_value(before[id_])} if id_ in before else None
        log.note_naming(source, id_, known, since)


async def restore_naming(
    conn: AsyncConnection,
    source: str,
    before: Mapping[str, Mapping[str, date | None] | None],
) -> Sequence[str]:
    """Let *source* name products as it did before; None if it never named one.

    The ids of the products that got a new revision are returned, sorted.
    """
    known = {id_: state["missing_since"] for id_, state in before.items() if state}
    await keep_naming(conn, source, known)
    await forget_naming(conn, source, before.keys() - known.keys())
    return await _update_products(conn, sorted(before))


async def _update_products(conn: AsyncConnection, ids: Sequence[str]) -> Sequence[str]:
    """Bring the products in line with the statements of all their sources."""
    days: dict[str, date | None] = {}
    for chunk in chunks(ids):
        known = await out_of_sources(conn, chunk)
        for id_, (stored, named) in known.items():
            since = _latest(named)
            if since != stored:
                days[id_] = since
    await set_out_of_sources(conn, days)
    return await revise(conn, days)


def _latest(days: Sequence[date | None]) -> date | None:
    """Return the last of *days*, or None if some source still names the product."""
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None
