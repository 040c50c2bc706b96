"""Open the deployment that a command works with, in the time that it goes by."""

from contextlib import AbstractAsyncContextManager

from ocop_sync import bootstrap
from ocop_sync.cli.app.given_time import given_time
from ocop_sync.service.deployment import Deployment
from ocop_sync.settings import Settings


def open_deployment(
    settings: Settings, *, needs_accounts: bool = True
) -> AbstractAsyncContextManager[Deployment]:
    """Open a deployment for a command, by `ocop_sync.bootstrap.open_deployment`."""
    time = given_time() or bootstrap.COMPUTER_TIME
    return bootstrap.open_deployment(settings, time=time, needs_accounts=needs_accounts)
