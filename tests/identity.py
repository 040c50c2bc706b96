"""People, keys and links for tests, by a clock that tests move."""

from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher

from catalog.db import writer
from catalog.db.acts import Recorded, recorded_acts
from catalog.db.history import Author
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.passwords import Passwords
from ocop_sync.service.identity.people import add_person
from ocop_sync.service.identity.role import Role
from ocop_sync.store.db.database import Database
from ocop_sync.store.identity.people import PersonRow
from tests.factories import person
from tests.world import FakeTime, entry, make_tables

BOSS = person("Bà Mẫu")
"""Who adds people and makes keys, at the command line."""
PASSWORD = "ba con cò bay lả bay la"  # noqa: S105  (of nobody)


def quick_passwords() -> Passwords:
    """Return what hashes passwords in no time, which protects nothing."""
    return Passwords(quick_hasher())


def quick_hasher() -> PasswordHasher:
    """Return one that costs next to nothing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Numbers:
    """Random bytes that everybody can guess, and no two alike."""

    def __init__(self) -> None:
        self._given = 0

    def __call__(self, size: int) -> bytes:
        self._given += 1
        return self._given.to_bytes(size, "big")


@dataclass
class Office:
    """A department with three producers of one product each, and nobody yet."""

    identity: Identity
    time: FakeTime

    @property
    def database(self) -> Database:
        return self.identity.database

    async def close(self) -> None:
        """Close the database, once all that was noted is stored."""
        await self.identity.last_use.finished()
        await self.database.close()

    async def add(
        self, name: str = "Ng. Văn A", role: Role = Role.OPERATOR, **more: Any
    ) -> PersonRow:
        """Add somebody of the staff."""
        values: dict[str, Any] = {"password": PASSWORD, "by": BOSS, **more}
        return await add_person(self.identity, name=name, role=role, **values)

    async def add_producer(self, *producers: str) -> PersonRow:
        """Add somebody who serves *producers*."""
        return await add_person(
            self.identity, name="", role=Role.PRODUCER, producers=producers, by=BOSS
        )

    async def acts(self) -> list[Recorded]:
        """Return all that the audit holds."""
        async with self.database.read() as conn:
            return [each async for page in recorded_acts(conn) for each in page]


async def open_office(url: str) -> Office:
    """Return an office over the database at *url*; whoever asks closes it."""
    database, time = Database(url), FakeTime()
    await make_tables(database)
    entries = [entry(n) for n in (1, 2, 3)]
    await database.write(
        lambda conn: writer.save(conn, entries, by=Author("kiểm thử", time()))
    )
    identity = Identity(
        database=database,
        clock=time,
        passwords=quick_passwords(),
        random_bytes=Numbers(),
    )
    return Office(identity, time)
