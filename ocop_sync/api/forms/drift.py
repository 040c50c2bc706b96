"""Drift at marketplaces, as it is shown."""

from typing import Any

from ocop_sync.api.typed.values import Count, Instant, Model, Page
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.store.decisions.drift import DriftEntry


class DriftForm(Model):
    """A difference at a marketplace from how we left a listing."""

    id: int
    """Its number."""
    marketplace: str
    """Where."""
    account: str
    """At which account."""
    product_id: str
    """The product's code."""
    kind: DriftKind
    """The kind of drift."""
    field: str
    """The edited field; empty of the whole listing."""
    expected: Any
    """How we left it."""
    found: Any
    """What a read has shown."""
    first_seen_at: Instant
    """When a read first showed it."""
    last_seen_at: Instant
    """When a read last showed it."""
    times: Count
    """How many reads have shown it."""
    recurred: Count
    """How often it had been put right before, and come back."""
    healed_at: Instant | None
    """When it was right again; null if it is not."""
    healed_by: str
    """By whom, or empty."""
    said: str
    """A person's decision: `ours`, `theirs`, or empty."""
    said_by: str
    """Who decided so, or empty."""
    said_at: Instant | None
    """When."""
    asked: str
    """Why a person is asked about it, or empty."""
    prospect: str
    """What becomes of it, as things are now; empty where that was not worked out."""
    hold: str
    """Why its product is held, as things are now; or empty."""


class DriftHeadForm(Model):
    """The whole of a list of drift."""

    simulated: bool
    """A marketplace is a mock."""


class DriftPage(DriftHeadForm, Page[DriftForm]):
    """A page of open drift, by number."""


def drift_form(entry: DriftEntry) -> DriftForm:
    """Return drift as it is shown."""
    return DriftForm(
        id=entry.id,
        marketplace=entry.marketplace,
        account=entry.account,
        product_id=entry.product_id,
        kind=entry.kind,
        field=entry.field,
        expected=entry.expected,
        found=entry.found,
        first_seen_at=entry.first_seen_at,
        last_seen_at=entry.last_seen_at,
        times=entry.times,
        recurred=entry.recurred,
        healed_at=entry.healed_at,
        healed_by=entry.healed_by,
        said=entry.decision,
        said_by=entry.decided_by,
        said_at=entry.decided_at,
        asked=entry.asked,
        prospect=entry.outlook,
        hold=entry.hold,
    )
