"""The work of a run that somebody has asked for, and how its result is told.

It waits for accounts that other runs hold, as a scheduled run does.
"""

import secrets
from collections.abc import Callable, Sequence

from ocop_sync.errors import PlanError, StalePlanError
from ocop_sync.service.requests.claim import CANCELLED, ClaimedRun, RequestEnd
from ocop_sync.service.requests.plan_runs import note_outcomes, reviewed_changes
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.run_rating import RunRating
from ocop_sync.service.schedules.works import AtWork, WorkEnd, ending_of, once_free
from ocop_sync.service.sync.rated_sync import reconcile_once, sync_once
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind, RunRequest
from ocop_sync.store.schedules.runs import RunOutcome


class _CancelledError(Exception):
    """A person wants the run to end."""


async def carry_out(
    at: AtWork, claimed: ClaimedRun, is_cancelled: Callable[[], bool]
) -> RequestEnd:
    """Carry a request out; *is_cancelled* says whether a person wants it to end.

    Raises:
        StoppedError: The process was told to stop: the work is not over.
        ClaimLostError: Another process carries it out now.
    """
    ratings, reports = list[RunRating](), list[Report]()
    request = claimed.request

    def ensure_wanted() -> None:
        if is_cancelled():
            raise _CancelledError

    async def once() -> tuple[Report, RunRating]:
        ensure_wanted()
        run_id = _run_id_of(request, is_first=claimed.is_first and not ratings)
        ratings.append(RunRating.FAILED)
        report, ratings[-1] = await _once(at, request, run_id)
        reports.append(report)
        ensure_wanted()
        return report, ratings[-1]

    try:
        ended = await once_free(at, once)
    except _CancelledError:
        await _note_carried_out(at, request, reports)
        return CANCELLED
    except PlanError as error:  # its words are meant for people
        return RequestEnd(RequestOutcome.FAILED, str(error))
    except Exception as error:  # noqa: BLE001  (told by its kind)
        return _told(ending_of(error), RunRating.FAILED)
    await _note_carried_out(at, request, reports)
    return _told(ended, ratings[-1])


def _run_id_of(request: RunRequest, *, is_first: bool) -> str:
    """Return what the next runs are called in the ledger.

    Danger: the ledger numbers the changes of each run from 1, so no two have one name.
    """
    return request.id if is_first else f"{request.id}:{secrets.token_hex(3)}"


async def _once(
    at: AtWork, request: RunRequest, run_id: str
) -> tuple[Report, RunRating]:
    if request.kind is RunKind.PLAN:
        return await _carry_out_plan(at, request, run_id)
    if request.kind is RunKind.SYNC:
        synced = await sync_once(
            at.deployment,
            request.marketplaces,
            full=request.full,
            follow_for=at.follow_for,
            run_id=run_id,
        )
        return synced.report, synced.rating
    reconciled = await reconcile_once(
        at.deployment,
        request.marketplaces,
        report_only=request.report_only,
        follow_for=at.follow_for,
        run_id=run_id,
    )
    return reconciled.done.report, reconciled.rating


async def _carry_out_plan(
    at: AtWork, request: RunRequest, run_id: str
) -> tuple[Report, RunRating]:
    reviewed = await reviewed_changes(at.deployment, request)
    try:
        synced = await sync_once(
            at.deployment, reviewed=reviewed, follow_for=at.follow_for, run_id=run_id
        )
    except StalePlanError as error:
        await note_outcomes(at, request, error.skipped, is_carried_out=False)
        raise
    return synced.report, synced.rating


async def _note_carried_out(
    at: AtWork, request: RunRequest, reports: Sequence[Report]
) -> None:
    """Store with a plan what came of it, once nothing more of it is sent."""
    if request.plan_id is not None and reports:
        await note_outcomes(at, request, reports[-1].skipped, is_carried_out=True)


def _told(ended: WorkEnd, rating: RunRating) -> RequestEnd:
    if ended.outcome is not RunOutcome.DONE:
        return RequestEnd(RequestOutcome.FAILED, ended.reason)
    held = rating is RunRating.HELD
    outcome = RequestOutcome.HELD if held else RequestOutcome.DONE
    return RequestEnd(outcome, ended.reason)
