"""Marks in a database that was put back from a backup.

It knows nothing of what came after the backup: neither what was listed since, nor who
was signed out. So each account waits for a whole read, and nobody stays signed in.
Plans and held groups are marked in `ocop_sync.store.decisions`.
"""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.identity_tables import api_key, session, sign_in_link
from ocop_sync.store.notice_tables import notice_delivery
from ocop_sync.store.runs import run_requests
from ocop_sync.store.tables import account


class Restored(NamedTuple):
    """What stands in a database that was put back.

    Attributes:
        accounts: How many accounts are read whole before anything is written there.
        sessions: How many sessions were ended.
        links: How many unused links were voided.
        keys: Ids of the keys that open something again, sorted: some of them may
            have been revoked since.
        notices: How many notices are sent now, maybe for the second time.
        plans: Numbers of the plans that were approved and wait for approval anew,
            sorted.
        groups: Numbers of the held groups whose approval ended, sorted.
    """

    accounts: int
    sessions: int
    links: int
    keys: tuple[str, ...]
    notices: int
    plans: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()


_UNREAD: Final = {
    "read_whole_at": None,
    # The runs of then have ended; one that goes on unasked ends, as its lease is gone.
    "holder": "",
    "token": "",
    "lease_until": None,
    "cancelled_by": "",
}


_ASKED_BEFORE: Final = (
    "cơ sở dữ liệu được khôi phục từ bản sao: nhờ chạy lại nếu còn cần / the database"
    " was restored from a backup: ask for it again if it is still wanted"
)


async def mark_restored(conn: AsyncConnection, now: datetime) -> Restored:
    """Let all accounts wait for a whole read, and end all sessions and links.

    Runs that were asked for are ended as well: they may have been carried out since, or
    cancelled.
    """
    await run_requests.end_all(conn, now, _ASKED_BEFORE)
    marked = await conn.execute(update(account).values(**_UNREAD, restored_at=now))
    ended = await conn.execute(
        update(session).where(session.c.ended_at.is_(None)).values(ended_at=now)
    )
    links = sign_in_link.c
    voided = await conn.execute(
        update(sign_in_link)
        .where(links.used_at.is_(None), links.voided_at.is_(None))
        .values(voided_at=now)
    )
    ends = api_key.c.ends_at
    keys = await conn.scalars(
        select(api_key.c.id)
        .where(api_key.c.revoked_at.is_(None), or_(ends.is_(None), ends > now))
        .order_by(api_key.c.id)
    )
    waiting = await conn.scalar(
        select(func.count())
        .select_from(notice_delivery)
        .where(notice_delivery.c.state == "waiting")
    )
    return Restored(
        accounts=marked.rowcount,
        sessions=ended.rowcount,
        links=voided.rowcount,
        keys=tuple(keys),
        notices=waiting or 0,
    )
