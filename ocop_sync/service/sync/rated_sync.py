"""One sync or one reconciliation, for whoever asks for it: awaited, done, and rated.

A run that died is waited for, a living one is left alone. A listing that was refused
before is no failure of this run.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from catalog.progress import no_progress
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run.one_sync import Progress
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.run_rating import RunRating
from ocop_sync.service.sync.apply_plan import ReviewedPlan, sync_reviewed
from ocop_sync.service.sync.lease_wait import wait_for_leases
from ocop_sync.service.sync.reconcile import Reconciled, reconcile
from ocop_sync.service.sync.sync import sync
from ocop_sync.store.decisions import held_groups
from ocop_sync.store.listings.refused import Refusal, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """One sync."""

    report: Report
    rating: RunRating

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return self.report.json_form()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileResult:
    """One reconciliation."""

    done: Reconciled
    rating: RunRating

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "report": self.done.report.json_form(),
            "findings": list(map(asdict, self.done.findings)),
            "report_only": self.done.report_only,
        }


async def sync_once(
    deployment: Deployment,
    names: Sequence[str] = (),
    *,
    full: bool = False,
    reviewed: ReviewedPlan | None = None,
    follow_for: timedelta = timedelta(0),
    progress: Progress = no_progress,
    run_id: str = "",
) -> SyncResult:
    """Keep the marketplaces *names*, or all, right once.

    With a *reviewed* plan, only its changes are sent. The other arguments are those of
    `sync`.

    Raises:
        OcopSyncError: As of `sync` and `sync_reviewed`, or told to stop meanwhile.
    """
    names = names or tuple(reviewed.marketplaces if reviewed else ())
    await wait_for_leases(deployment, names)
    before = await _refused(deployment)
    if reviewed is None:
        report = await sync(
            deployment,
            names,
            full=full,
            follow_for=follow_for,
            progress=progress,
            run_id=run_id,
        )
    else:
        report = await sync_reviewed(
            deployment,
            reviewed,
            names,
            follow_for=follow_for,
            progress=progress,
            run_id=run_id,
        )
    rating = await rating_of(deployment, report, before)
    return SyncResult(report=report, rating=rating)


async def reconcile_once(
    deployment: Deployment,
    names: Sequence[str] = (),
    *,
    report_only: bool = False,
    follow_for: timedelta = timedelta(0),
    progress: Progress = no_progress,
    run_id: str = "",
) -> ReconcileResult:
    """Read all of the marketplaces *names*, or of all, and heal the drift.

    The arguments are those of `reconcile`.

    Raises:
        OcopSyncError: As of `reconcile`, or told to stop meanwhile.
    """
    await wait_for_leases(deployment, names)
    before = await _refused(deployment)
    done = await reconcile(
        deployment,
        names,
        report_only=report_only,
        follow_for=follow_for,
        progress=progress,
        run_id=run_id,
    )
    rating = await _rating_of_findings(deployment, done, before)
    return ReconcileResult(done=done, rating=rating)


async def _rating_of_findings(
    deployment: Deployment, done: Reconciled, before: set[Refusal]
) -> RunRating:
    if any(found.creates_nothing for found in done.findings):
        return RunRating.HELD
    rating = await rating_of(deployment, done.report, before)
    is_unread = any(found.unread for found in done.findings)
    if rating is RunRating.DONE and is_unread:
        return RunRating.FAILED
    return rating


async def rating_of(
    deployment: Deployment, report: Report, before: set[Refusal]
) -> RunRating:
    """Return how a sync has ended.

    *before* are the refusals before it began.
    """
    if report.wrong and not report.right:
        return RunRating.MISCONFIGURED
    async with deployment.database.read() as conn:
        if await held_groups.any_open(conn, report.counts):
            return RunRating.HELD
    newly_refused = await _refused(deployment) - before
    unfinished = report.stopped or report.unheard or report.unread or report.busy
    failed = report.failed or unfinished or newly_refused or report.clock
    return RunRating.FAILED if failed else RunRating.DONE


async def _refused(deployment: Deployment) -> set[Refusal]:
    return await deployment.database.fetch(refused)
