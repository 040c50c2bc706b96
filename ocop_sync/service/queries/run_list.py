"""The runs as people look through them: each sync once, with who has asked for it.

A sync is one run at each of its accounts. Where a page of the list ends inside of one,
the next page goes on with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from catalog.vietnam_time import start_of
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.history import LedgerLine
from ocop_sync.service.queries.requests import SeenRequest, requests_of
from ocop_sync.service.queries.sent import (
    ChangeOutcome,
    FoundRun,
    SentPage,
    ledger_page,
    outcomes_of,
    run_page,
    runs_page,
)
from ocop_sync.store.runs import run_history
from ocop_sync.store.runs.run_history import ChangePlace, RunPlace, SentRun, Which

Place = tuple[datetime, str]
"""When a run began, and its id: its place in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs at accounts; what is left out narrows nothing.

    Attributes:
        ending: How they have ended, as `Ending` names it.
        day: The day in Vietnam on which they began.
    """

    ending: str | None = None
    day: date | None = None

    def which(self) -> Which:
        """Return the same as the ledger asks for it."""
        since = until = None
        if self.day is not None:
            since, until = start_of(self.day), start_of(self.day + timedelta(days=1))
        outcomes = () if self.ending is None else (self.ending,)
        return Which(outcomes=outcomes, since=since, until=until)


EVERY_RUN = RunFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSync:
    """A sync, with its runs on a page of the list.

    Attributes:
        id: Its id, as its runs are called before the first ":".
        runs: Its runs there, the latest first.
        request: What somebody has asked for; None if nobody has.
        is_part: Others of its runs stand on the page before or after.
    """

    id: str
    runs: Sequence[SentRun]
    request: SeenRequest | None
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncsPage:
    """Some syncs, the latest first.

    Attributes:
        simulated: Some marketplace is a mock.
        syncs: The syncs.
        runs: How many runs they have on the page.
        last: The place of the last of these runs; None if no more follow.
    """

    simulated: bool
    syncs: Sequence[ListedSync]
    runs: int
    last: Place | None


async def syncs_page(
    deployment: Deployment,
    chosen: RunFilter = EVERY_RUN,
    *,
    after: Place | None,
    size: int,
) -> SyncsPage:
    """Return the *size* chosen runs after a place, by sync."""
    behind = RunPlace(*after) if after else None
    found = await runs_page(deployment, chosen.which(), after=behind, size=size + 1)
    rows, more = found.rows[:size], found.rows[size:]
    by_sync: dict[str, list[SentRun]] = {}
    for each in rows:
        by_sync.setdefault(_sync_of(each.id), []).append(each)
    parts = {_sync_of(each.id) for each in more}
    parts |= {_sync_of(after[1])} if after else set()
    asked = await requests_of(deployment, by_sync)
    return SyncsPage(
        simulated=found.simulated,
        syncs=[
            ListedSync(
                id=id_,
                runs=runs,
                request=asked.get(id_),
                is_part=id_ in parts,
            )
            for id_, runs in by_sync.items()
        ],
        runs=len(rows),
        last=(rows[-1].started_at, rows[-1].id) if more else None,
    )


def _sync_of(run_id: str) -> str:
    return run_id.partition(":")[0]


ChangeAt = tuple[datetime, str, int]
"""When a change was sent, by which run, and its number there: its place."""


async def run_seen(
    deployment: Deployment, id_: str, *, after: ChangeAt | None, size: int
) -> FoundRun:
    """Return a run or sync, and *size* of its failed changes after a place.

    Raises:
        NoSuchRunError: There is none.
    """
    place = ChangePlace(*after) if after else None
    return await run_page(deployment, id_, after=place, size=size)


async def changes_of_run(
    deployment: Deployment,
    id_: str,
    outcome: ChangeOutcome | None,
    *,
    after: ChangeAt | None,
    size: int,
) -> SentPage[LedgerLine, ChangePlace]:
    """Return *size* changes of a run or sync after a place, by number.

    They are those to which *outcome* came; None stands for all.

    Raises:
        NoSuchRunError: Nothing was read or sent by that id.
    """
    which = Which(run=id_, outcomes=outcomes_of([outcome] if outcome else []))
    place = ChangePlace(*after) if after else None
    return (await ledger_page(deployment, which, after=place, size=size)).changes


async def kinds_of_run(deployment: Deployment, id_: str) -> dict[str, dict[str, int]]:
    """Return how many changes of a run, or a sync, of each kind had which outcome.

    An outcome that nobody knows yet is "open".
    """
    return await deployment.database.fetch(run_history.counts_by_kind, id_)
