"""Who asks, by the key in `Authorization: Bearer`."""

from typing import Final

from aiohttp import hdrs, web

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import FORBIDDEN, UNAUTHENTICATED
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.keys import believe_key

_SCHEME: Final = "Bearer "
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


def identity_of(deployment: Deployment) -> Identity:
    """Return the people and keys of *deployment*."""
    return Identity(database=deployment.database, clock=deployment.clock)


class BearerAccess:
    """Believes keys that the department has made.

    Args:
        identity: Knows the keys.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def admit(self, request: web.Request, allowed: frozenset[str]) -> Asker:
        """Return who asks; *allowed* are the roles that may.

        Raises:
            ProblemError: No key was sent, or none that holds; or its role is none of
                these.
        """
        sent = request.headers.get(hdrs.AUTHORIZATION, "")
        secret = sent.removeprefix(_SCHEME) if sent.startswith(_SCHEME) else ""
        found = await believe_key(self._identity, secret) if secret else None
        if found is None:
            raise ProblemError(UNAUTHENTICATED, headers=_CHALLENGE)
        if found.role.value not in allowed:
            raise ProblemError(FORBIDDEN)
        return Asker(
            actor=found.actor(), role=found.role.value, producers=found.producers
        )

    def scope_of(self, asker: object) -> str:
        """Return whose the Idempotency-Keys of *asker* are."""
        assert isinstance(asker, Asker)  # noqa: S101  (as `admit` has returned)
        return f"{asker.actor.kind.value}:{asker.actor.ref}"
