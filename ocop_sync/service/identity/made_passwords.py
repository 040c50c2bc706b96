"""People with a password that the service makes, and shows the one time it is made.

For whoever asks over a network: a password that somebody has thought of would pass
through more hands, and is weaker.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from catalog.model.actor import Actor
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.passwords import make_password
from ocop_sync.service.identity.people import add_person, reset_password
from ocop_sync.service.identity.role import Role
from ocop_sync.store.identity.people import PersonRow


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePerson:
    """A person, with a password that was made: the only time that it is known.

    Attributes:
        person: The person.
        password: The password; "" for people of producers, who sign in by a link.
    """

    person: PersonRow
    password: str = field(repr=False)


async def add_with_password(
    identity: Identity,
    *,
    name: str,
    role: Role,
    by: Actor,
    producers: Collection[str] = (),
) -> MadePerson:
    """Add a person; staff with a password that is made.

    Raises:
        PlanError: As of `add_person`.
    """
    password = make_password(identity.random_bytes) if role.is_staff else ""
    person = await add_person(
        identity, name=name, role=role, by=by, producers=producers, password=password
    )
    return MadePerson(person=person, password=password)


async def reset_to_made(identity: Identity, person_id: str, *, by: Actor) -> MadePerson:
    """Give a member of staff a password that is made; all sessions end.

    Raises:
        NoSuchPersonError: There is no such person.
        PlanError: It is of no staff.
    """
    password = make_password(identity.random_bytes)
    person = await reset_password(identity, person_id, password=password, by=by)
    return MadePerson(person=person, password=password)
