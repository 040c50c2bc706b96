"""Keys by which programs call: for admins alone.

A key is shown in the one answer that makes it, which is never kept.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.context import asker_of, department_identity_of
from ocop_sync.api.forms.identity import (
    KeyForm,
    KeysPage,
    MadeKeyForm,
    keys_form,
    made_key_form,
)
from ocop_sync.api.forms.pages import page_with
from ocop_sync.api.problems import NOT_POSSIBLE
from ocop_sync.api.routes.people import Named, Served
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Identifier, Instant, Model, Page, PageQuery
from ocop_sync.service.identity import keys as use_cases
from ocop_sync.service.identity.role import Role

TAG: Final = "keys"


class KeyPath(Model):
    """Which key."""

    key_id: Identifier
    """Its visible beginning."""


class NewKeyForm(Model):
    """A key to make."""

    name: Named
    """Its purpose: a program, no person's name."""
    role: Role
    """What it may do."""
    producers: Served = ()
    """The producers that a producer's key is bound to; none for other roles."""
    ends_at: Instant | None = None
    """When it ends by itself; null for never."""


class RotationForm(Model):
    """How a key is replaced."""

    hold_h: Annotated[float, Field(ge=0, le=744)] = 24
    """Hours that the old one still holds: a month at most."""


@operation("GET", "/api/v1/keys", summary="All keys", allowed=ADMINS, tag=TAG)
async def list_keys(call: Call, query: PageQuery) -> KeysPage:
    """List all keys with their last use; what proves one is nowhere."""
    found = await use_cases.keys_page(
        department_identity_of(call),
        call.position(query, tuple[datetime, str]),
        size=query.limit,
    )
    page: Page[KeyForm] = call.page((), found.last)
    return KeysPage(**page_with(keys_form(found.keys)), next=page.next)


@operation(
    "POST",
    "/api/v1/keys",
    summary="Make a key",
    allowed=ADMINS,
    tag=TAG,
    status=201,
    takes_key=True,
    shown_once=True,
    problems=(NOT_POSSIBLE,),
)
async def make_key(call: Call, body: NewKeyForm) -> MadeKeyForm:
    """Make a key for a program, shown this once.

    The answer is not kept: the same Idempotency-Key once more is told so (409).
    """
    made = await use_cases.make_key(
        department_identity_of(call),
        name=body.name,
        role=body.role,
        producers=body.producers,
        ends_at=body.ends_at,
        by=asker_of(call).actor,
    )
    return made_key_form(made)


@operation(
    "POST",
    "/api/v1/keys/{key_id}/rotation",
    summary="Replace a key by a new one",
    allowed=ADMINS,
    tag=TAG,
    status=201,
    takes_key=True,
    shown_once=True,
    problems=(NOT_FOUND,),
)
async def rotate_key(call: Call, path: KeyPath, body: RotationForm) -> MadeKeyForm:
    """Make a key with the same rights, shown this once; the old one ends later.

    The answer is not kept: the same Idempotency-Key once more is told so (409).
    """
    hold, by = timedelta(hours=body.hold_h), asker_of(call).actor
    made = await use_cases.rotate_key(
        department_identity_of(call), path.key_id, hold=hold, by=by
    )
    return made_key_form(made)


@operation(
    "DELETE",
    "/api/v1/keys/{key_id}",
    summary="Revoke a key",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def revoke_key(call: Call, path: KeyPath) -> None:
    """Let a key open nothing from the next call on, this call's own one too."""
    await use_cases.revoke_key(
        department_identity_of(call), path.key_id, by=asker_of(call).actor
    )


OPERATIONS: Final = (list_keys, make_key, rotate_key, revoke_key)
