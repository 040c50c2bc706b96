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
    return await deployment.database.fetch(decided, deployment)


async def decided(conn: AsyncConnection, deployment: Deployment) -> Deployment:
    """Return the same over a connection that is open.

    Raises:
        ConfigurationError: As for `as_decided`.
    """
    return await apply_policies(conn, await apply_mappings(conn, deployment))
