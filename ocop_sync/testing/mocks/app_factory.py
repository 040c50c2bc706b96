"""Put a mock together: its API inside, the shared machinery around it.

From the outside in, a call of the API passes the wording of its status (`reasons`), the
log, the faults and then the mock's own middlewares (quota, sign-in); the pages under
`/_mock/` pass the first alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from ocop_sync.testing.mocks.call_log import CALL_LOG, CallLog
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.control import PREFIX, control_pages
from ocop_sync.testing.mocks.fault_actions import FaultAction
from ocop_sync.testing.mocks.faults import FAULTS, Faults
from ocop_sync.testing.mocks.hit_call import Later, MockParts
from ocop_sync.testing.mocks.lag import Lag
from ocop_sync.testing.mocks.pushes import Pushes
from ocop_sync.testing.mocks.reasons import say_our_own
from ocop_sync.testing.mocks.staff import Staff
from ocop_sync.testing.mocks.staff_actions import Act, acts_of
from ocop_sync.testing.mocks.state_file import StateFile

MAX_BODY = 4_000_000
"""Bytes that a mock reads of one call."""


def assemble(
    *,
    routes: Iterable[web.RouteDef],
    staff: Staff,
    clock: MockClock,
    file: StateFile,
    writes: Iterable[str],
    rows: Mapping[str, Any],
    lag: Lag,
    actions: Mapping[str, FaultAction],
    pushes: Pushes,
    middlewares: Sequence[Middleware] = (),
    own_acts: Mapping[str, Act] = MappingProxyType({}),
) -> web.Application:
    """Return the application of a mock.

    Args:
        routes: The API; the name of a route is the name of its operation. A handler
            that has changed something says so by `call_log.note_applied`: tests
            compare that with what the adapter believes.
        staff: Carries out the acts under `/_mock/`.
        clock: The mock's clock.
        file: Its state; compacted and closed when the application ends.
        writes: Names of the operations that write.
        rows: Its listings as they are kept, by their identifiers in the log.
        lag: The rows that its readers see late: those of `Lag.seen`.
        actions: The mock's own faults, by name; each mock has "rate_limited",
            "unauthorized", "maintenance", "refuse" and "ignored".
        pushes: Sends its events to who has asked for them.
        middlewares: The mock's own, the outermost first.
        own_acts: Acts under `/_mock/` that only this mock has, by name.
    """
    log = CallLog(clock, writes)
    mock = MockParts(
        clock=clock,
        acts=acts_of(staff),
        rows=rows,
        lag=lag,
        later=Later(clock, log),
    )
    faults = Faults(mock, actions)
    chain = [log.middleware(), faults.middleware(), *middlewares]
    app = web.Application(
        middlewares=[say_our_own, *map(_api_only, chain)], client_max_size=MAX_BODY
    )
    app[CALL_LOG], app[FAULTS] = log, faults
    app.add_routes(routes)
    pages = control_pages(staff, mock, log, faults, pushes, own=own_acts)
    app.add_subapp(PREFIX, pages)
    app.cleanup_ctx.append(pushes.run)

    async def close(_: web.Application) -> None:
        file.close()

    async def date(_: web.Request, response: web.StreamResponse) -> None:
        response.headers[hdrs.DATE] = format_datetime(clock(), usegmt=True)

    app.on_cleanup.append(close)
    app.on_response_prepare.append(date)
    return app


def _api_only(middleware: Middleware) -> Middleware:
    control = f"{PREFIX}/"

    @web.middleware
    async def skip_control(
        request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if request.path.startswith(control):
            return await handler(request)
        return await middleware(request, handler)

    return skip_control
