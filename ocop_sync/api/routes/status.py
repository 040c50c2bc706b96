"""How everything stands: what is on sale, what is wrong, whether workers live."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.status import (
    HealthForm,
    StatusForm,
    WorkersForm,
    health_form,
    status_form,
    workers_form,
)
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.service.queries.monitor import watch
from ocop_sync.service.queries.readiness import workers
from ocop_sync.service.queries.status import status

TAG: Final = "status"

_MOST: Final = 200
"""Entries of each list; all of them are counted."""

Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 365), WHOLE]
"""Some time, in minutes."""


class MonitorQuery(Model):
    """What counts as an alarm."""

    longer_than: Minutes = 30
    """What fails for fewer minutes is none."""
    old_after: Minutes = 120
    """After so many minutes without a good run figures may be old."""


@operation(
    "GET",
    "/api/v1/status",
    summary="What is on sale, and how each account stands",
    allowed=STAFF,
    tag=TAG,
)
async def get_status(call: Call) -> StatusForm:
    """Tell the figures of each marketplace, what is wrongly on sale, and the accounts.

    It is as the last runs have left it: no marketplace is called. Lists end after 200
    entries, `counts` counts all; `/accounts` and `/worklist` go on.
    """
    ensure_whole(asker_of(call))
    found = await status(deployment_of(call))
    return status_form(found, shows_words=False, most=_MOST)


@operation(
    "GET",
    "/api/v1/monitor",
    summary="What somebody has to be woken for",
    allowed=STAFF,
    tag=TAG,
)
async def get_alarms(call: Call, query: MonitorQuery) -> HealthForm:
    """Tell all alarms, the worst first: what `ocop-sync status --monitor` tells.

    It is 200 whatever is wrong: `code` tells how bad it is, 0 if nothing is.
    """
    ensure_whole(asker_of(call))
    found = await watch(
        deployment_of(call),
        longer_than=timedelta(minutes=query.longer_than),
        old_after=timedelta(minutes=query.old_after),
    )
    return health_form(found, shows_words=False)


@operation(
    "GET",
    "/api/v1/workers",
    summary="Whether workers live",
    allowed=STAFF,
    tag=TAG,
)
async def list_workers(call: Call) -> WorkersForm:
    """List the workers of the last seven days, each with its last sign of life.

    One that was told to stop, and one in a container that is gone, stays in the list
    that long.
    """
    ensure_whole(asker_of(call))
    return workers_form(await workers(deployment_of(call)))


OPERATIONS: Final = (get_status, get_alarms, list_workers)
