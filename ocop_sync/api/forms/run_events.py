"""What is told of a run to whoever follows it, as it is shown."""

from typing import Any

from ocop_sync.api.forms.runs import FacetCountForm, facet_forms
from ocop_sync.api.neutral_words import without_commands
from ocop_sync.api.typed.values import Count, Instant, Model
from ocop_sync.service.requests.follow import Followed, FollowedKind, RequestState


class FailedChangeForm(Model):
    """A change that came to nothing."""

    subject: str
    """The product; of a seller its producer."""
    kind: str
    """The kind of change."""
    outcome: str
    """In which way it has failed."""
    words: str
    """The marketplace's words."""


class RunProgressForm(Model):
    """How far the run is at one account."""

    sent: Count
    """Changes that were sent so far."""
    failed: Count
    """Those of them that came to nothing."""
    left: Count | None
    """Changes that are left, as far as is known; null at its end."""
    changes: dict[str, dict[str, int]]
    """By kind of change, how many had which outcome."""
    facets: tuple[FacetCountForm, ...]
    """The same by the part of listings that they write; those without are left out."""
    calls: Count
    """Calls that were made since it began, reads included."""
    retries: Count
    """Calls of them that were made again."""
    calls_per_s: float | None
    """The pace that the account's quota allows now; null if there is none."""
    quota_used: float | None
    """How full the marketplace's own count of our calls is, 0 to 1; null if unknown."""
    failures: tuple[FailedChangeForm, ...]
    """What has failed since the event before."""
    more_failures: Count
    """How many more; the ledger names all."""


class RunEventForm(Model):
    """What is told of a run."""

    event: FollowedKind
    """What it tells."""
    n: Count | None
    """Its number, which `Last-Event-ID` goes on behind; null if it has none."""
    at: Instant
    """When."""
    account: str | None
    """At which account; null if it is of the whole run."""
    state: RequestState | None
    """Of a `state`: how the run stands."""
    progress: RunProgressForm | None
    """Of a `progress` or an `ended`: how far it is there."""
    outcome: str | None
    """Of an `ended` or an `end`: how it has ended."""
    reason: str
    """Of an `end`: why it failed, or what waits; else empty."""


def run_event_form(told: Followed) -> RunEventForm:
    """Return what is told of a run as it is shown."""
    data = told.data
    return RunEventForm(
        event=told.kind,
        n=told.n,
        at=told.at,
        account=told.account or None,
        state=RequestState(data["state"]) if "state" in data else None,
        progress=_progress(data.get("progress")),
        outcome=data.get("outcome"),
        reason=without_commands(data.get("reason", "")),
    )


def _progress(told: dict[str, Any] | None) -> RunProgressForm | None:
    if told is None:
        return None
    whole = {**told, "facets": facet_forms(told["changes"])}
    # Stored as JSON, which has lists alone.
    return RunProgressForm.model_validate(whole, strict=False)
