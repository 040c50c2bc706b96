"""The timeline of a product, pack or producer: each change of a field, newest first.

It is read from the history (`catalog.db.history`), page by page. What may have told of
a person is erased there after 30 days; the change says so itself.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.own import own_producer, own_product
from catalog.db.field_changes import WHOLE, Entity
from catalog.db.history import PAGE
from catalog.db.reader import get_producers
from catalog.db.timeline import PastChange, TimelineSubject, past_changes
from catalog.model.reach import WHOLE_CATALOG, Reach

SHOWN: Final = 50
"""Changes of a page, where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """A page of a timeline.

    Attributes:
        of: The product, pack or producer.
        changes: Its changes, the latest first.
        next: The page behind is that of `before=next`; None if this is the last one.
        is_whole: Whether the timeline reaches back to when the subject was made: the
            history begins with an upgrade, and earlier changes are not known. It is
            said of the last page only; None on all others.
    """

    of: TimelineSubject
    changes: Sequence[PastChange]
    next: int | None
    is_whole: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTimeline:
    """A timeline while it is read, change by change."""

    of: TimelineSubject
    changes: AsyncIterator[PastChange]


async def timeline_page(
    conn: AsyncConnection,
    code: str,
    *,
    reach: Reach = WHOLE_CATALOG,
    before: int | None = None,
    size: int = SHOWN,
) -> TimelinePage:
    """Return a page of the timeline of *code*.

    Args:
        conn: A connection that the caller opened.
        code: Id of a product or a producer, or an SKU.
        reach: The producers whose products whoever asks may see.
        before: Only changes with a number below this one.
        size: How many changes the page holds at most.

    Raises:
        NotInCatalogError: There is no such code within *reach*.
    """
    of = await _subject(conn, code, reach)
    found = await past_changes(conn, of, before=before, size=size + 1)
    changes, is_last = found[:size], len(found) <= size
    return TimelinePage(
        of=of,
        changes=changes,
        next=None if is_last else changes[-1].n,
        is_whole=_begins_with_making(changes) if is_last else None,
    )


async def whole_timeline(
    conn: AsyncConnection,
    code: str,
    *,
    reach: Reach = WHOLE_CATALOG,
    before: int | None = None,
) -> WholeTimeline:
    """Return all changes of *code*, to be read over the connection.

    Raises:
        NotInCatalogError: There is no such code within *reach*.
    """
    of = await _subject(conn, code, reach)
    return WholeTimeline(of=of, changes=_each(conn, of, before))


async def _each(
    conn: AsyncConnection, of: TimelineSubject, before: int | None
) -> AsyncIterator[PastChange]:
    while page := await past_changes(conn, of, before=before, size=PAGE):
        for each in page:
            yield each
        before = page[-1].n


async def _subject(conn: AsyncConnection, code: str, reach: Reach) -> TimelineSubject:
    if code in await get_producers(conn, [code]):
        maker = await own_producer(conn, code, reach)
        return TimelineSubject(maker.id, maker.name)
    product = await own_product(conn, code, reach)
    return TimelineSubject(product.id, product.name, code if code != product.id else "")


def _begins_with_making(changes: Sequence[PastChange]) -> bool:
    if not changes:
        return False
    first = changes[-1].change
    made = first.where.entity in (Entity.PRODUCT, Entity.PRODUCER, Entity.VARIANT)
    return made and first.where.field == WHOLE and first.before is None
