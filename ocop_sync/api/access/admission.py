"""Calls of the API are admitted by a key, or by a session's token, as Bearer alone.

A cookie is not looked at: no page of another site can make a browser act here. Calls
are limited by key or session, and only those that show neither by address; those that
need neither, by address for each operation apart. Which role may do what is declared
with each operation.
"""

import re
from typing import Final

from aiohttp import hdrs, web

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.client_address import Proxies, site_of
from ocop_sync.api.access.rates import Rates
from ocop_sync.api.access.reason import reason_in
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import (
    FORBIDDEN,
    NOT_FOUND,
    TOO_MANY_CALLS,
    UNAUTHENTICATED,
)
from ocop_sync.service.identity.identity import Identity, knows_producer
from ocop_sync.service.identity.keys import believe_key
from ocop_sync.service.identity.sessions import believe_session, shown_device
from ocop_sync.service.identity.signed_in import SignedIn
from ocop_sync.service.identity.tokens import key_id_of

ACTS_FOR: Final = "Acts-For"
"""The header by which staff act for a producer: they reach its products alone then."""
_PRODUCER_ID: Final = re.compile(r"[!-~]{1,32}")
_SCHEME: Final = "bearer"
_CHALLENGE: Final = 'Bearer realm="ocop-sync"'


class Admission:
    """Knows who asks, and who may.

    Args:
        identity: Where keys and sessions are.
        proxies: The proxies that stand before the service.
        by_credential: The rates of keys and sessions.
        by_address: The rates of addresses from which nobody is believed.
        of_open: The rates of addresses at each operation that is open.
    """

    def __init__(
        self,
        identity: Identity,
        proxies: Proxies,
        *,
        by_credential: Rates,
        by_address: Rates,
        of_open: Rates,
    ) -> None:
        self._identity = identity
        self._proxies = proxies
        self._by_credential = by_credential
        self._by_address = by_address
        self._of_open = of_open

    async def admit(self, request: web.Request, allowed: frozenset[str]) -> Asker:
        """Return who asks; *allowed* are the roles that may.

        Raises:
            ProblemError: Nobody is believed, their role is none of these, they have
                called too often, they act for a producer that there is not, or what
                they give as a reason is none.
        """
        address = self._proxies.address_of(request)
        token = _bearer_in(request)
        found = await self._believe(token) if token else None
        if found is None:
            ensure_rate(self._by_address, site_of(address))
            raise ProblemError(
                UNAUTHENTICATED, headers={"WWW-Authenticate": _challenge(token)}
            )
        ensure_rate(self._by_credential, caller_of(found))
        if found.role not in allowed:
            raise ProblemError(FORBIDDEN)
        acts_for = _acts_for_in(request, found)
        # Danger: the audit keeps that id for good, so it must be nobody's name.
        if acts_for and not await knows_producer(self._identity, acts_for):
            raise ProblemError(NOT_FOUND)
        origin, reason = origin_of(request, address), reason_in(request)
        return asker_of_signed_in(found, origin, acts_for, reason)

    async def still_admits(
        self, request: web.Request, allowed: frozenset[str], asker: object
    ) -> bool:
        """Say whether who was admitted would be so now; it counts as no use.

        Danger: an open stream must not keep a session alive that nobody uses.
        """
        assert isinstance(asker, Asker)  # noqa: S101  (as `admit` returned it)
        found = await self._believe(_bearer_in(request), is_use=False)
        if found is None or found.role not in allowed:
            return False
        return (found.role, found.producers) == (asker.role, asker.producers)

    def let_in(self, request: web.Request, operation_id: str) -> None:
        """Count a call of an open operation.

        Raises:
            ProblemError: There were too many from its address.
        """
        site = site_of(self._proxies.address_of(request))
        ensure_rate(self._of_open, f"{operation_id} {site}")

    def scope_of(self, asker: object) -> str:
        """Return whose Idempotency-Keys are those of *asker*: a person, or a key.

        Acting for a producer, they have others: it is another call with another reach.
        """
        assert isinstance(asker, Asker)  # noqa: S101  (as `admit` returned it)
        actor = asker.actor
        acts_for = f" for {actor.acts_for}" if actor.acts_for else ""
        return f"{actor.kind}:{actor.ref}{acts_for}"

    async def _believe(self, token: str, *, is_use: bool = True) -> SignedIn | None:
        if key_id_of(token) is not None:
            return await believe_key(self._identity, token, is_use=is_use)
        return await believe_session(self._identity, token, is_use=is_use)


def asker_of_signed_in(
    found: SignedIn, origin: str, acts_for: str = "", reason: str = ""
) -> Asker:
    """Return who asks, from where, why, and for which producer staff act."""
    return Asker(
        actor=found.actor(origin=origin, acts_for=acts_for, reason=reason),
        role=found.role,
        producers=found.producers,
        session_id=found.session_id,
    )


def origin_of(request: web.Request, address: str) -> str:
    """Return where a call comes from, for the audit: address and device."""
    device = shown_device(request.headers.get(hdrs.USER_AGENT, ""))
    return f"{address} {device}".strip()


def ensure_rate(rates: Rates, caller: str) -> None:
    """Count a call of *caller*.

    Raises:
        ProblemError: There were too many; it says when the next one is taken.
    """
    if wait_s := rates.take(caller):
        raise ProblemError(TOO_MANY_CALLS, headers={"Retry-After": str(wait_s)})


def _acts_for_in(request: web.Request, found: SignedIn) -> str:
    """Return the id of the producer for whom a member of staff acts; "" for nobody.

    Raises:
        ProblemError: The id is none that a producer could have; or who asks is no
            member of staff, and acts for whom it serves alone.
    """
    shown = request.headers.getall(ACTS_FOR, ())
    if not shown:
        return ""
    if not found.role.is_staff:
        raise ProblemError(FORBIDDEN)
    if len(shown) != 1 or not _PRODUCER_ID.fullmatch(shown[0]):
        raise ProblemError(NOT_FOUND)
    return shown[0]


def caller_of(found: SignedIn) -> str:
    """Return the caller whose calls are counted: a key, or one session."""
    session = "" if found.session_id is None else f":{found.session_id}"
    return f"{found.kind}:{found.id}{session}"


def _bearer_in(request: web.Request) -> str:
    """Return the token that a call shows; "" if none, or if it shows several."""
    shown = request.headers.getall(hdrs.AUTHORIZATION, ())
    if len(shown) != 1:
        return ""
    scheme, _, token = shown[0].partition(" ")
    return token.strip() if scheme.lower() == _SCHEME else ""


def _challenge(token: str) -> str:
    """Return what is asked for; a token that was shown is said to be of no use."""
    return f'{_CHALLENGE}, error="invalid_token"' if token else _CHALLENGE
