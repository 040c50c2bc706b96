"""Kept plans and their changes, as they are shown."""

from enum import StrEnum
from typing import Any

from ocop_sync.api.typed.values import Count, Instant, Model, Page
from ocop_sync.service.plan.kept_plans import PlanPage, SeenPlan
from ocop_sync.store.decisions.plans import PlanChange, PlannedOutcome, PlanState


class PlanStanding(StrEnum):
    """How a plan stands."""

    WAITING = PlanState.WAITING.value
    """A person has to decide."""
    APPROVED = PlanState.APPROVED.value
    """It may be carried out."""
    REFUSED = PlanState.REFUSED.value
    """Nobody carries it out."""
    RUNNING = "running"
    """A run that carries it out goes on, or waits for a worker."""
    CARRIED_OUT = PlanState.CARRIED_OUT.value
    """What still fitted was sent."""
    EMPTY = "empty"
    """It has no changes: there is nothing to decide on."""
    EXPIRED = "expired"
    """It is too old: a new one is to be made."""


class PlanWhyForm(Model):
    """Why a change is made, or held."""

    code: str
    """Of the rule, or the name of a hold or of another cause."""
    vi: str
    """In Vietnamese."""
    en: str
    """In English."""


class PlanCostForm(Model):
    """The cost of a plan at one account."""

    account: str
    """Its key."""
    calls: Count
    """Calls that write."""
    reads: Count
    """Calls that read, about."""
    minutes: float | None
    """How long they take; null where its quota is unknown."""


class PlanHeldForm(Model):
    """A group above the budget: no part of the plan."""

    cause: str
    """The rule, import or date that it comes from."""
    hold: str
    """Which gate holds it."""
    why: PlanWhyForm
    """Why."""
    products: Count
    """Of how many products."""
    checksum: str
    """The checksum of its members."""


class PlanMarketplaceForm(Model):
    """What is planned at one marketplace."""

    marketplace: str
    """Its name."""
    simulated: bool
    """It is a mock."""
    calls: Count
    """Calls that write."""
    reads: Count
    """Calls that read, about."""
    minutes: float | None
    """How long they take, accounts side by side; null where a quota is unknown."""
    accounts: tuple[PlanCostForm, ...]
    """The same of each account."""
    kinds: dict[str, int]
    """How many changes there are of each kind."""
    holds: dict[str, int]
    """How many products are held, by why."""
    unread: tuple[str, ...]
    """Accounts that are read whole first: what is there may change the plan. Where
    people carry the marketplace's lists to us: those that wait for a newer one."""
    held: tuple[PlanHeldForm, ...]
    """Groups above the budget, which are no part of the plan."""


class PlanForm(Model):
    """A kept plan, without its changes."""

    id: Count
    """Its number."""
    state: PlanStanding
    """How it stands."""
    made_at: Instant
    """The moment whose state it shows."""
    made_by: str
    """Who had it made."""
    expires_at: Instant
    """From then on it is carried out no more."""
    simulated: bool
    """A marketplace is a mock."""
    changes: Count
    """How many changes it has."""
    takes: Count
    """How many of them take something from buyers."""
    checksum: str
    """The checksum of its changes."""
    marketplaces: tuple[PlanMarketplaceForm, ...]
    """What is planned where."""
    accounts: tuple[str, ...]
    """The accounts that it is of; all of its marketplaces if there are none."""
    products: tuple[str, ...]
    """The products that it is of; all if there are none."""
    facets: tuple[str, ...]
    """The facets that it is of, of listings that are there; all, and creates and
    withdrawals as well, if there are none."""
    unusable: tuple[str, ...]
    """Accounts that could not be planned for."""
    decided_by: str
    """Who has decided; empty if nobody has."""
    decided_at: Instant | None
    """When."""
    reason: str
    """Why, in that person's words."""
    run: str | None
    """The last run that was to carry it out; null if there was none."""
    reopened_at: Instant | None
    """When the database was put back from a backup: it waits for approval anew,
    as that of before holds no more. Null if that was not so, or somebody has
    decided since."""


class PlanChangeForm(Model):
    """One change of a plan."""

    n: Count
    """Its place: at each account they go in this order."""
    marketplace: str
    """Where."""
    account: str
    """At which account."""
    subject: str
    """The product; of a seller its producer."""
    name: str
    """The product's name; empty of a seller."""
    listing: str
    """The marketplace's id of the listing; empty if there is none yet."""
    kind: str
    """The kind of change."""
    urgency: str
    """How urgent it is."""
    takes: bool
    """It takes something from buyers."""
    is_double: bool
    """It is of a second listing at another account: shown, and left to a sync."""
    counted_as: str
    """How the product is counted; empty if it is not."""
    cause: str
    """The rule, import or date that it comes from."""
    why: PlanWhyForm
    """Why it is made."""
    before: Any
    """What it replaces; null of a seller."""
    after: Any
    """What it writes; null of a seller."""
    outcome: PlannedOutcome | None
    """What came of it; null until the plan was carried out."""


class PlansPage(Page[PlanForm]):
    """A page of plans, the latest first."""


class PlanChangesPage(PlanForm, Page[PlanChangeForm]):
    """A plan, with a page of its changes."""


def plan_form(seen: SeenPlan) -> PlanForm:
    """Return a plan as it is shown."""
    row = seen.row
    return PlanForm(
        id=row.id,
        state=_standing(seen),
        made_at=row.made_at,
        made_by=row.made_by,
        expires_at=row.expires_at,
        simulated=row.simulated,
        changes=row.changes,
        takes=row.takes,
        checksum=row.checksum,
        marketplaces=tuple(map(_marketplace_form, row.marketplaces)),
        accounts=tuple(row.scope.get("accounts", ())),
        products=tuple(row.scope.get("products", ())),
        facets=tuple(row.scope.get("facets", ())),
        unusable=tuple(row.unusable),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        run=row.run or None,
        reopened_at=row.reopened_at,
    )


def _marketplace_form(told: dict[str, Any]) -> PlanMarketplaceForm:
    # Stored as JSON, which has lists alone.
    return PlanMarketplaceForm.model_validate(told, strict=False)


def _standing(seen: SeenPlan) -> PlanStanding:
    if seen.is_running:
        return PlanStanding.RUNNING
    if seen.is_expired:
        return PlanStanding.EXPIRED
    if seen.has_nothing:
        return PlanStanding.EMPTY
    return PlanStanding(seen.row.state.value)


def plan_change_form(change: PlanChange) -> PlanChangeForm:
    """Return a change of a plan as it is shown."""
    return PlanChangeForm(
        n=change.n,
        marketplace=change.marketplace,
        account=change.account,
        subject=change.subject,
        name=change.name,
        listing=change.listing,
        kind=change.kind,
        urgency=change.urgency,
        takes=change.takes,
        is_double=change.is_double,
        counted_as=change.counted_as,
        cause=change.cause,
        why=PlanWhyForm.model_validate(change.why),
        before=change.before,
        after=change.after,
        outcome=change.outcome,
    )


def plan_forms(page: PlanPage) -> tuple[PlanForm, ...]:
    """Return plans as they are shown."""
    return tuple(map(plan_form, page.plans))
