"""Remember the calls to a mock, so that a test can ask for the writes.

The entries are bounded, the counts are not: "no write was sent" can be shown after any
number of calls. The name of an operation, and whether it writes, are decided by each
mock: it is the name of its route.
"""

from collections import Counter, deque
from collections.abc import Iterable
from itertools import islice
from typing import TypedDict

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ocop_sync.testing.mocks.clock import MockClock

APPLIED = web.RequestKey("applied", list[str])
"""Where a handler notes the identifiers that it has changed."""
FAULT = web.RequestKey("fault", str)
"""Where the fault that was played is noted."""
UNANSWERED = web.RequestKey("unanswered", bool)
"""Set where the answer of the call did not go out as it was."""


class Call(TypedDict):
    """One call, as `/_mock/log` shows it.

    Attributes:
        n: Running number, from 1.
        at: When it was answered, by the mock's clock, ISO 8601.
        method: The HTTP method.
        path: Path and query; never headers or bodies, which hold secrets.
        operation: Name of the route, or "" for none.
        status: HTTP status that was, or would have been, sent; 0 for a crash.
        applied: Identifiers of the rows that the call has changed.
        answered: Whether the answer went out as it was.
        fault: The fault that was played, or "".
    """

    n: int
    at: str
    method: str
    path: str
    operation: str
    status: int
    applied: list[str]
    answered: bool
    fault: str


class CallLog:
    """The calls of one mock since it was started; the last *keep* ones in detail.

    *writes* names the operations that write.
    """

    def __init__(
        self, clock: MockClock, writes: Iterable[str], *, keep: int = 20_000
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._writes = frozenset(writes)
        self._calls: deque[Call] = deque(maxlen=keep)

    @property
    def writes(self) -> int:
        """How many calls of writing operations came in, refused ones included."""
        return sum(self.counts[name] for name in self._writes)

    def after(self, number: int, limit: int) -> list[Call]:
        """Return up to *limit* kept calls with a greater running number."""
        oldest = self._calls[0]["n"] if self._calls else 1
        start = max(0, number + 1 - oldest)
        return list(islice(self._calls, start, start + limit))

    def add(self, request: web.Request, status: int) -> None:
        """Note that *request* was answered with *status*."""
        operation = request.match_info.route.name or ""
        self.counts[operation] += 1
        self._calls.append(
            Call(
                n=self.counts.total(),
                at=self._clock().isoformat(),
                method=request.method,
                path=request.path_qs[:500],
                operation=operation,
                status=status,
                applied=request.get(APPLIED, []),
                answered=status != 0 and not request.get(UNANSWERED, False),
                fault=request.get(FAULT, ""),
            )
        )

    def middleware(self) -> Middleware:
        """Return the middleware that notes each call."""

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            status = 0
            try:
                response = await handler(request)
                status = response.status
            except web.HTTPException as error:
                status = error.status
                raise
            finally:
                self.add(request, status)
            return response

        return note


CALL_LOG = web.AppKey("call_log", CallLog)
"""Where an application keeps it."""


def note_applied(request: web.Request, *identifiers: str) -> None:
    """Note in the log that *request* has changed *identifiers*."""
    request[APPLIED] = [*request.get(APPLIED, []), *identifiers]
