"""People, keys, links and sessions, as they are shown to admins and staff."""

from collections.abc import Iterable

from ocop_sync.api.typed.values import Instant, Model
from ocop_sync.service.identity.keys import MadeKey
from ocop_sync.service.identity.links import ListedLink, MadeLink
from ocop_sync.service.identity.made_passwords import MadePerson
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import LivingSession
from ocop_sync.store.identity.keys import KeyRow
from ocop_sync.store.identity.people import PersonRow


class PersonForm(Model):
    """A person who may sign in, or once might."""

    id: str
    """The id, which is given to nobody else."""
    name: str
    """The name; empty if it is erased, or was never told."""
    role: Role
    """The role."""
    producers: tuple[str, ...]
    """The ids of the producers that are served; empty for staff."""
    has_password: bool
    """A password is set."""
    created_at: Instant
    """When the person was added."""
    changed_at: Instant
    """When anything was last changed."""
    disabled_at: Instant | None
    """Since when the person is let in no longer; null if not."""
    erased_at: Instant | None
    """When the person was erased; null if not."""


class PeopleList(Model):
    """Everybody, disabled and erased ones included."""

    people: tuple[PersonForm, ...]
    """By id."""


class PeoplePage(PeopleList):
    """A page of people, disabled and erased ones included."""

    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class MadePersonForm(Model):
    """A person, with a password that was made."""

    person: PersonForm
    """The person."""
    password: str | None
    """The password, shown this once; null for people who sign in by a link."""


class PersonSessionForm(Model):
    """A session of somebody."""

    id: int
    """Its number."""
    person_id: str
    """Who is signed in."""
    began_at: Instant
    """The sign-in."""
    used_at: Instant
    """The last use, to the minute."""
    ends_at: Instant
    """Its end, if it is not used any more."""
    device: str
    """The device, in its own words."""


class PersonSessionList(Model):
    """The sessions of a person that hold."""

    sessions: tuple[PersonSessionForm, ...]
    """The oldest first."""


class PersonSessionsPage(PersonSessionList):
    """A page of the sessions of a person."""

    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class KeyForm(Model):
    """A key of a program, without what proves it."""

    id: str
    """Its visible beginning."""
    name: str
    """Its purpose."""
    role: Role
    """What it may do."""
    producers: tuple[str, ...]
    """The ids of the producers that it is bound to; empty for other roles."""
    made_at: Instant
    """When it was made."""
    ends_at: Instant | None
    """When it ends by itself; null for never."""
    used_at: Instant | None
    """The last use, to the minute; null if there was none."""
    revoked_at: Instant | None
    """When it was revoked; null if it was not."""
    replaced_by: str
    """The id of the key that came in its place; empty if none did."""


class KeyList(Model):
    """All keys, also those that hold no longer."""

    keys: tuple[KeyForm, ...]
    """In the order in which they were made."""


class KeysPage(KeyList):
    """A page of keys."""

    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class MadeKeyForm(Model):
    """A key that was made."""

    secret: str
    """The whole key, shown this once."""
    key: KeyForm
    """The key as it is listed."""
    old_ends_at: Instant | None
    """When the key that it replaces ends; null if it replaces none."""


class LinkForm(Model):
    """A link by which somebody of a producer signs in, without what proves it."""

    id: int
    """Its number."""
    person_id: str
    """Who signs in by it."""
    producer_id: str
    """The producer that it was made for."""
    made_at: Instant
    """When it was made."""
    ends_at: Instant
    """When it ends by itself."""
    voided_at: Instant | None
    """When a newer link, or a person, took its place; null if none did."""
    used_at: Instant | None
    """When somebody signed in by it; null if nobody has."""
    device: str
    """The device that did so, in its own words."""
    holds: bool
    """Somebody could sign in by it now."""


class MadeLinkForm(Model):
    """A link that was made."""

    url: str
    """The address to send to that person, shown this once."""
    producer_id: str
    """The producer that it is for."""
    producer_name: str
    """The name of that producer."""
    person_id: str
    """Who signs in by it."""
    is_new_person: bool
    """Nobody had served that producer before."""
    ends_at: Instant
    """When it ends."""
    voided: int
    """The unused links that it has voided."""


def person_form(row: PersonRow) -> PersonForm:
    """Return a person as it is shown."""
    return PersonForm(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        producers=row.producers,
        has_password=row.has_password,
        created_at=row.created_at,
        changed_at=row.changed_at,
        disabled_at=row.disabled_at,
        erased_at=row.erased_at,
    )


def people_form(rows: Iterable[PersonRow]) -> PeopleList:
    """Return everybody as they are shown."""
    return PeopleList(people=tuple(map(person_form, rows)))


def made_person_form(made: MadePerson) -> MadePersonForm:
    """Return a person with the password that was made."""
    return MadePersonForm(
        person=person_form(made.person), password=made.password or None
    )


def sessions_form(found: Iterable[LivingSession]) -> PersonSessionList:
    """Return sessions as they are shown."""
    return PersonSessionList(
        sessions=tuple(
            PersonSessionForm(
                id=each.row.id,
                person_id=each.row.person_id,
                began_at=each.row.began_at,
                used_at=each.row.used_at,
                ends_at=each.ends_at,
                device=each.row.device,
            )
            for each in found
        )
    )


def key_form(row: KeyRow) -> KeyForm:
    """Return a key as it is shown."""
    return KeyForm(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        producers=row.producers,
        made_at=row.made_at,
        ends_at=row.ends_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        replaced_by=row.replaced_by,
    )


def keys_form(rows: Iterable[KeyRow]) -> KeyList:
    """Return all keys as they are shown."""
    return KeyList(keys=tuple(map(key_form, rows)))


def made_key_form(made: MadeKey) -> MadeKeyForm:
    """Return a key that was made, the only time that it is shown."""
    return MadeKeyForm(
        secret=made.secret, key=key_form(made.key), old_ends_at=made.old_ends_at
    )


def link_form(found: ListedLink) -> LinkForm:
    """Return a link as it is shown."""
    row = found.row
    return LinkForm(
        id=row.id,
        person_id=row.person_id,
        producer_id=row.producer_id,
        made_at=row.made_at,
        ends_at=row.ends_at,
        voided_at=row.voided_at,
        used_at=row.used_at,
        device=row.device,
        holds=found.holds,
    )


def made_link_form(made: MadeLink, public_url: str) -> MadeLinkForm:
    """Return a link that was made, under the address that people reach us by."""
    return MadeLinkForm(
        url=f"{public_url}/link/{made.token}",
        producer_id=made.producer_id,
        producer_name=made.producer_name,
        person_id=made.person_id,
        is_new_person=made.is_new_person,
        ends_at=made.ends_at,
        voided=made.voided,
    )
