"""The last word that a run has told of each of its accounts: how far it is there."""

from collections.abc import Sequence
from functools import partial

from ocop_sync.service.deployment import Deployment
from ocop_sync.service.requests.follow import Followed, FollowedKind
from ocop_sync.store.runs import run_events


async def last_told(deployment: Deployment, run_id: str) -> Sequence[Followed]:
    """Return the last event of each account of a run, by account.

    There are none of a run that found nothing to do, that waits, or that is older than
    events are kept.
    """
    run, _, account = run_id.partition(":")
    found = await deployment.database.fetch(partial(run_events.last_of_each, run=run))
    return [
        Followed(
            kind=FollowedKind(each.kind.value),
            n=each.n,
            at=each.at,
            account=each.account,
            data=each.data,
        )
        for each in found
        if not account or run_id == f"{run}:{each.account}"
    ]
