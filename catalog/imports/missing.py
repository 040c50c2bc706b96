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
from types import EllipsisType
from typing import Final

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
from catalog.turns import in_turns
from catalog.vietnam_time import day_in_vietnam

_NEVER: Final = ...
"""Stands for a source that has never named a product."""
_TOGETHER: Final = 500
"""Names that are noted at once: other tasks wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingChange:
    """The change in the products that a source names.

    Attributes:
        source: Name of the source.
        missing: Products that it named before and no longer does.
        sick: Too little was named to conclude anything.
        before: Since when it did not name the changed ones; those that it never named
            are left out.
        after: The same of all that change, as it is now.
        out_of_sources: Since when products are out of all sources, where that changes:
            they get a new revision.
    """

    source: str
    missing: Sequence[str]
    sick: bool
    before: Mapping[str, date | None]
    after: Mapping[str, date | None]
    out_of_sources: Mapping[str, date | None]

    @property
    def returned(self) -> Sequence[str]:
        """Return the products that it names again, sorted."""
        before, after = self.before, self.after
        return sorted(id_ for id_ in after if before.get(id_) and after[id_] is None)


def no_naming_change(source: str) -> NamingChange:
    """Return that nothing changes in what a source names."""
    return NamingChange(
        source=source, missing=[], sick=False, before={}, after={}, out_of_sources={}
    )


async def naming_change(
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
) -> NamingChange:
    """Return what changes as *source* now names *named* and nothing else.

    Args:
        conn: A connection; nothing is written.
        source: Name of the source.
        named: Ids of the products that it names.
        perhaps: Ids of those that it may name: nothing is concluded of them.
        perhaps_any: It may name any other: nothing is concluded from missing products.
        declared: Days since which it says itself that some of them are missing.
        empty: Whether the feed had no row at all.
        now: The present instant.
        confirmed: A person has said that it is well, though it names so little.
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
    return NamingChange(
        source=source,
        missing=missing,
        sick=sick,
        before=before,
        after=changed,
        out_of_sources=await _moved_days(conn, source, changed),
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


async def note_naming(log: ChangeLog, change: NamingChange) -> None:
    """Note in *log* that a source names other products now."""
    before = change.before
    async for some in in_turns(chunks(list(change.after.items()), _TOGETHER)):
        for id_, since in some:
            was = {"missing_since": plain_value(before[id_])} if id_ in before else None
            log.note_naming(change.source, id_, was, since)


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
    restored = {id_: known.get(id_, _NEVER) for id_ in before}
    days = await _moved_days(conn, source, restored)
    await set_out_of_sources(conn, days)
    return await revise(conn, days)


async def _moved_days(
    conn: AsyncConnection,
    source: str,
    changed: Mapping[str, date | EllipsisType | None],
) -> dict[str, date | None]:
    """Return since when products are out of the sources, where that is not stored.

    *source* names them as *changed* says, whatever is stored of it; `_NEVER` if it
    never did.
    """
    days: dict[str, date | None] = {}
    for ids in chunks(sorted(changed)):
        known = await out_of_sources(conn, ids, but=source)
        for id_ in ids:
            # A product that is yet to be stored is in no other source.
            stored, named = known.get(id_, (None, []))
            own = changed[id_]
            since = _latest(named if isinstance(own, EllipsisType) else [*named, own])
            if since != stored:
                days[id_] = since
    return days


def _latest(days: Sequence[date | None]) -> date | None:
    """Return the last of *days*, or None if some source still names the product."""
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None
