"""Runs, and what they have sent, as it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import Field

from catalog.db.field_changes import Entity
from catalog.db.kept_changes import Touching
from ocop_sync.api.neutral_words import without_commands
from ocop_sync.api.typed.values import Count, Instant, Model, Page
from ocop_sync.service.queries.history import LedgerLine
from ocop_sync.service.queries.requests import SeenRequest
from ocop_sync.service.queries.sent import LedgerPart
from ocop_sync.service.run.facet_counts import RunFacet, counted_by_facet
from ocop_sync.store.runs.inferred_sales import InferredSale
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.run_history import SentRun
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind


class FacetCountForm(Model):
    """The changes of a run to one part of listings, or to sellers."""

    facet: RunFacet
    """The part; `listing` is whether it is there at all."""
    sent: Count
    """How many were sent, or refused with their whole call."""
    applied: Count
    """How many of them show, or are to show."""
    in_review: Count
    """How many wait for the marketplace's review."""
    failed: Count
    """How many were refused, have no answer, or could not be sent."""
    open: Count
    """How many have no outcome yet."""


class RunForm(Model):
    """One run at an account."""

    run: str
    """Its id; the part before ":" is the same for a whole sync."""
    account: str
    """At which account."""
    marketplace: str
    """Where."""
    holder: str
    """The process that ran it."""
    started_at: Instant
    """When it began to read or to send."""
    ended_at: Instant | None
    """When it ended; null while it runs, and if it died."""
    outcome: Ending
    """How it has ended."""
    error: str | None
    """The error, in words; null over the API, as they may name an address."""
    changes: dict[str, int]
    """How many changes had each outcome, or "open"."""
    facets: tuple[FacetCountForm, ...]
    """The same by the part of listings that they write; those without are left out."""


class LedgerLineForm(Model):
    """One sent change, with its answer and its reason."""

    run: str
    """The run that sent it."""
    n: int
    """Its number in the run."""
    marketplace: str
    """Where."""
    account: str
    """At which account."""
    subject: str
    """The product; of a seller its producer."""
    name: str
    """The product's name; empty of a seller, and where it is not known."""
    kind: str
    """The kind of change."""
    why: str
    """Its reason."""
    last_import: int | None
    """The last import that had changed the product before, where no rule is why."""
    group: int | None
    """The group whose approval let it pass."""
    before: Any
    """What it replaced; null of a seller."""
    after: Any
    """What it wrote; null of a seller."""
    takes: bool
    """It takes something from buyers."""
    sent_at: Instant
    """When it was sent."""
    answered_at: Instant | None
    """When its outcome was known; null if it is not."""
    outcome: str | None
    """Its outcome; null if nobody knows yet."""
    words: str
    """The marketplace's words, or the finding of a read."""
    holder: str
    """The process that sent it."""


class CountedAsSoldForm(Model):
    """A stock that showed lower, and counts as sold."""

    account: str
    """At which account."""
    product: str
    """The product's code."""
    sku: str
    """The pack."""
    quantity: Count
    """How many were gone."""
    seen_at: Instant
    """When a read showed it."""


class TouchingForm(Model):
    """An import that has changed something of a product."""

    import_: int = Field(alias="import")
    """Its number."""
    file: str
    """Its file."""
    imported_at: Instant
    """When it was made."""
    product: str
    """The product's code."""
    changed: tuple[Entity, ...]
    """What kinds of things it has changed."""


class SimulatedForm(Model):
    """The whole of a list."""

    simulated: bool
    """A marketplace is a mock."""


class RunRequestForm(Model):
    """A run that somebody has asked for."""

    run: str
    """Its id, as of the runs that carry it out."""
    kind: RunKind
    """The work."""
    marketplaces: tuple[str, ...]
    """Where; all of them if empty."""
    report_only: bool
    """A reconciliation that writes nothing."""
    full: bool
    """A sync that evaluates every product, whatever has changed."""
    plan: Count | None
    """The plan that it carries out; null if it carries out none."""
    asked_at: Instant
    """When it was asked for."""
    asked_by: str
    """Who has asked; empty if that is not known, or erased."""
    cancelled_at: Instant | None
    """When a person wanted it to end; null if nobody does."""
    began_at: Instant | None
    """When a worker began it; null while it waits for one."""
    tries: Count
    """How many processes have begun it; above 1, those before have died."""
    is_dead: bool
    """Its process shows no sign of life: it is taken over."""
    ended_at: Instant | None
    """When it ended; null while it is open."""
    outcome: RequestOutcome | None
    """How it ended; null while it is open."""
    reason: str
    """Why it failed, or what waits; empty if there is nothing to say."""


class RunsHeadForm(SimulatedForm):
    """The whole of a list of runs."""

    requests: tuple[RunRequestForm, ...]
    """The runs that were asked for and have not ended."""


class RunsPage(RunsHeadForm, Page[RunForm]):
    """A page of runs, the latest first."""


class RunHeadForm(SimulatedForm):
    """A run, or all runs of a sync; what failed stands beside."""

    request: RunRequestForm | None
    """What was asked for; null if nobody has asked for this run."""
    runs: tuple[RunForm, ...]
    """The runs; none while it waits, or if it finds nothing to do."""


class RunPage(RunHeadForm):
    """A run, or all runs of a sync, with a page of the changes that failed."""

    failed: tuple[LedgerLineForm, ...]
    """The changes that came to nothing, by number."""
    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class LedgerHeadForm(SimulatedForm):
    """Some of the ledger; its changes stand beside."""

    counted_as_sold: tuple[CountedAsSoldForm, ...] | None
    """Of named products: stock that counts as sold. Null if none is named."""
    imports: tuple[TouchingForm, ...] | None
    """Of named products: the imports that have changed them. Null if none is named."""


class LedgerPage(LedgerHeadForm, Page[LedgerLineForm]):
    """A page of the ledger."""


def run_form(found: SentRun, *, shows_error: bool) -> RunForm:
    """Return a run as it is shown; its error only to whoever runs the service."""
    return RunForm(
        run=found.id,
        account=found.account,
        marketplace=found.marketplace,
        holder=found.holder,
        started_at=found.started_at,
        ended_at=found.ended_at,
        outcome=found.ending,
        error=found.error if shows_error else None,
        changes=found.outcomes,
        facets=facet_forms(found.kinds),
    )


def ledger_line_form(found: LedgerLine) -> LedgerLineForm:
    """Return a sent change as it is shown."""
    change, last = found.change, found.last_import
    return LedgerLineForm(
        run=change.run_id,
        n=change.n,
        marketplace=change.marketplace,
        account=change.account,
        subject=change.subject,
        name=found.name,
        kind=change.kind,
        why=change.why,
        last_import=None if last is None else last.import_id,
        group=found.group,
        before=change.before,
        after=change.after,
        takes=change.removes,
        sent_at=change.sent_at,
        answered_at=change.answered_at,
        outcome=change.outcome,
        words=change.words,
        holder=change.holder,
    )


def facet_forms(
    changes: Mapping[str, Mapping[str, int]],
) -> tuple[FacetCountForm, ...]:
    """Return changes by kind and outcome as they are shown by facet."""
    found = counted_by_facet(changes)
    return tuple(FacetCountForm(**asdict(each)) for each in found)


def sold_form(found: InferredSale) -> CountedAsSoldForm:
    """Return a stock that counts as sold, as it is shown."""
    return CountedAsSoldForm(
        account=found.account,
        product=found.product_id,
        sku=found.sku,
        quantity=found.quantity,
        seen_at=found.seen_at,
    )


def touching_form(found: Touching) -> TouchingForm:
    """Return an import that has changed a product, as it is shown."""
    number: dict[str, Any] = {"import": found.import_id}
    return TouchingForm(
        file=found.file,
        imported_at=found.imported_at,
        product=found.subject,
        changed=found.entities,
        **number,
    )


def request_form(seen: SeenRequest) -> RunRequestForm:
    """Return a run that somebody has asked for, as it is shown."""
    request = seen.request
    return RunRequestForm(
        run=request.id,
        kind=request.kind,
        marketplaces=request.marketplaces,
        report_only=request.report_only,
        full=request.full,
        plan=request.plan_id,
        asked_at=request.asked_at,
        asked_by=seen.by.name if seen.by else "",
        cancelled_at=request.cancelled_at,
        began_at=request.began_at,
        tries=request.tries,
        is_dead=seen.is_dead,
        ended_at=request.ended_at,
        outcome=request.outcome,
        reason=without_commands(request.reason),
    )


def runs_head_form(simulated: bool, requests: Iterable[SeenRequest]) -> RunsHeadForm:
    """Return what stands above a list of runs."""
    return RunsHeadForm(
        simulated=simulated, requests=tuple(map(request_form, requests))
    )


def run_head_form(
    simulated: bool,
    runs: Iterable[SentRun],
    request: SeenRequest | None,
    *,
    shows_error: bool,
) -> RunHeadForm:
    """Return a run, or all runs of a sync, as they are shown."""
    return RunHeadForm(
        simulated=simulated,
        request=None if request is None else request_form(request),
        runs=tuple(run_form(each, shows_error=shows_error) for each in runs),
    )


def ledger_head_form(found: LedgerPart) -> LedgerHeadForm:
    """Return some of the ledger as it is shown, without its changes."""
    sold, imports = None, None
    if found.of_products:
        sold = tuple(map(sold_form, found.counted_as_sold))
        imports = tuple(map(touching_form, found.imports))
    return LedgerHeadForm(
        simulated=found.simulated, counted_as_sold=sold, imports=imports
    )
