"""The port at which metrics are asked for: `/metrics`, and nothing else.

It is apart from the API's: who reaches that one, does not reach this one. What the
database knows is kept for some seconds, however often it is asked for.
"""

import asyncio
import logging
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from aiohttp import hdrs, web
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from ocop_sync.api.typed.serving import serving
from ocop_sync.errors import ConfigurationError, OcopSyncError
from ocop_sync.metrics.families import (
    Families,
    calls_made,
    of_database,
    simulated_by,
    without_database,
)
from ocop_sync.metrics.of_process import ProcessMetrics
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.measurements import count_ended_claims, measure
from ocop_sync.service.schedules.measure import measure_schedules
from ocop_sync.store.db.outage import DATABASE_ERRORS

PATH: Final = "/metrics"

KEPT_S: Final = 10.0
"""So long what the database has told is told again."""

CLAIMS_KEPT_S: Final = 60.0
"""The same of listings with an ended claim, which are found by a look at each."""

_log = logging.getLogger(__name__)


Calls = Callable[[], Awaitable[Iterable[Metric]]]
"""Tells of the calls of marketplaces, made here or by another process."""


class _Both(Collector):
    """The metrics of one answer: of the process, and of the database."""

    def __init__(self, process: ProcessMetrics, *found: Iterable[Metric]) -> None:
        self._process, self._found = process, found

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its values."""
        yield from self._process.registry.collect()
        for families in self._found:
            yield from families


class DatabaseMetrics:
    """What the database knows, asked for once in some seconds at most."""

    def __init__(self, deployment: Deployment, simulated: Mapping[str, str]) -> None:
        self._deployment = deployment
        self._simulated = simulated
        self._one_at_a_time = asyncio.Lock()
        self._found: tuple[float, Families] | None = None
        self._claims: tuple[float, Mapping[str, int]] | None = None

    async def read(self) -> Families:
        """Return the metrics, those of some seconds ago if there are such."""
        async with self._one_at_a_time:
            now = self._deployment.time()
            if self._found is None or now - self._found[0] >= KEPT_S:
                self._found = now, await self._ask(now)
            return self._found[1]

    async def _ask(self, now: float) -> Families:
        try:
            found = await measure(self._deployment)
            schedules = await self._deployment.database.fetch(measure_schedules)
            if self._claims is None or now - self._claims[0] >= CLAIMS_KEPT_S:
                self._claims = now, await count_ended_claims(self._deployment)
        except (OcopSyncError, *DATABASE_ERRORS) as error:
            _log.warning(
                "metrics lack what the database knows",
                extra={"reason": type(error).__name__},
            )
            return without_database()
        return of_database(found, schedules, self._claims[1], self._simulated)


def metrics_app(
    deployment: Deployment, process: ProcessMetrics, calls: Calls | None = None
) -> web.Application:
    """Return the application that answers `/metrics`.

    Args:
        deployment: Whose database is asked.
        process: What this process counts.
        calls: Tells of calls of marketplaces; by default of those of this process.
    """
    simulated = simulated_by(deployment)
    database = DatabaseMetrics(deployment, simulated)

    async def answer(request: web.Request) -> web.Response:
        known = await database.read()
        encode, kind = choose_encoder(request.headers.get(hdrs.ACCEPT, ""))
        made = await (calls() if calls else calls_made(deployment))
        body = encode(_Both(process, known, made))
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: kind})

    app = web.Application()
    app.router.add_get(PATH, answer)
    return app


@asynccontextmanager
async def metrics_served(
    deployment: Deployment,
    process: ProcessMetrics,
    *,
    host: str,
    port: int | None,
    calls: Calls | None = None,
) -> AsyncIterator[str]:
    """Serve metrics during the work inside; yields the address, "" without a *port*.

    Raises:
        ConfigurationError: The address is taken, or none of this computer.
    """
    if port is None:
        yield ""
        return
    app = metrics_app(deployment, process, calls)
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(serving(app, host, port))
        except OSError as error:
            raise _taken(host, port, error) from error
        _log.info("metrics are told", extra={"url": f"{url}{PATH}"})
        await stack.enter_async_context(process.looking_at_lag())
        yield f"{url}{PATH}"


def _taken(host: str, port: int, error: OSError) -> ConfigurationError:
    where = f"{host}:{port}"
    return ConfigurationError(
        f"metrics.port: không mở được {where} ({error.strerror}): chọn cổng khác, hoặc"
        f" dừng chương trình đang dùng nó / cannot listen at {where}: choose another"
        " port, or stop what uses it"
    )
