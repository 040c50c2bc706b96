"""Who asks, and where that person is signed in."""

from typing import Final, Literal

from ocop_sync.api.access.roles import SIGNED_IN
from ocop_sync.api.context import asker_of, identity_of
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Instant, Model, Number, Page, PageQuery
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import (
    LivingSession,
    end_session,
    sessions_page,
)

TAG: Final = "me"


class MeForm(Model):
    """Who asks."""

    kind: Literal["person", "key"]
    """A person, or a program with a key."""
    id: str
    """The id of the person or the key."""
    name: str
    """The name of the person, or the purpose of the key; it may be empty."""
    role: Role
    """The role."""
    producers: tuple[str, ...]
    """The ids of the producers that are served; empty for other roles."""


class SessionForm(Model):
    """A session of the person who asks."""

    id: int
    """Its number."""
    is_this: bool
    """It is the one by which this call is made."""
    began_at: Instant
    """The sign-in."""
    used_at: Instant
    """The last use, to the minute."""
    ends_at: Instant
    """Its end, if it is not used any more."""
    device: str
    """The device, in its own words."""


class SessionList(Model):
    """The sessions of the person who asks; a key has none."""

    sessions: tuple[SessionForm, ...]
    """The oldest first."""
    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class SessionPath(Model):
    """A session in an address."""

    session_id: Number
    """Its number."""


@operation("GET", "/api/v1/me", summary="Who asks", allowed=SIGNED_IN, tag=TAG)
async def get_me(call: Call) -> MeForm:
    """Tell who asks, as the key or the session stands now."""
    asker = asker_of(call)
    return MeForm(
        kind="key" if asker.session_id is None else "person",
        id=asker.actor.ref,
        name=asker.actor.name,
        role=Role(asker.role),
        producers=tuple(sorted(asker.producers)),
    )


@operation(
    "GET",
    "/api/v1/sessions",
    summary="Where the person who asks is signed in",
    allowed=SIGNED_IN,
    tag=TAG,
)
async def list_sessions(call: Call, query: PageQuery) -> SessionList:
    """List the sessions that hold, of the person who asks and of nobody else."""
    asker, after = asker_of(call), call.position(query, int) or 0
    if asker.session_id is None:
        return SessionList(sessions=(), next=None)
    found = await sessions_page(
        identity_of(call), asker.actor.ref, after, size=query.limit
    )
    forms = [_form(each, asker.session_id) for each in found.sessions]
    page: Page[SessionForm] = call.page((), found.last)
    return SessionList(sessions=tuple(forms), next=page.next)


@operation(
    "DELETE",
    "/api/v1/sessions/{session_id}",
    summary="End a session",
    allowed=SIGNED_IN,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def delete_session(call: Call, path: SessionPath) -> None:
    """End a session of the person who asks, this one too, from the next call on."""
    asker = asker_of(call)
    ended = await end_session(
        identity_of(call), asker.actor.ref, path.session_id, by=asker.actor
    )
    if not ended:
        raise ProblemError(NOT_FOUND)


def _form(session: LivingSession, own_id: int) -> SessionForm:
    row = session.row
    return SessionForm(
        id=row.id,
        is_this=row.id == own_id,
        began_at=row.began_at,
        used_at=row.used_at,
        ends_at=session.ends_at,
        device=row.device,
    )


OPERATIONS: Final = (get_me, list_sessions, delete_session)
