"""Follow a run: what was told of it, then what is told, until it has ended.

Whoever follows asks again at least every second, and at once where another process
tells of news. Events are numbered: whoever comes back goes on behind the last one.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from catalog.db.telling import Told
from ocop_sync.errors import StoppedError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.requests import SeenRequest, request_of
from ocop_sync.service.queries.sent import run_page
from ocop_sync.store.db.listening import listening
from ocop_sync.store.runs import run_events, run_history
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.run_events import EventKind, RunEvent

LOOK_S: Final = 1.0
"""Longest time between two looks, in seconds."""
_AT_ONCE: Final = 200


class FollowedKind(StrEnum):
    """What somebody who follows a run is told."""

    STATE = "state"
    """How a run that was asked for stands: it waits, goes on, or is taken over."""
    BEGUN = EventKind.BEGUN.value
    PROGRESS = EventKind.PROGRESS.value
    ENDED = EventKind.ENDED.value
    END = "end"
    """All of it has ended: nothing follows."""


class RequestState(StrEnum):
    """How a run that was asked for stands."""

    WAITING = "waiting"
    """For a worker."""
    RUNNING = "running"
    DEAD = "dead"
    """Its worker has died: another one takes it over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What somebody who follows a run is told.

    Attributes:
        kind: What it is.
        n: The number to go on behind; None if it leaves that as it was.
        at: When.
        account: At which account; "" if it is of the whole run.
        data: The rest, as JSON's values.
    """

    kind: FollowedKind
    n: int | None
    at: datetime
    account: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class RunNews:
    """Wakes all who follow runs in this process: something may have been told."""

    def __init__(self) -> None:
        self._told = asyncio.Event()

    def tell(self) -> None:
        """Wake all who wait now."""
        self._told.set()
        self._told = asyncio.Event()

    async def wait(self, deployment: Deployment) -> None:
        """Wait for news, but no longer than until the next look.

        Raises:
            StoppedError: The process was told to stop.
        """
        told, pause = self._told, deployment.sleep(LOOK_S)
        await deployment.stop.while_going(_first(told, pause))


async def _first(told: asyncio.Event, pause: Any) -> None:
    waits = [asyncio.ensure_future(each) for each in (told.wait(), pause)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


@asynccontextmanager
async def heard_from_others(
    deployment: Deployment, news: RunNews
) -> AsyncIterator[None]:
    """Wake whoever waits for *news* during any work inside, as other processes tell."""

    def hear(what: Told) -> None:
        if what is Told.RUN_EVENTS:
            news.tell()

    async with listening(deployment.database, hear, deployment.sleep):
        yield


async def ensure_followed(deployment: Deployment, run_id: str) -> None:
    """See to it that there is a run to be followed.

    Raises:
        NoSuchRunError: There is none.
    """
    await run_page(deployment, run_id, after=None, size=1)


async def follow(
    deployment: Deployment, run_id: str, news: RunNews, *, after: int = 0
) -> AsyncGenerator[Followed | None, None]:
    """Yield what is told of a run, or of one of its accounts, behind number *after*.

    None is yielded after each look. It ends with the run, or as the process is told
    to stop.
    """
    run, _, account = run_id.partition(":")
    number, state = after, None
    while True:
        # Danger: asked before the events are read, so that those that were told right
        # before the end are read as well.
        request = await request_of(deployment, run)
        end = await _end_of(deployment, run_id, request)
        found = await deployment.database.fetch(run_events.after, run, number, _AT_ONCE)
        for each in found:
            number = each.n
            if not account or run_id == f"{run}:{each.account}":
                yield _told(each)
        if len(found) == _AT_ONCE:
            continue
        if end is not None:
            yield Followed(
                kind=FollowedKind.END, n=number, at=deployment.clock(), data=end
            )
            return
        if request is not None and (now_is := _state_of(request)) != state:
            state = now_is
            yield Followed(
                kind=FollowedKind.STATE,
                n=None,
                at=deployment.clock(),
                data={"state": state.value},
            )
        yield None
        try:
            await news.wait(deployment)
        except StoppedError:
            return


async def _end_of(
    deployment: Deployment, run_id: str, request: SeenRequest | None
) -> dict[str, Any] | None:
    """Return how a run has ended; None if it goes on."""
    if request is not None and ":" not in run_id:
        outcome, reason = request.request.outcome, request.request.reason
        return None if outcome is None else {"outcome": outcome.value, "reason": reason}
    endings = await deployment.database.fetch(
        run_history.endings, run_id, deployment.clock()
    )
    if endings is None:
        return None
    worst = next((each for each in _WORST_FIRST if each in endings), Ending.DONE)
    return {"outcome": worst.value, "reason": ""}


_WORST_FIRST: Final = (Ending.DIED, Ending.FAILED, Ending.CANCELLED, Ending.STOPPED)


def _state_of(seen: SeenRequest) -> RequestState:
    if seen.is_dead:
        return RequestState.DEAD
    return RequestState.RUNNING if seen.request.token else RequestState.WAITING


def _told(event: RunEvent) -> Followed:
    return Followed(
        kind=FollowedKind(event.kind.value),
        n=event.n,
        at=event.at,
        account=event.account,
        data=event.data,
    )
