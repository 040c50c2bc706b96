"""Whether the service can take calls: its database answers, and nobody stops it."""

from catalog.db import reader
from ocop_sync.errors import OcopSyncError
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.db.outage import DATABASE_ERRORS


async def is_ready(deployment: Deployment) -> bool:
    """Say whether a call would be answered now. No marketplace is asked."""
    if deployment.stop.reason:
        return False
    try:
        async with deployment.database.read() as conn:
            await reader.current_revision(conn)
    except (OcopSyncError, *DATABASE_ERRORS):
        return False
    return True
