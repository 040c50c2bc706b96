"""What routes work with: it hangs on the application."""

from typing import Final

from aiohttp import web

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.under_way import CallsUnderWay
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.take_push import PushCounts
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.pictures.upload import Uploads

DEPLOYMENT: Final = web.AppKey("deployment", Deployment)
CALLS: Final = web.AppKey("calls", CallsUnderWay)
IDENTITY: Final = web.AppKey("identity", Identity)
PUSHES: Final = web.AppKey("pushes", PushCounts)
UPLOADS: Final = web.AppKey("uploads", Uploads)


def deployment_of(call: Call) -> Deployment:
    """Return the deployment that a call is answered by."""
    return call.app[DEPLOYMENT]


def pushes_of(call: Call) -> PushCounts:
    """Return the count of the pushes that came in."""
    return call.app[PUSHES]


def uploads_of(call: Call) -> Uploads:
    """Return what pictures are uploaded with."""
    return call.app[UPLOADS]


def identity_in(deployment: Deployment) -> Identity:
    """Return what the use cases of identity work with, in *deployment*."""
    return Identity(database=deployment.database, clock=deployment.clock)


def identity_of(call: Call) -> Identity:
    """Return where people, keys, links and sessions are."""
    return call.app[IDENTITY]


def asker_of(call: Call) -> Asker:
    """Return who asks; only operations that ask for a role have anybody."""
    assert isinstance(call.asker, Asker)  # noqa: S101  (as the roles were checked)
    return call.asker
