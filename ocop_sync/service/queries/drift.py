"""The drift that is open, for whoever looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocop_sync.service.decisions import drift_decisions
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions.drift import DriftEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDrift:
    """The drift that is open, by number."""

    simulated: bool
    drift: Sequence[DriftEntry]


async def open_drift(deployment: Deployment, names: Sequence[str] = ()) -> OpenDrift:
    """Return the open drift at marketplaces *names*, or at all.

    Raises:
        ConfigurationError: As of `drift_decisions.list_drift`.
    """
    found = await drift_decisions.list_drift(deployment, names)
    return OpenDrift(simulated=deployment.simulated, drift=found)
