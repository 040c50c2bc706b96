"""What routes work with: it hangs on the application."""

from typing import Final

from aiohttp import web

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.typed.call import Call
from ocop_sync.service.deployment import Deployment

DEPLOYMENT: Final = web.AppKey("deployment", Deployment)


def deployment_of(call: Call) -> Deployment:
    """Return the deployment that a call is answered by."""
    return call.app[DEPLOYMENT]


def asker_of(call: Call) -> Asker:
    """Return who asks; only operations that ask for a role have anybody."""
    assert isinstance(call.asker, Asker)  # noqa: S101  (as the roles were checked)
    return call.asker
