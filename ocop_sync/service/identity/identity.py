"""All that the use cases of identity work with, and the forms that they share."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.clock import Clock
from ocop_sync.errors import PlanError
from ocop_sync.service.identity.last_use import LastUse
from ocop_sync.service.identity.passwords import Passwords
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.tokens import RandomBytes
from ocop_sync.store.db.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """All that the use cases of identity work with.

    Attributes:
        database: Where people, keys, links and sessions live.
        clock: The present instant, in UTC.
        passwords: Hashes and checks passwords.
        random_bytes: Random bytes that nobody can guess.
        last_use: Stores when keys and sessions were used.
    """

    database: Database
    clock: Clock
    passwords: Passwords = field(default_factory=Passwords)
    random_bytes: RandomBytes = secrets.token_bytes
    last_use: LastUse = field(default_factory=LastUse)


async def ensure_scope(
    conn: AsyncConnection, role: Role, producers: Iterable[str]
) -> tuple[str, ...]:
    """Return *producers* sorted, each once, if they fit the role and are known.

    Raises:
        PlanError: They do not, or one of them is not in the catalog.
    """
    wanted = sorted(set(producers))
    if role is Role.PRODUCER and not wanted:
        message = (
            "vai trò producer cần ít nhất một cơ sở: ghi mã cơ sở / the role producer"
            " needs a producer: give the id of one"
        )
        raise PlanError(message)
    if role is not Role.PRODUCER and wanted:
        message = (
            f"vai trò {role} không gắn với cơ sở nào: bỏ mã cơ sở / the role {role}"
            " is bound to no producer: leave it out"
        )
        raise PlanError(message)
    known = await reader.get_producers(conn, wanted)
    if lost := [each for each in wanted if each not in known]:
        message = f"không có cơ sở {', '.join(lost)} / no producer {', '.join(lost)}"
        raise PlanError(message)
    return tuple(wanted)


async def knows_producer(identity: Identity, producer_id: str) -> bool:
    """Say whether the catalog has that producer."""
    found = await identity.database.fetch(reader.get_producers, [producer_id])
    return producer_id in found


async def record(
    conn: AsyncConnection,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    refs: Mapping[str, str],
    producers: Iterable[str] = (),
) -> None:
    """Add an act about *producers* to the audit, in its own transaction; ids alone."""
    plain = {name: str(value) for name, value in refs.items()}
    done = Act(by=by, kind=kind, at=now, subjects=tuple(producers), refs=plain)
    await record_act(conn, done)
