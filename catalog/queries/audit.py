"""Whether the audit is whole: every entry as it was written, none left out."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import Recorded, acts_behind, recorded_acts
from catalog.db.audit_chain import FIRST

MOST_FAULTS = 100
"""Faults that are named; the others are counted."""


class AuditFault(StrEnum):
    """The fault of an entry."""

    MISSING = "missing"
    """An entry before this one is gone."""
    NOT_LINKED = "not_linked"
    """It does not follow on the entry before."""
    CHANGED = "changed"
    """It is not as it was written."""
    ACTOR_CHANGED = "actor_changed"
    """The name of the actor is another one."""
    NOTE_CHANGED = "note_changed"
    """The reason or the origin is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyEntry:
    """A fault, and the number of the entry at which it shows."""

    n: int
    fault: AuditFault


@dataclass(slots=True, kw_only=True)
class AuditVerification:
    """The outcome of reading the audit, or a part of it.

    Attributes:
        entries: How many entries there are.
        last: Number of the last entry; 0 if there is none.
        head: Hash of the last entry.
        erased: Entries whose actor was erased, or whose reason and origin were.
        faults: The first faults.
        fault_count: How many there are.
        expected: The hash that was kept elsewhere; "" if none was given.
        has_expected: Whether an entry has that hash. If not, entries were cut off,
            or written anew; in a part it may stand in another one.
        is_end: Nothing follows behind what was read.
    """

    entries: int = 0
    last: int = 0
    head: str = FIRST
    erased: int = 0
    faults: list[FaultyEntry] = field(default_factory=list)
    fault_count: int = 0
    expected: str = ""
    has_expected: bool = True
    is_end: bool = True

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.fault_count and self.has_expected

    def note(self, n: int, fault: AuditFault) -> None:
        """Count a fault."""
        self.fault_count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(FaultyEntry(n=n, fault=fault))


@dataclass(frozen=True, slots=True)
class RecordedActs:
    """Acts while they are read, a page at a time."""

    pages: AsyncIterator[Sequence[Recorded]]

    async def each(self) -> AsyncIterator[Recorded]:
        """Yield them one by one."""
        async for page in self.pages:
            for each in page:
                yield each


async def acts_after(conn: AsyncConnection, number: int) -> RecordedActs:
    """Return the acts after entry *number*, to be read over the connection."""
    return RecordedActs(recorded_acts(conn, number))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsPage:
    """Some acts in order, and the place of the last one; None if no more follow."""

    acts: Sequence[Recorded]
    last: int | None


async def acts_page(conn: AsyncConnection, number: int, *, size: int) -> ActsPage:
    """Return the *size* acts after entry *number*."""
    found = await acts_behind(conn, number, size + 1)
    acts = found[:size]
    return ActsPage(acts=acts, last=acts[-1].entry.n if len(found) > size else None)


async def verify_audit(
    conn: AsyncConnection,
    expected: str = "",
    *,
    after: int = 0,
    before_head: str = FIRST,
    most: int | None = None,
) -> AuditVerification:
    """Read the audit, a page at a time, and check each entry.

    Args:
        conn: A connection that the caller opened.
        expected: A hash that was the head once, kept elsewhere.
        after: Number of the entry behind which it begins.
        before_head: The hash of that entry.
        most: So many entries at least end it, with their page; None for no bound.
    """
    found = AuditVerification(
        last=after,
        head=before_head,
        expected=expected,
        has_expected=expected in {"", FIRST, before_head},
    )
    async for page in recorded_acts(conn, after):
        if most is not None and found.entries >= most:
            found.is_end = False
            break
        for each in page:
            for fault in _faults(each, found):
                found.note(each.entry.n, fault)
            found.entries += 1
            found.last, found.head = each.entry.n, each.hash
            found.erased += _is_erased(each)
            found.has_expected |= each.hash == expected
    return found


def _faults(each: Recorded, before: AuditVerification) -> Iterator[AuditFault]:
    entry = each.entry
    if entry.n != before.last + 1:
        yield AuditFault.MISSING
    elif entry.previous != before.head:
        yield AuditFault.NOT_LINKED
    if entry.hash() != each.hash:
        yield AuditFault.CHANGED
    if each.actor_fits is False:
        yield AuditFault.ACTOR_CHANGED
    if each.note_fits is False:
        yield AuditFault.NOTE_CHANGED


def _is_erased(each: Recorded) -> bool:
    note_is_gone = bool(each.entry.note_digest) and each.note_fits is None
    return note_is_gone or each.is_forgotten
