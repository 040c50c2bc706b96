"""Pushes of marketplaces: open to everybody, believed if they are signed."""

import asyncio
from typing import Annotated, Final

from aiohttp import hdrs, web
from pydantic import Field

from ocop_sync.api.access.roles import EVERYBODY
from ocop_sync.api.context import (
    DEPLOYMENT,
    PUSHES,
    deployment_of,
    pushes_of,
    uploads_of,
)
from ocop_sync.api.problems import PUSH_REFUSED
from ocop_sync.api.typed.body import JSON, UploadRule
from ocop_sync.api.typed.call import Call, Upload
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.values import Model
from ocop_sync.service.evaluate.take_push import (
    MOST_BYTES,
    Push,
    PushOutcome,
    is_for_us,
    take_push,
)

TAG: Final = "pushes"

_Name = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f/]+$")
]


class PushPath(Model):
    """Whose push it is."""

    marketplace: _Name
    """The marketplace."""
    account: _Name
    """Our account there, as settings name it."""


def _ensure_for_us(request: web.Request, path: PushPath) -> None:
    """Refuse what is for no account of ours before its body is read.

    Raises:
        ProblemError: It is for none.
    """
    deployment, counts = request.app[DEPLOYMENT], request.app[PUSHES]
    if not is_for_us(deployment, path.marketplace, path.account, counts):
        raise ProblemError(PUSH_REFUSED, headers={hdrs.CONNECTION: "close"})


@operation(
    "POST",
    "/push/{marketplace}/{account}",
    summary="A push of a marketplace",
    allowed=EVERYBODY,
    tag=TAG,
    upload=UploadRule(media_types=(JSON,), most_bytes=MOST_BYTES),
    look_at_path=_ensure_for_us,
    problems=(PUSH_REFUSED,),
)
async def take_in_push(call: Call, path: PushPath, upload: Upload) -> None:
    """Take a push that the marketplace has signed for this address.

    It leads to a read of the listings that it names, and to nothing else. A push that
    is not believed is refused (403) without saying why.
    """
    push = Push(
        marketplace=path.marketplace,
        account=path.account,
        url=uploads_of(call).public_url + call.request.raw_path,
        headers=dict(call.request.headers),
        body=await asyncio.to_thread(upload.path.read_bytes),
    )
    outcome = await take_push(deployment_of(call), push, pushes_of(call))
    if outcome is PushOutcome.REFUSED:
        raise ProblemError(PUSH_REFUSED)


OPERATIONS: Final = (take_in_push,)
