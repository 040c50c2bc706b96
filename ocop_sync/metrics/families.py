"""Measurements as families of metrics.

Which metrics there are, is said in `names`; here each gets its values.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ocop_sync.metrics.names import COUNTERS, GAUGES, PREFIX
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.account_status import AccountStatus
from ocop_sync.service.queries.measurements import (
    MarketplaceMeasurements,
    Measurements,
)
from ocop_sync.service.schedules.measure import ScheduleMeasurements
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.ledger import Answer
from ocop_sync.store.runs.work_counts import Counted
from ocop_sync.store.schedules.runs import RunOutcome

_Family = CounterMetricFamily | GaugeMetricFamily


class Families:
    """Families of metrics that are filled one after the other.

    Those without a value are left out: the monitoring system would take 0 for one.
    """

    def __init__(self) -> None:
        self._found: dict[str, _Family] = {}

    def set(self, name: str, value: float, **labels: object) -> None:
        """Give the metric *name* a value for these labels."""
        if name not in self._found:
            self._found[name] = _family(name)
        (_, keys) = _of(name)
        self._found[name].add_metric([str(labels[key]) for key in keys], value)

    def __iter__(self) -> Iterator[Metric]:
        return iter(self._found.values())


def _of(name: str) -> tuple[str, tuple[str, ...]]:
    return COUNTERS[name] if name in COUNTERS else GAUGES[name]


def _family(name: str) -> _Family:
    text, keys = _of(name)
    kind = CounterMetricFamily if name in COUNTERS else GaugeMetricFamily
    return kind(PREFIX + name, text, labels=keys)


def of_database(
    found: Measurements,
    schedules: Iterable[ScheduleMeasurements],
    ended_claims: Mapping[str, int],
    simulated: Mapping[str, str],
) -> Families:
    """Return the families of all that the database knows.

    *simulated* says "true" or "false" of each marketplace.
    """
    families = Families()
    families.set("database_up", 1)
    _set_counts(families, found, simulated)
    if found.beat_at is not None:
        beat = _stamp(found.beat_at)
        families.set("worker_heartbeat_timestamp_seconds", beat)
    for account in found.accounts:
        _set_account(families, account, _said(simulated, account.marketplace))
    for each in found.marketplaces:
        _set_marketplace(families, each, simulated[each.name])
    for schedule in schedules:
        _set_schedule(families, schedule)
    for name, n in ended_claims.items():
        families.set(
            "claims_ended_shown", n, marketplace=name, simulated=simulated[name]
        )
    return families


def without_database() -> Families:
    """Return the families while the database does not answer."""
    families = Families()
    families.set("database_up", 0)
    return families


def of_process(deployment: Deployment, simulated: Mapping[str, str]) -> Families:
    """Return the families of the calls that this process has made."""
    families = Families()
    for site in deployment.sites:
        for account in site.accounts.values():
            quota = deployment.open(account).context.quota
            labels = {
                "account": account.key,
                "marketplace": site.name,
                "simulated": simulated[site.name],
            }
            families.set("call_retries", deployment.retries[account.key], **labels)
            families.set("quota_calls", quota.taken, **labels)
            if quota.calls_per_s is not None:
                families.set("quota_calls_per_second", quota.calls_per_s, **labels)
            if quota.used_share is not None:
                families.set("quota_used_ratio", quota.used_share, **labels)
    return families


async def calls_made(deployment: Deployment) -> Families:
    """Return the families of the calls of the process that has this deployment."""
    return of_process(deployment, simulated_by(deployment))


def simulated_by(deployment: Deployment) -> Mapping[str, str]:
    """Return of each marketplace whether it is a mock, as a label says so."""
    return {
        site.name: _word(is_so=site.adapter.capabilities.simulated)
        for site in deployment.sites
    }


def _word(*, is_so: bool) -> str:
    return "true" if is_so else "false"


def _said(simulated: Mapping[str, str], marketplace: str) -> str:
    """Return whether *marketplace* is a mock: nobody knows of one that is not set."""
    return simulated.get(marketplace, "unknown")


def _set_counts(
    families: Families, found: Measurements, simulated: Mapping[str, str]
) -> None:
    """Tell the counts, and 0 of what was never counted.

    Danger: a rate takes no notice of a counter that begins with more than 0.
    """
    known = {
        (each.counted, each.account, each.outcome): each.n for each in found.counts
    }
    places = {each.account: each.marketplace for each in found.counts}
    places |= {each.key: each.marketplace for each in found.accounts}
    for account, marketplace in places.items():
        said = _said(simulated, marketplace)
        here = {"account": account, "marketplace": marketplace, "simulated": said}
        for counted, (name, outcomes) in _COUNTED.items():
            for outcome in outcomes:
                more = {"outcome": outcome} if outcome else {}
                n = known.get((counted, account, outcome), 0)
                families.set(name, n, **here, **more)


_COUNTED: Final[Mapping[Counted, tuple[str, Sequence[str]]]] = {
    Counted.RUN: ("runs", tuple(e.value for e in Ending if e is not Ending.RUNNING)),
    Counted.SENT: ("changes_sent", ("",)),
    Counted.OUTCOME: ("change_outcomes", tuple(Answer)),
}
"""The metric of each count, with the outcomes that there are."""


def _set_account(families: Families, found: AccountStatus, simulated: str) -> None:
    values = {
        "account_usable": float(not found.unusable),
        "account_paused": float(found.pause is not None),
        "account_good_run_timestamp_seconds": _stamp(found.worked_at),
        "account_whole_read_timestamp_seconds": _stamp(found.read_whole_at),
        "held_products": found.held,
    }
    if found.failing_since is not None:
        since = _stamp(found.failing_since)
        values["account_failing_since_timestamp_seconds"] = since
    _set_all(
        families,
        values.items(),
        account=found.key,
        marketplace=found.marketplace,
        simulated=simulated,
    )


def _set_marketplace(
    families: Families, found: MarketplaceMeasurements, simulated: str
) -> None:
    here = {"marketplace": found.name, "simulated": simulated}
    values = {
        "held_groups": found.held_groups,
        "changes_open": found.open_changes,
        "freshness_changes": found.confirmed.count,
    }
    _set_all(families, values.items(), **here)
    if found.oldest_group_at is not None:
        oldest = _stamp(found.oldest_group_at)
        families.set("held_group_oldest_timestamp_seconds", oldest, **here)
    for kind, n in found.drift.items():
        families.set("drift_open", n, kind=kind, **here)
    for days, n in found.ends.items():
        families.set("claims_ending", n, within_days=days, **here)
    for counted, n in found.products.items():
        families.set("products", n, counted=counted, **here)
    took = found.confirmed
    for quantile, s in (
        ("0.5", took.p50_s),
        ("0.95", took.p95_s),
        ("0.99", took.p99_s),
    ):
        if s is not None:
            families.set("freshness_seconds", s, quantile=quantile, **here)


def _set_schedule(families: Families, found: ScheduleMeasurements) -> None:
    here = {"schedule": found.name, "work": found.kind}
    values = {
        "schedule_paused": float(found.is_paused),
        "schedule_failing_runs": found.failing,
        "schedule_skipped": found.skipped,
    }
    if found.due_at is not None:
        values["schedule_due_timestamp_seconds"] = _stamp(found.due_at)
    if found.last_ended_at is not None:
        values["schedule_last_run_timestamp_seconds"] = _stamp(found.last_ended_at)
    _set_all(families, values.items(), **here)
    if found.last_outcome is not None:
        for outcome in _OUTCOMES:
            is_so = float(outcome is found.last_outcome)
            families.set("schedule_last_run", is_so, outcome=outcome.value, **here)


_OUTCOMES: Final = (RunOutcome.DONE, RunOutcome.FAILED, RunOutcome.DIED)
"""How a run of a schedule ends; one that was skipped has not begun."""


def _set_all(
    families: Families, values: Iterable[tuple[str, float]], **labels: object
) -> None:
    for name, value in values:
        families.set(name, value, **labels)


def _stamp(at: datetime | None) -> float:
    return 0 if at is None else at.timestamp()
