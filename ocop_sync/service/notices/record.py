"""What is to be told, recorded in the transaction of its event.

Nothing is recorded where no way to tell it is set. Only ids, numbers and kinds of
errors are: a receiver needs no more to know where to look.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.deployment import Deployment
from ocop_sync.service.notices.kinds import NoticeKind, Trouble, key_of
from ocop_sync.store import notices
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.notices import Standing
from ocop_sync.store.runs.last_runs import Ended, Ending
from ocop_sync.store.runs.run_requests import RunRequest
from ocop_sync.store.schedules.schedules import ScheduleRow

QUIET_FOR: Final = timedelta(hours=1)
"""An account whose runs fail now and then is told of once in so long; one that fails
all that time is told of as being down."""


async def record_runs(
    conn: AsyncConnection, deployment: Deployment, ended: Iterable[Ended]
) -> None:
    """Have it told of accounts that their runs fail, or work again."""
    if not (senders := deployment.told_by):
        return
    now, works = deployment.clock(), list[str]()
    for run in ended:
        key = key_of(NoticeKind.RUN_FAILED, run.account)
        if run.ending is Ending.FAILED:
            failed = Standing(
                kind=NoticeKind.RUN_FAILED,
                key=key,
                details={"account": run.account, "cause": run.cause, "run": run.run_id},
                simulated=_is_simulated(deployment, run.account),
            )
            await notices.begin(conn, failed, senders, now, quiet_for=QUIET_FOR)
        elif run.ending is Ending.DONE:
            works += [key, key_of(NoticeKind.ACCOUNT_DOWN, run.account)]
    if works:
        await notices.end(conn, works, senders, now)


async def record_schedule(
    conn: AsyncConnection,
    deployment: Deployment,
    row: ScheduleRow,
    trouble: Trouble | None,
) -> None:
    """Have it told of a schedule what has become of its run; None is that it works."""
    if not (senders := deployment.told_by):
        return
    now, (key, given_up) = deployment.clock(), _keys_of(row.id)
    if trouble is None:
        stood = await notices.end(conn, [key], senders, now)
        # Once is enough to say that it works again.
        await notices.end(conn, [given_up], senders, now, is_told=not stood)
        return
    failed = Standing(
        kind=NoticeKind.SCHEDULE_FAILED,
        key=given_up if trouble is Trouble.GIVEN_UP else key,
        details={
            "schedule": row.name,
            "work": row.kind,
            "since": _written(now),
            "trouble": trouble.value,
        },
        simulated=False,
    )
    await notices.begin(conn, failed, senders, now, quiet_for=QUIET_FOR)


async def forget_schedule(
    conn: AsyncConnection, schedule_id: int, now: datetime
) -> None:
    """Let go of a schedule that is removed: there is nothing more to tell of it."""
    await notices.end(conn, _keys_of(schedule_id), (), now, is_told=False)


def _keys_of(schedule_id: int) -> tuple[str, str]:
    """Return what stands while the runs of a schedule fail, and once one is given up.

    The death of a process is told before: that nobody goes on is told all the same.
    """
    key = key_of(NoticeKind.SCHEDULE_FAILED, schedule_id)
    return key, f"{key}:{Trouble.GIVEN_UP.value}"


async def record_given_up(
    conn: AsyncConnection, deployment: Deployment, request: RunRequest
) -> None:
    """Have it told that nobody goes on with a run that was asked for, once."""
    if not (senders := deployment.told_by):
        return
    now, names = deployment.clock(), request.marketplaces
    given_up = Standing(
        kind=NoticeKind.REQUEST_GIVEN_UP,
        key=key_of(NoticeKind.REQUEST_GIVEN_UP, request.id),
        details={
            "run": request.id,
            "work": request.kind.value,
            "since": _written(now),
            "trouble": Trouble.GIVEN_UP.value,
        },
        simulated=all(
            site.adapter.capabilities.simulated
            for site in deployment.sites
            if not names or site.name in names
        ),
    )
    await notices.begin(conn, given_up, senders, now)
    # It has happened, and does not go on: nothing tells of its end.
    await notices.end(conn, [given_up.key], senders, now, is_told=False)


async def record_group(
    conn: AsyncConnection, senders: Iterable[str], group: Group, *, simulated: bool
) -> None:
    """Have it told that *group* waits for a person, once."""
    if named := tuple(senders):
        waits = standing_group(group, simulated=simulated)
        await notices.begin(conn, waits, named, group.opened_at)


def standing_group(group: Group, *, simulated: bool) -> Standing:
    """Return a group that waits for a person as a thing that stands."""
    return Standing(
        kind=NoticeKind.GROUP_HELD,
        key=key_of(NoticeKind.GROUP_HELD, group.id),
        details={
            "group": group.id,
            "marketplace": group.marketplace,
            "size": group.size,
            "cause": str(group.cause),
            "since": _written(group.opened_at),
        },
        simulated=simulated,
    )


def _is_simulated(deployment: Deployment, account: str) -> bool:
    return any(
        account in site.accounts and site.adapter.capabilities.simulated
        for site in deployment.sites
    )


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
