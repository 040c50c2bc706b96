"""Ask accounts for their events, whether or not this run works on them."""

from collections.abc import Mapping

from ocop_sync.apply.attempt import attempt
from ocop_sync.marketplace.port import Events, Marketplace
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run import AccountRun


class EventsAsked:
    """Asks accounts for their events.

    An account of this run is asked as all else is called there. Another one, or
    one at which the run was cancelled, is opened for that alone: to read events
    needs no lease, and what is raised elsewhere has to know of its sales.

    Args:
        deployment: What it works with.
        runs: The accounts that this run works on, by key; filled later.
    """

    def __init__(self, deployment: Deployment, runs: Mapping[str, AccountRun]) -> None:
        self._deployment = deployment
        self._runs = runs
        self._opened: dict[str, Marketplace] = {}

    async def __call__(self, key: str, cursor: str | None) -> Events:
        """Return the events of account *key* after *cursor*."""
        run, deployment = self._runs.get(key), self._deployment
        if run is not None and not run.told:
            return await run.ask(lambda: run.marketplace.events(cursor))
        if key not in self._opened:
            self._opened[key] = deployment.open(deployment.account(key))

        async def once() -> Events:
            deployment.stop.ensure_going()
            return await deployment.stop.finish(self._opened[key].events(cursor))

        return await attempt(
            once,
            policy=deployment.retry,
            sleep=deployment.pause,
            random=deployment.random,
            time=deployment.time,
        )
