"""Wait out the lease of a run that died; never that of one that is alive.

A living run renews its lease several times before it ends. One that is not
renewed until its end belongs to nobody any more, and the next sync takes it.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs.accounts import RunningLease, farthest_end, running_leases

LOOK_AGAIN_S = 0.5
SAID_AFTER = timedelta(seconds=3)
"""After so long without a sign of life the wait is reported."""
_NAMED = 5

_log = logging.getLogger(__name__)


async def wait_for_leases(deployment: Deployment, names: Sequence[str] = ()) -> None:
    """Return once no lease of *names* is left that nobody renews.

    Leases that are renewed, or taken by another run meanwhile, are left to the
    sync, which names who holds them.

    Raises:
        StoppedError: Told to stop meanwhile.
    """
    sites = deployment.chosen(names)
    keys = [key for site in sites for key in site.accounts]
    silent, is_said = await _held(deployment, keys), False
    said_at = deployment.clock() + SAID_AFTER
    while silent:
        if not is_said and deployment.clock() >= said_at:
            is_said = True
            _say_waiting(silent)
        await deployment.pause(LOOK_AGAIN_S)
        now_held = await _held(deployment, keys)
        silent = {
            key: lease for key, lease in silent.items() if now_held.get(key) == lease
        }


def _say_waiting(silent: Mapping[str, RunningLease]) -> None:
    """Say for whose lease is waited, and until when at the latest."""
    until = max(lease.until for lease in silent.values())
    keys = sorted(silent)
    named = [*keys[:_NAMED], *([f"+{len(keys) - _NAMED}"] if keys[_NAMED:] else [])]
    _log.info(
        "waiting for a run that gives no sign of life",
        extra={"accounts": named, "until": until.isoformat()},
    )


async def _held(deployment: Deployment, keys: Sequence[str]) -> dict[str, RunningLease]:
    """Return the leases that have not ended yet, by account."""
    now = deployment.clock()
    farthest = farthest_end(now, deployment.limits.lease_lasts)
    found = await deployment.database.fetch(running_leases, now, farthest)
    return {key: found[key] for key in keys if key in found}
