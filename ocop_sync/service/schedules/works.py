"""The work of each kind of schedule: the use case, and how its result is told.

A kind without a line in `WORKS` cannot be scheduled yet. How a work has ended is told
in words fit for everybody who may see schedules: no address, no file; those are in the
log.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.errors import (
    ClaimLostError,
    ConfigurationError,
    MovedDatabaseError,
    OcopSyncError,
    StoppedError,
    StorageError,
    SyncInProgressError,
)
from ocop_sync.service.claims.held_claim import HeldClaim
from ocop_sync.service.deployment import Deployment, unfenced
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.run_log import log_synced
from ocop_sync.service.run.run_rating import RunRating
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.sync.rated_sync import reconcile_once, sync_once
from ocop_sync.service.watch.look import Look
from ocop_sync.store.schedules.runs import RunOutcome

T = TypeVar("T")

PATIENCE: Final = timedelta(minutes=30)
"""How long a work waits for accounts that another process works on."""
_ASK_AGAIN_S: Final = 5.0
_NAMED: Final = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkEnd:
    """How a work has ended.

    Attributes:
        outcome: Done or failed.
        reason: Why it failed, or what waits; "" if there is nothing to say.
    """

    outcome: RunOutcome
    reason: str = ""


DONE: Final = WorkEnd(RunOutcome.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """What works are given.

    Attributes:
        deployment: Of this process.
        follow_for: How long a sync follows reviews.
        turn: One sync at a time in this process: the worker's own take it, too.
        schedule: Name of the schedule that is carried out; "" of none.
        due_at: The due time that it is carried out for: the same if it is taken over.
        hold: Renews the claim in a transaction, or raises `ClaimLostError`.
    """

    deployment: Deployment
    follow_for: timedelta = timedelta(0)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    schedule: str = ""
    due_at: datetime | None = None
    hold: Callable[[AsyncConnection], Awaitable[None]] = unfenced

    def of(self, claim: HeldClaim, **more: Any) -> "AtWork":
        """Return the same for a claimed work; *more* are attributes of it."""
        deployment = replace(self.deployment, fence=claim.hold)
        return replace(self, deployment=deployment, hold=claim.hold, **more)

    async def write(self, act: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Carry *act* out in a transaction, if the run is still ours then.

        Raises:
            ClaimLostError: Another process has taken it over: this one was suspended,
                say, for longer than its claim lasts.
        """

        async def held(conn: AsyncConnection) -> T:
            await self.hold(conn)
            return await act(conn)

        return await self.deployment.database.write(held)

    async def ensure_ours(self) -> None:
        """See to it that the run is still ours.

        Raises:
            ClaimLostError: As for `write`.
        """
        await self.deployment.database.write(self.hold)


Work = Callable[[AtWork], Awaitable[WorkEnd]]


async def _sync(at: AtWork) -> WorkEnd:
    async def once() -> tuple[Report, RunRating]:
        done = await sync_once(at.deployment, follow_for=at.follow_for)
        return done.report, done.rating

    return await once_free(at, once)


async def _reconcile(at: AtWork) -> WorkEnd:
    async def once() -> tuple[Report, RunRating]:
        done = await reconcile_once(at.deployment, follow_for=at.follow_for)
        return done.done.report, done.rating

    return await once_free(at, once)


async def _watch_certificates(at: AtWork) -> WorkEnd:
    # A look of its own walks through the catalog now, whenever the worker's last did.
    if not at.deployment.told_by:
        # Danger: what is recorded while it goes nowhere is never told later.
        return WorkEnd(RunOutcome.DONE, _NO_WAY)
    await at.ensure_ours()
    faulty = await Look(at.deployment).look()
    if not faulty:
        return DONE
    reason = f"{len(faulty)} sản phẩm không xét được / products could not be evaluated"
    return WorkEnd(RunOutcome.FAILED, reason)


_NO_WAY: Final = (
    "chưa đặt webhook hay mail nên không báo cho ai / nobody is told: neither webhook"
    " nor mail is set"
)


async def _back_up(at: AtWork) -> WorkEnd:
    if at.deployment.backups is None:
        return WorkEnd(RunOutcome.FAILED, _NO_FOLDER)
    await at.ensure_ours()
    # In a thread: a large database takes seconds, in which others are answered.
    copy = await asyncio.to_thread(at.deployment.backups.keep, at.deployment.clock())
    _log.info("backup kept", extra={"file": str(copy)})
    return DONE


_NO_FOLDER: Final = (
    "chưa đặt database.backup_folder / database.backup_folder is not set"
)


WORKS: Final[Mapping[ScheduleKind, Work]] = MappingProxyType(
    {
        ScheduleKind.SYNC: _sync,
        ScheduleKind.RECONCILE: _reconcile,
        ScheduleKind.CERTIFICATES: _watch_certificates,
        ScheduleKind.BACKUP: _back_up,
    }
)
"""The work of each kind that can be scheduled."""


def ending_of(error: Exception) -> WorkEnd:
    """Return how a work has ended that has raised *error*; its own words are logged.

    Raises:
        StoppedError: The process was told to stop: the work is not over.
        ClaimLostError: Another process carries the work out now.
    """
    if isinstance(error, (StoppedError, ClaimLostError)):
        raise error
    if isinstance(error, ExceptionGroup):
        return ending_of(error.exceptions[0])
    return WorkEnd(RunOutcome.FAILED, _words_of(error))


def _words_of(error: Exception) -> str:
    if isinstance(error, SyncInProgressError):
        return f"{error.account}: {_BUSY}"
    if isinstance(error, MovedDatabaseError):
        return _MOVED
    if isinstance(error, ConfigurationError):
        return "thiết lập chưa đúng, xem nhật ký / settings are wrong: see the log"
    if isinstance(error, StorageError):
        return (
            "cơ sở dữ liệu hoặc ổ đĩa lỗi, xem nhật ký / disk or database: see the log"
        )
    if isinstance(error, OcopSyncError):
        return "không làm được, xem nhật ký / it cannot be done: see the log"
    return "lỗi chương trình, xem nhật ký / a fault of the program: see the log"


_MOVED: Final = (
    "cơ sở dữ liệu được đưa trở lại hoặc chuyển chỗ: chưa ghi gì lên sàn, đến khi người"
    " vận hành nói là việc nào (`ocop-sync db restored`, `ocop-sync db moved`) / the"
    " database was put back or moved: nothing is written anywhere before whoever runs"
    " the service has said which (`ocop-sync db restored`, `ocop-sync db moved`)"
)
_BUSY: Final = "lần chạy khác đang giữ / held by another run"


async def once_free(
    at: AtWork, once: Callable[[], Awaitable[tuple[Report, RunRating]]]
) -> WorkEnd:
    """Carry a sync out once no other run holds an account, or patience is over."""
    deployment = at.deployment
    until = deployment.clock() + PATIENCE
    while True:
        try:
            async with at.turn:
                deployment.stop.ensure_going()
                # Danger: a process that was suspended meanwhile comes back here, and
                # would begin a second sync beside that of whoever has the run now.
                await at.ensure_ours()
                report, rating = await once()
        except SyncInProgressError:
            if deployment.clock() >= until:
                raise
        else:
            deployment.stop.ensure_going()
            if not report.busy or deployment.clock() >= until:
                log_synced(report)
                return _end_of(report, rating)
        await deployment.pause(_ASK_AGAIN_S)


def _end_of(report: Report, rating: RunRating) -> WorkEnd:
    if rating is RunRating.HELD:
        words = "có nhóm chờ người duyệt / groups wait for a person"
        return WorkEnd(RunOutcome.DONE, words)
    if rating is RunRating.DONE:
        return DONE
    return WorkEnd(RunOutcome.FAILED, "; ".join(_faults(report)))


def _faults(report: Report) -> list[str]:
    """Return what was left undone, by keys and counts alone."""
    found = []
    if report.clock is not None:
        found.append("đồng hồ máy không đáng tin / this computer's clock is doubted")
    if report.failed:
        found.append(f"{report.failed} thay đổi không thành / changes failed")
    named = {*report.stopped, *report.unheard, *report.unread, *report.wrong}
    for words, keys in (
        ("tài khoản không chạy được / accounts did not work", named),
        (_BUSY, {each.key for each in report.busy}),
    ):
        if keys:
            more = len(keys) - _NAMED
            shown = [*sorted(keys)[:_NAMED], *([f"+{more}"] if more > 0 else [])]
            found.append(f"{words}: {', '.join(shown)}")
    return found or ["có việc chưa xong, xem status / not all was done: see status"]
