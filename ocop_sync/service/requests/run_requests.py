"""People's acts on runs: asked for, and cancelled.

Each is in the audit, and told to the workers of all processes, in its transaction. A
worker carries a run out: whoever asks does not wait for it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.db.telling import Told, tell
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.errors import PlanError, RunRequestedError
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.history import run_of
from ocop_sync.store.runs import accounts, run_requests
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind, RunRequest

_KEPT: Final = timedelta(days=30)
"""How long an ended request is kept; its runs stay in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRun:
    """A run that somebody wants.

    Attributes:
        kind: The work; a plan is carried out by `plan_runs`.
        marketplaces: Where; all of them if empty.
        report_only: A reconciliation that writes nothing.
        full: A sync that evaluates every product, whatever has changed.
    """

    kind: RunKind
    marketplaces: Sequence[str] = ()
    report_only: bool = False
    full: bool = False

    @classmethod
    def of(
        cls, work: str, marketplaces: Sequence[str] = (), *, report_only: bool = False
    ) -> "WantedRun":
        """Return a run by the name of its work.

        Raises:
            ValueError: There is no such work.
        """
        return cls(
            kind=RunKind(work), marketplaces=marketplaces, report_only=report_only
        )


async def request_run(
    deployment: Deployment, wanted: WantedRun, *, by: Actor
) -> RunRequest:
    """Have the next worker that is free carry a run out.

    Raises:
        ConfigurationError: There is no such marketplace.
        PlanError: It cannot be asked for; the message says why.
        RunRequestedError: Another one was asked for there, and has not ended.
    """
    ensure_named(by)
    if wanted.report_only and wanted.kind is not RunKind.RECONCILE:
        message = (
            "chỉ đối soát mới chỉ báo được / only a reconciliation can only report"
        )
        raise PlanError(message)
    if wanted.full and wanted.kind is not RunKind.SYNC:
        message = (
            "chỉ đồng bộ mới có kiểu xét lại mọi sản phẩm; đối soát luôn làm vậy"
            " / only a sync can be full; a reconciliation always is"
        )
        raise PlanError(message)
    sites = deployment.chosen(wanted.marketplaces)
    request = RunRequest(
        id=secrets.token_hex(8),
        kind=wanted.kind,
        marketplaces=tuple(dict.fromkeys(wanted.marketplaces)),
        report_only=wanted.report_only,
        full=wanted.full,
        asked_at=deployment.clock(),
    )
    names = [site.name for site in sites]

    async def store(conn: AsyncConnection) -> RunRequest:
        await add_request(conn, request, names)
        refs = {"run": request.id, "work": request.kind.value}
        done = Act(by=by, kind="start_run", at=request.asked_at, refs=refs)
        await run_requests.note_act(conn, request.id, await record_act(conn, done))
        return request

    return await deployment.database.write(store)


async def add_request(
    conn: AsyncConnection, request: RunRequest, names: Sequence[str]
) -> None:
    """Add a request for work at marketplaces *names*, and tell the workers.

    Raises:
        RunRequestedError: Another one was asked for there, and has not ended.
    """
    await run_requests.lock_all(conn)
    for each in await run_requests.open_requests(conn):
        if not each.marketplaces or set(each.marketplaces) & set(names):
            raise RunRequestedError(each.id)
    await run_requests.forget_before(conn, request.asked_at - _KEPT)
    await run_requests.add(conn, request)
    await tell(conn, Told.RUNS)


async def cancel_run(
    deployment: Deployment, id_: str, *, by: Actor
) -> RunRequest | None:
    """Ask one run to end, or all runs of a sync; each does so at its next step.

    One that still waits for a worker ends at once.

    Returns:
        The request that it carries out; None if nobody has asked for it.

    Raises:
        NoSuchRunError: There is none.
        PlanError: It has ended, or *by* is empty or too long.
    """
    ensure_named(by)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> tuple[RunRequest | None, bool]:
        request = await run_requests.lock(conn, id_)
        held = await accounts.cancel_run(conn, id_, by.name, now)
        is_open = request is not None and request.ended_at is None
        if is_open:
            await run_requests.cancel(conn, id_, now)
            await run_requests.CLAIMS.end(
                conn, id_, "", now=now, outcome=RequestOutcome.CANCELLED, reason=""
            )
        if is_open or held:
            subjects = [each.key for each in held]
            done = Act(
                by=by, kind="cancel_run", at=now, subjects=subjects, refs={"run": id_}
            )
            await record_act(conn, done)
            await tell(conn, Told.RUNS)
            await tell(conn, Told.RUN_EVENTS)
        return await run_requests.find(conn, id_), bool(is_open or held)

    request, was_going = await deployment.database.write(store)
    if not was_going:
        if request is None:
            await run_of(deployment, id_)
        message = f"lần chạy {id_} đã kết thúc / the run {id_} has ended"
        raise PlanError(message)
    return request
