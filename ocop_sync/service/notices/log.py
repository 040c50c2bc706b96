"""The log of notices, for people: what was told, what waits, and what was given up."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.clock import Clock
from ocop_sync.errors import NoSuchNoticeError
from ocop_sync.service.notices.kinds import NoticeKind
from ocop_sync.service.notices.sender import Message, Sender, UndeliveredError
from ocop_sync.service.notices.words import message_of
from ocop_sync.store import notices
from ocop_sync.store.db.database import Database
from ocop_sync.store.notices import Delivery, Notice, Part

MOST: Final = 200
"""The most notices of one list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeEntry:
    """A notice as people see it.

    Attributes:
        notice: As it is stored.
        message: In words.
        deliveries: How far it has got, by each way; none if no way was set then.
    """

    notice: Notice
    message: Message
    deliveries: Sequence[Delivery]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a notice to try a way.

    Attributes:
        sender: The way.
        error: The kind of the error; "" if it arrived.
    """

    sender: str
    error: str


async def notice_log(
    database: Database, *, limit: int = MOST, before: int | None = None
) -> Sequence[NoticeEntry]:
    """Return the newest notices first, those with a number below *before*."""
    async with database.read() as conn:
        found = await notices.listed(conn, limit=limit, before=before)
        return await _entries(conn, found)


async def notice_entry(database: Database, number: int) -> NoticeEntry:
    """Return one notice.

    Raises:
        NoSuchNoticeError: There is none of that number.
    """
    async with database.read() as conn:
        found = await notices.find(conn, number)
        if found is None:
            raise _no_such(number)
        (entry,) = await _entries(conn, [found])
        return entry


async def send_again(database: Database, clock: Clock, number: int, by: Actor) -> int:
    """Have a notice sent again by the ways by which it has not arrived; how many.

    Raises:
        NoSuchNoticeError: There is none of that number.
    """

    async def work(conn: AsyncConnection) -> int:
        now = clock()
        if await notices.find(conn, number) is None:
            raise _no_such(number)
        count = await notices.try_again(conn, number, now)
        if count:
            refs = {"notice": str(number)}
            await record_act(conn, Act(by=by, kind="retry_notice", at=now, refs=refs))
        return count

    return await database.write(work)


async def try_senders(
    senders: Sequence[Sender], clock: Clock, *, simulated: bool
) -> Sequence[Tried]:
    """Send a notice by each way, at once, and return what became of it."""
    now = clock()
    test = Notice(
        id=0,
        message_id=f"msg_test_{now:%Y%m%dT%H%M%S%f}",
        kind=NoticeKind.TEST.value,
        key=NoticeKind.TEST.value,
        part=Part.BEGUN,
        made_at=now,
        ended_at=None,
        simulated=simulated,
    )
    message, tried = message_of(test), list[Tried]()
    for each in senders:
        try:
            await each.send(message, now)
            tried.append(Tried(each.name, ""))
        except UndeliveredError as error:
            tried.append(Tried(each.name, error.kind))
    return tried


async def _entries(
    conn: AsyncConnection, found: Sequence[Notice]
) -> Sequence[NoticeEntry]:
    by_notice: dict[int, list[Delivery]] = defaultdict(list)
    for each in await notices.deliveries_of(conn, [e.id for e in found]):
        by_notice[each.notice_id].append(each)
    return [
        NoticeEntry(
            notice=each, message=message_of(each), deliveries=by_notice[each.id]
        )
        for each in found
    ]


def _no_such(number: int) -> NoSuchNoticeError:
    message = f"không có thông báo {number} / there is no notice {number}"
    return NoSuchNoticeError(message)
