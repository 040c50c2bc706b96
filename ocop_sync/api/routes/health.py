"""Whether the service lives, and whether it takes calls: for whoever watches over it.

Both are open to everybody, and tell nothing else.
"""

from typing import Final, Literal

from ocop_sync.api.access.roles import EVERYBODY
from ocop_sync.api.context import deployment_of
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import UNAVAILABLE
from ocop_sync.api.typed.values import Model
from ocop_sync.service.queries.readiness import readiness
from ocop_sync.service.run.heartbeat import Trouble

TAG: Final = "health"


class Living(Model):
    """A sign of life."""

    status: Literal["ok"] = "ok"
    """It is up."""


class Ready(Living):
    """It takes calls."""

    worker: Literal["ok"] | Trouble
    """Whether a worker lives: else nothing is synced, and what is entered waits."""


@operation(
    "GET",
    "/health/live",
    summary="Is the process up?",
    allowed=EVERYBODY,
    tag=TAG,
    is_unlimited=True,
)
async def get_live() -> Living:
    """Answer as long as the process does; where it does not, start it anew."""
    return Living()


@operation(
    "GET",
    "/health/ready",
    summary="Does it take calls?",
    allowed=EVERYBODY,
    tag=TAG,
    is_unlimited=True,
)
async def get_ready(call: Call) -> Ready:
    """Answer 200 while the database does and nobody has told the service to stop.

    With 503, send callers elsewhere; it may pass by itself. Without a worker it is 200:
    calls are taken all the same.
    """
    found = await readiness(deployment_of(call))
    if not found.is_ready:
        raise ProblemError(UNAVAILABLE)
    return Ready(worker=found.worker or "ok")


OPERATIONS: Final = (get_live, get_ready)
