"""Runs, and what they have sent: each change, its answer and its reason."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import AwareDatetime, Field

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import (
    asker_of,
    deployment_of,
    place_of,
    run_news_of,
)
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.forms.run_events import run_event_form
from ocop_sync.api.forms.runs import (
    LedgerLineForm,
    LedgerPage,
    RunForm,
    RunHeadForm,
    RunPage,
    RunRequestForm,
    RunsPage,
    ledger_head_form,
    ledger_line_form,
    request_form,
    run_form,
    run_head_form,
    runs_head_form,
)
from ocop_sync.api.problems import NOT_POSSIBLE, SYNC_IN_PROGRESS
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.event_stream import MEDIA_TYPE, EventStream, ServerEvent
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Instant, Model, Page, PageQuery
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.decisions.cancellations import cancel
from ocop_sync.service.queries.requests import SeenRequest, open_requests
from ocop_sync.service.queries.sent import (
    ChangeOutcome,
    ledger_page,
    outcomes_of,
    run_page,
    runs_page,
)
from ocop_sync.service.requests.follow import Followed, ensure_followed, follow
from ocop_sync.service.requests.run_requests import (
    WantedRun,
    cancel_run,
    request_run,
)
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.run_history import ChangePlace, RunPlace, Which
from ocop_sync.store.runs.run_requests import RunKind

TAG: Final = "runs"

Filter = Annotated[tuple[Identifier, ...], Field(max_length=50)]


class _RunPlace(NamedTuple):
    """The place of a run in the list of them."""

    started_at: AwareDatetime
    id: str


class _ChangePlace(NamedTuple):
    """The place of a change in the ledger."""

    sent_at: AwareDatetime
    run_id: str
    n: int


class SentQuery(PageQuery):
    """Where and when."""

    account: Filter = ()
    """Only at these accounts."""
    since: Instant | None = None
    """From then on."""
    until: Instant | None = None
    """Before then."""


class RunsQuery(SentQuery):
    """Which runs."""

    outcome: Annotated[tuple[Ending, ...], Field(max_length=20)] = ()
    """Only those that ended so."""


class LedgerQuery(SentQuery):
    """Which changes."""

    product: Filter = ()
    """Only of these: codes of products, packs or producers."""
    kind: Annotated[tuple[Kind, ...], Field(max_length=20)] = ()
    """Only of these kinds."""
    outcome: Annotated[tuple[ChangeOutcome, ...], Field(max_length=20)] = ()
    """Only with these outcomes; `failed` is refused, unknown and not sent."""
    run: Identifier | None = None
    """Only of this run, or of this sync."""


class RunPath(Model):
    """Which run."""

    run: Identifier
    """Its id; without ":" that of a whole sync, with all its accounts."""


class FollowHeaders(Model):
    """Where a stream goes on."""

    last_event_id: Annotated[
        str, Field(alias="Last-Event-ID", max_length=9, pattern="^[0-9]*$")
    ] = ""
    """The id of the last event that was read; what was told after it comes."""


class StartKind(StrEnum):
    """The work of a run that is started here; a plan has a route of its own."""

    SYNC = RunKind.SYNC.value
    RECONCILE = RunKind.RECONCILE.value


class StartForm(Model):
    """A run that is wanted."""

    kind: StartKind
    """The work."""
    marketplaces: Filter = ()
    """At these marketplaces; at all if there are none."""
    report_only: bool = False
    """A reconciliation that writes nothing."""
    full: bool = False
    """A sync that evaluates every product, whatever has changed."""


class CancelForm(Model):
    """Which runs are to end."""

    at: Identifier | None = None
    """A marketplace, or the key of an account; all if left out."""


class CancelledRun(Model):
    """A run that was asked to end."""

    key: str
    """At which account."""
    holder: str
    """The process that runs it."""


class CancelledRequest(Model):
    """A run that somebody has asked for, and that was cancelled."""

    run: str
    """Its id."""
    had_begun: bool
    """A worker had it: it ends at its next step. Else it has ended."""


class CancelledForm(Model):
    """The runs that were asked to end."""

    accounts: tuple[CancelledRun, ...]
    """By account; empty if nothing runs there."""
    requests: tuple[CancelledRequest, ...]
    """Those that people have asked for, whether they had begun or not."""
    wider: tuple[str, ...]
    """Ids of those that are for further places as well: they are not cancelled, but
    where `accounts` names them; end them by their ids."""


@operation(
    "GET",
    "/api/v1/runs",
    summary="Runs that have read or sent something",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def list_runs(call: Call, query: RunsQuery) -> RunsPage:
    """List runs, the latest first, with how many changes had which outcome."""
    as_department(asker_of(call))
    place = call.position(query, _RunPlace)
    found = await runs_page(
        deployment_of(call),
        Which(
            accounts=query.account,
            since=query.since,
            until=query.until,
            outcomes=[each.value for each in query.outcome],
        ),
        after=RunPlace(*place) if place else None,
        size=query.limit,
    )
    page: Page[RunForm] = call.page(
        tuple(run_form(each, shows_error=False) for each in found.rows), found.last
    )
    requests = await open_requests(deployment_of(call))
    return RunsPage(**page_with(runs_head_form(found.simulated, requests), page))


@operation(
    "GET",
    "/api/v1/runs/{run}",
    summary="One run, and what failed",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_run(call: Call, path: RunPath, query: PageQuery) -> RunPage:
    """Return a run, or all runs of a sync, and the changes that came to nothing."""
    as_department(asker_of(call))
    place = call.position(query, _ChangePlace)
    found = await run_page(
        deployment_of(call),
        path.run,
        after=ChangePlace(*place) if place else None,
        size=query.limit,
    )
    page = call.page(tuple(map(ledger_line_form, found.failed.rows)), found.failed.last)
    head = run_head_form(
        found.failed.simulated, found.runs, found.request, shows_error=False
    )
    return RunPage(**page_with(head), failed=page.items, next=page.next)


@operation(
    "GET",
    "/api/v1/ledger",
    summary="Every sent change, with its answer and its reason",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def list_ledger(call: Call, query: LedgerQuery) -> LedgerPage:
    """List sent changes, the latest first; those of a run in the order of sending.

    Nothing in it is of a person. With `product` also stock that counts as sold, and the
    imports that have changed the product.
    """
    as_department(asker_of(call))
    place = call.position(query, _ChangePlace)
    found = await ledger_page(
        deployment_of(call),
        Which(
            accounts=query.account,
            since=query.since,
            until=query.until,
            kinds=[each.value for each in query.kind],
            outcomes=outcomes_of(query.outcome),
            run=query.run or "",
        ),
        query.product,
        after=ChangePlace(*place) if place else None,
        size=query.limit,
    )
    page: Page[LedgerLineForm] = call.page(
        tuple(map(ledger_line_form, found.changes.rows)), found.changes.last
    )
    return LedgerPage(**page_with(ledger_head_form(found.part), page))


@operation(
    "POST",
    "/api/v1/runs/cancellation",
    summary="Ask the runs that go on to end",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
    takes_key=True,
)
async def cancel_runs(call: Call, body: CancelForm) -> CancelledForm:
    """Ask runs at a marketplace or an account to end, each at its next step.

    A run that was asked for and has not begun is cancelled as well. If nothing is
    named in the answer, nothing was going on there.
    """
    deployment, by = deployment_of(call), as_department(asker_of(call))
    found = await cancel(deployment, body.at or "", by=by)
    return CancelledForm(
        accounts=tuple(CancelledRun(key=e.key, holder=e.holder) for e in found.held),
        requests=tuple(
            CancelledRequest(run=each.id, had_begun=bool(each.token))
            for each in found.requested
        ),
        wider=tuple(each.id for each in found.wider),
    )


@operation(
    "POST",
    "/api/v1/runs",
    summary="Start a sync or a reconciliation",
    allowed=STAFF,
    tag=TAG,
    status=202,
    problems=(NOT_FOUND, NOT_POSSIBLE, SYNC_IN_PROGRESS),
    takes_key=True,
)
async def start_run(call: Call, body: StartForm) -> Answer[RunRequestForm]:
    """Have a worker carry a run out; `Location` is the run's address.

    While a run that was asked for at one of these marketplaces has not ended, no other
    one is taken (409); a worker's regular sync is waited for.
    """
    deployment, by = deployment_of(call), as_department(asker_of(call))
    wanted = WantedRun(
        kind=RunKind(body.kind.value),
        marketplaces=body.marketplaces,
        report_only=body.report_only,
        full=body.full,
    )
    request = await request_run(deployment, wanted, by=by)
    return Answer(
        value=request_form(SeenRequest(request, by=by)),
        headers={"Location": f"/api/v1/runs/{request.id}"},
    )


@operation(
    "POST",
    "/api/v1/runs/{run}/cancellation",
    summary="Ask a run to end",
    allowed=STAFF,
    tag=TAG,
    status=202,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def cancel_one_run(call: Call, path: RunPath) -> RunHeadForm:
    """Ask a run, or all runs of a sync, to end; each does so at its next step."""
    deployment, by = deployment_of(call), as_department(asker_of(call))
    await cancel_run(deployment, path.run, by=by)
    found = await run_page(deployment, path.run, after=None, size=1)
    return run_head_form(
        found.failed.simulated, found.runs, found.request, shows_error=False
    )


@operation(
    "GET",
    "/api/v1/runs/{run}/events",
    summary="Follow a run",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
    media_types=(MEDIA_TYPE,),
)
async def follow_run(call: Call, path: RunPath, headers: FollowHeaders) -> EventStream:
    """Tell what a run does until it has ended, as server-sent events.

    Events are named `state`, `begun`, `progress`, `ended` (at one account) and `end`;
    after `end` nothing follows, and a client closes. The data of each is JSON: `event`,
    `n`, `at`, `account`, `state`, `progress` (by kind of change and outcome, with
    calls, retries, quota and what has failed), `outcome`, `reason`. A key that is
    revoked, or a session that ends, ends the stream within seconds.
    """
    deployment = deployment_of(call)
    as_department(asker_of(call))
    await ensure_followed(deployment, path.run)
    after = int(headers.last_event_id or 0)
    told = follow(deployment, path.run, run_news_of(call), after=after)
    return EventStream(_events(told), place_of(call))


async def _events(
    told: AsyncGenerator[Followed | None, None],
) -> AsyncGenerator[ServerEvent | None, None]:
    async with aclosing(told):
        async for each in told:
            yield None if each is None else _event(each)


def _event(told: Followed) -> ServerEvent:
    data = run_event_form(told).model_dump_json()
    number = "" if told.n is None else str(told.n)
    return ServerEvent(name=told.kind.value, data=data, id=number)


OPERATIONS: Final = (
    follow_run,
    list_runs,
    start_run,
    cancel_runs,
    get_run,
    cancel_one_run,
    list_ledger,
)
