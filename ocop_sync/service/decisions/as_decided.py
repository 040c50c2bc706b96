"""A deployment as people have decided: with their mappings and policies in force.

Whoever evaluates anything reads it first, and keeps to it to the end: a decision that
is made meanwhile holds from the next run on.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.decisions.mappings import apply_mappings
from ocop_sync.service.decisions.policies import apply_policies
from ocop_sync.service.deployment import Deployment


async def as_decided(deployment: Deployment) -> Deployment:
    """Return *deployment* with what people have put in force, as it stands now.

    Raises:
        ConfigurationError: A person's mapping or policy is none that this version
            reads.
    """
    return await deployment.database.fetch(_decided, deployment)


async def _decided(conn: AsyncConnection, deployment: Deployment) -> Deployment:
    return await apply_policies(conn, await apply_mappings(conn, deployment))
