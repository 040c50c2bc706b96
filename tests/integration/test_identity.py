"""People, keys, links, sessions: who is believed, until when, what is recorded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import ActorKind
from catalog.model.reach import Reach
from catalog.queries.audit import verify_audit
from ocop_sync.errors import NoAdminLeftError, NoSuchLinkError, PlanError
from ocop_sync.service.identity import keys, links, people, sessions
from ocop_sync.service.identity.keys import MadeKey, believe_key
from ocop_sync.service.identity.passwords import Checked, Passwords
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import OpenedSession, believe_session
from ocop_sync.service.json.writer import json_text
from ocop_sync.store import identity_tables
from ocop_sync.store.identity import people as stored
from tests.identity import BOSS, PASSWORD, Office, open_office, quick_hasher

both = pytest.mark.postgresql

PHONE = "Điện thoại Mẫu"
HERE = "192.0.2.7"
ANOTHER = "mười hai chữ cái"


@pytest.fixture
async def office(url: str) -> AsyncIterator[Office]:
    office = await open_office(url)
    yield office
    await office.close()


async def signed_in(
    office: Office, name: str = "Ng. Văn A", password: str = PASSWORD
) -> OpenedSession | None:
    return await sessions.sign_in(
        office.identity, name=name, password=password, device=PHONE, origin=HERE
    )


async def opened_by_link(office: Office, producer_id: str = "CS-0001") -> OpenedSession:
    made = await links.make_link(office.identity, producer_id, by=BOSS)
    opened = await use(office, made.token)
    assert opened is not None
    return opened


async def use(office: Office, token: str) -> OpenedSession | None:
    return await links.use_link(office.identity, token, device=PHONE, origin=HERE)


async def is_in(office: Office, opened: OpenedSession) -> bool:
    found = await believe_session(office.identity, opened.token)
    await office.identity.last_use.finished()
    return found is not None


async def make_key(office: Office, role: Role = Role.VIEWER, **more: Any) -> MadeKey:
    return await keys.make_key(
        office.identity,
        name="Bảng số liệu",
        role=role,
        by=BOSS,
        **more,
    )


async def all_text(office: Office) -> str:
    """Return all that the database holds of identity, as one text."""
    tables = [
        each for each in vars(identity_tables).values() if isinstance(each, Table)
    ]
    async with office.database.read() as conn:
        rows = [(await conn.execute(select(each))).all() for each in tables]
    return repr(rows)


async def kinds(office: Office) -> list[str]:
    return [each.entry.kind for each in await office.acts()]


# People


@both
async def test_each_person_has_an_id_that_nobody_else_ever_gets(office: Office) -> None:
    first = await office.add("Người Mẫu 1")
    await people.erase_person(office.identity, first.id, by=BOSS)
    second = await office.add("Người Mẫu 1")

    assert (first.id, second.id) == ("NV-00001", "NV-00002")
    assert [each.name for each in await people.all_people(office.identity)] == [
        "",
        "Người Mẫu 1",
    ]


@both
async def test_people_are_paged_by_id_with_the_producers_that_they_serve(
    office: Office,
) -> None:
    for n in range(1, 4):
        await office.add(f"Người Mẫu {n}")

    first = await people.people_page(office.identity, "", size=2)
    rest = await people.people_page(office.identity, first.last or "", size=2)

    assert (first.last, rest.last) == ("NV-00002", None)
    assert [*first.people, *rest.people] == await people.all_people(office.identity)


@both
async def test_two_who_are_added_at_once_do_not_share_a_name(office: Office) -> None:
    added = await asyncio.gather(
        office.add("Lê Thị Mẫu"), office.add("le thi mau"), return_exceptions=True
    )

    assert sum(isinstance(each, PlanError) for each in added) == 1
    assert len(await people.all_people(office.identity)) == 1


@both
async def test_two_admins_do_not_remove_each_other_at_once(office: Office) -> None:
    admins = [await office.add(f"Người Mẫu {n}", Role.ADMIN) for n in (1, 2)]
    disable = partial(
        people.disable_person, office.identity, by=BOSS, keeps_an_admin=True
    )

    done = await asyncio.gather(
        *(disable(each.id) for each in admins), return_exceptions=True
    )

    assert sum(isinstance(each, NoAdminLeftError) for each in done) == 1
    assert await people.has_admin(office.identity)


@pytest.mark.parametrize(
    ("role", "values", "complaint"),
    [
        pytest.param(Role.ADMIN, {"name": ""}, "thiếu tên", id="nameless staff"),
        pytest.param(Role.ADMIN, {"password": "ngắn"}, "ít nhất 12", id="short"),
        pytest.param(Role.ADMIN, {"producers": ["CS-0001"]}, "bỏ", id="bound staff"),
        pytest.param(
            Role.PRODUCER, {"password": ""}, "cần ít nhất một", id="of nobody"
        ),
        pytest.param(
            Role.PRODUCER,
            {"password": "", "producers": ["CS-0009"]},
            "không có cơ sở CS-0009",
            id="unknown",
        ),
        pytest.param(
            Role.PRODUCER, {"producers": ["CS-0001"]}, "liên kết", id="with a password"
        ),
    ],
)
async def test_a_person_that_does_not_fit_a_role_is_not_added(
    office: Office, role: Role, values: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(PlanError, match=complaint):
        await office.add(**{"name": "Lan", "role": role, **values})

    assert await people.all_people(office.identity) == []
    assert await office.acts() == []


@both
async def test_what_is_erased_is_nowhere_and_the_audit_stays_whole(
    office: Office,
) -> None:
    added = await office.add("Ng. Văn Mẫu", Role.ADMIN)
    opened = await signed_in(office, "Ng. Văn Mẫu")
    assert opened is not None
    me = await believe_session(office.identity, opened.token)
    assert me is not None
    act = Act(by=me.actor(origin=HERE), kind="pause", at=office.time(), reason="lý do")
    await office.database.write(lambda conn: record_act(conn, act))

    erased = await people.erase_person(office.identity, added.id, by=BOSS)
    producer = await opened_by_link(office)
    await people.erase_person(office.identity, producer.person_id, by=BOSS)

    assert (erased.name, erased.has_password, erased.erased_at) == (
        "",
        False,
        office.time(),
    )
    told = await all_text(office)
    for personal in ("Mẫu'", "ng. van mau", PHONE, "$argon2id"):
        assert personal not in told
    by_erased = [each for each in await office.acts() if each.by.ref == added.id]
    assert by_erased
    assert {(each.by.name, each.by.origin, each.reason) for each in by_erased} == {
        ("", "", "")
    }
    async with office.database.read() as conn:
        assert (await verify_audit(conn)).whole
    with pytest.raises(PlanError, match="không có người"):
        await people.enable_person(office.identity, added.id, by=BOSS)


# Signing in


async def test_a_name_signs_in_without_accents_and_with_the_right_password(
    office: Office,
) -> None:
    await office.add("Nguyễn Thị Đậu")

    assert await signed_in(office, "nguyen thi dau") is not None
    assert await signed_in(office, "Nguyễn Thị Đậu", PASSWORD + "!") is None
    assert await signed_in(office, "Nguyễn Thị Đào") is None


class WatchedHasher(PasswordHasher):
    """Notes by which parameters passwords were compared."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        WatchedHasher.compared = []

    compared: ClassVar[list[str]] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  (its name there)
        self.compared.append(str(hash))
        return super().verify(hash, password)


async def test_an_unknown_name_costs_a_password_check_as_a_known_one_does(
    office: Office,
) -> None:
    office.identity = replace(office.identity, passwords=Passwords(WatchedHasher()))
    disabled = await office.add("Người Mẫu 2")
    await office.add("Người Mẫu 1")
    await people.disable_person(office.identity, disabled.id, by=BOSS)

    for name in ("Người Mẫu 1", "Người Mẫu 2", "Không Ai"):
        assert await signed_in(office, name, "một mật khẩu sai") is None

    known, *others = WatchedHasher.compared
    assert len(others) == 2
    assert len(set(others)) == 1  # what is kept of nobody
    assert known.rsplit("$", 2)[0] == others[0].rsplit("$", 2)[0]


class Interrupted(Passwords):
    """Lets something happen while a password is checked."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__(quick_hasher())
        self._meanwhile = meanwhile

    async def check(self, kept: str, password: str) -> Checked:
        checked = await super().check(kept, password)
        await self._meanwhile()
        return checked


@pytest.mark.parametrize("act", ["disabled", "reset", "erased"])
async def test_who_is_shut_out_while_the_password_is_checked_is_not_let_in(
    office: Office, act: str
) -> None:
    added = await office.add()
    identity = office.identity

    async def meanwhile() -> None:
        if act == "disabled":
            await people.disable_person(identity, added.id, by=BOSS)
        elif act == "erased":
            await people.erase_person(identity, added.id, by=BOSS)
        else:
            await people.reset_password(identity, added.id, password=ANOTHER, by=BOSS)

    office.identity = replace(identity, passwords=Interrupted(meanwhile))

    assert await signed_in(office) is None


async def test_a_disabled_person_is_out_whatever_is_left_open(office: Office) -> None:
    opened = await opened_by_link(office)
    made = await links.make_link(office.identity, "CS-0001", by=BOSS)
    now = office.time()

    async def disable_alone(conn: AsyncConnection) -> None:
        await stored.change(conn, made.person_id, disabled_at=now, changed_at=now)

    await office.database.write(disable_alone)

    assert not await is_in(office, opened)
    assert await use(office, made.token) is None


async def test_a_disabled_person_is_out_with_the_next_call(office: Office) -> None:
    added = await office.add()
    opened = await signed_in(office)
    assert opened is not None

    await people.disable_person(office.identity, added.id, by=BOSS)

    assert not await is_in(office, opened)
    assert await signed_in(office) is None
    await people.enable_person(office.identity, added.id, by=BOSS)
    assert not await is_in(office, opened)
    assert await signed_in(office) is not None


async def test_another_role_holds_from_the_next_call_on(office: Office) -> None:
    added = await office.add(role=Role.ADMIN)
    opened = await signed_in(office)
    assert opened is not None

    await people.change_person(office.identity, added.id, role=Role.VIEWER, by=BOSS)

    me = await believe_session(office.identity, opened.token)
    assert me is not None
    assert me.role is Role.VIEWER


async def test_what_is_so_already_is_no_act(office: Office) -> None:
    added = await office.add()
    await people.enable_person(office.identity, added.id, by=BOSS)
    await people.change_person(
        office.identity, added.id, role=Role(added.role), by=BOSS
    )
    await people.disable_person(office.identity, added.id, by=BOSS)
    office.time.pass_(hours=1)

    again = await people.disable_person(office.identity, added.id, by=BOSS)

    assert again.disabled_at is not None
    assert again.disabled_at < office.identity.clock()
    kinds = [each.entry.kind for each in await office.acts()]
    assert kinds == ["add_person", "disable_person"]


async def test_a_new_password_ends_all_sessions(office: Office) -> None:
    added = await office.add()
    opened = await signed_in(office)
    assert opened is not None

    await people.reset_password(office.identity, added.id, password=ANOTHER, by=BOSS)

    assert not await is_in(office, opened)
    assert await signed_in(office) is None
    assert await signed_in(office, password=ANOTHER) is not None


async def test_staff_stay_in_for_twelve_hours_however_busy(office: Office) -> None:
    await office.add()
    opened = await signed_in(office)
    assert opened is not None

    for _ in range(11):
        office.time.pass_(hours=1)
        assert await is_in(office, opened)
    office.time.pass_(hours=1)

    assert not await is_in(office, opened)


@both
async def test_a_producer_stays_in_for_ninety_days_or_thirty_idle_ones(
    office: Office,
) -> None:
    opened = await opened_by_link(office)
    idle = await opened_by_link(office, "CS-0002")

    for _ in range(3):
        office.time.pass_(days=29, hours=23)
        assert await is_in(office, opened)
    assert not await is_in(office, idle)
    office.time.pass_(days=1)

    assert not await is_in(office, opened)


async def test_the_last_use_is_stored_once_a_minute(office: Office) -> None:
    added = await office.add()
    opened = await signed_in(office)
    assert opened is not None

    async def used_at() -> datetime:
        await office.identity.last_use.finished()
        (found,) = await sessions.sessions_of(office.identity, added.id)
        return found.row.used_at

    began = office.time()
    office.time.pass_(seconds=59)
    await is_in(office, opened)
    assert await used_at() == began
    office.time.pass_(seconds=1)
    await is_in(office, opened)
    assert await used_at() == office.time()


@both
async def test_one_session_is_ended_and_the_others_go_on(office: Office) -> None:
    added, other = await office.add(), await office.add("Người Mẫu 2")
    first, second = await signed_in(office), await signed_in(office)
    assert first is not None
    assert second is not None
    number = (await sessions.sessions_of(office.identity, added.id))[0].row.id

    end = sessions.end_session
    assert not await end(office.identity, other.id, number, by=BOSS)
    assert await end(office.identity, added.id, number, by=BOSS)
    assert not await end(office.identity, added.id, number, by=BOSS)

    assert [await is_in(office, each) for each in (first, second)] == [False, True]
    assert await sessions.end_sessions(office.identity, added.id, by=BOSS) == 1
    assert not await is_in(office, second)


async def test_sessions_that_nobody_can_use_do_not_pile_up(office: Office) -> None:
    await office.add()
    await signed_in(office)
    office.time.pass_(days=91)

    await signed_in(office)

    assert (await all_text(office)).count(PHONE) == 1


# Links


@both
async def test_a_link_is_looked_at_as_often_as_one_likes_and_used_once(
    office: Office,
) -> None:
    made = await links.make_link(office.identity, "CS-0001", by=BOSS)

    before = await all_text(office)
    for _ in range(2):
        shown = await links.look_at_link(office.identity, made.token)
        assert shown is not None
        assert shown.producer_name == "Cơ sở Mẫu 001"
    assert await all_text(office) == before
    used = [await use(office, made.token) for _ in range(2)]

    assert [each is not None for each in used] == [True, False]
    assert await links.look_at_link(office.identity, made.token) is None
    (listed,) = await links.listed_links(office.identity, "CS-0001")
    assert (listed.row.used_at, listed.row.device) == (office.time(), PHONE)


@both
async def test_of_two_who_use_a_link_at_once_one_is_signed_in(office: Office) -> None:
    made = await links.make_link(office.identity, "CS-0001", by=BOSS)

    used = await asyncio.gather(use(office, made.token), use(office, made.token))

    assert sum(each is not None for each in used) == 1


@both
async def test_a_link_ends_after_seven_days(office: Office) -> None:
    made = await links.make_link(office.identity, "CS-0001", by=BOSS)

    office.time.pass_(days=7)

    assert await use(office, made.token) is None
    (listed,) = await links.listed_links(office.identity)
    assert not listed.holds


async def test_a_new_link_voids_the_unused_ones_of_that_person_alone(
    office: Office,
) -> None:
    one, other = [await office.add_producer("CS-0001") for _ in range(2)]
    make = links.make_link
    first = await make(office.identity, "CS-0001", by=BOSS, person_id=one.id)
    theirs = await make(office.identity, "CS-0001", by=BOSS, person_id=other.id)

    second = await make(office.identity, "CS-0001", by=BOSS, person_id=one.id)

    assert second.voided == 1
    tokens = (first.token, theirs.token, second.token)
    opened = [await use(office, token) is not None for token in tokens]
    assert opened == [False, True, True]


@both
async def test_one_link_is_voided_as_long_as_it_waits_and_no_other(
    office: Office,
) -> None:
    one, other = [await office.add_producer("CS-0001") for _ in range(2)]
    make, void = links.make_link, links.void_link
    lost = await make(office.identity, "CS-0001", by=BOSS, person_id=one.id)
    theirs = await make(office.identity, "CS-0001", by=BOSS, person_id=other.id)

    elsewhere = Reach(frozenset({"CS-0002"}))
    with pytest.raises(NoSuchLinkError):
        await void(office.identity, 1, by=BOSS, reach=elsewhere)
    row = await void(office.identity, 1, by=BOSS)
    opened = [await use(office, each.token) is not None for each in (lost, theirs)]

    assert (row.id, row.person_id, row.voided_at) == (1, one.id, office.time())
    assert opened == [False, True]
    for number in (1, 2, 99):  # void, used, not there
        with pytest.raises(NoSuchLinkError, match=str(number)):
            await void(office.identity, number, by=BOSS)
    (act,) = [e.entry for e in await office.acts() if e.entry.kind == "void_link"]
    assert (act.refs["person"], act.refs["link"]) == (one.id, "1")


@both
async def test_of_who_uses_a_link_and_who_voids_it_one_is_first(
    office: Office,
) -> None:
    made = await links.make_link(office.identity, "CS-0001", by=BOSS)

    used, voided = await asyncio.gather(
        use(office, made.token),
        links.void_link(office.identity, 1, by=BOSS),
        return_exceptions=True,
    )

    assert (used is None) is not isinstance(voided, NoSuchLinkError)


async def test_the_first_link_of_a_producer_makes_its_person_and_later_ones_do_not(
    office: Office,
) -> None:
    first = await links.make_link(office.identity, "CS-0001", by=BOSS)
    second = await links.make_link(office.identity, "CS-0001", by=BOSS)

    assert (first.is_new_person, second.is_new_person) == (True, False)
    assert first.person_id == second.person_id
    (made,) = await people.all_people(office.identity)
    assert (made.name, made.role, made.producers) == ("", "producer", ("CS-0001",))


async def test_for_whom_a_link_is_among_several_must_be_said(office: Office) -> None:
    await office.add_producer("CS-0001")
    both = await office.add_producer("CS-0001", "CS-0002")

    with pytest.raises(PlanError, match="NV-00001, NV-00002"):
        await links.make_link(office.identity, "CS-0001", by=BOSS)
    with pytest.raises(PlanError, match="không phục vụ"):
        await links.make_link(office.identity, "CS-0003", by=BOSS, person_id=both.id)


@pytest.mark.parametrize("change", ["disabled", "moved", "staff"])
async def test_whoever_serves_the_producer_no_longer_cannot_use_a_link(
    office: Office, change: str
) -> None:
    made = await links.make_link(office.identity, "CS-0001", by=BOSS)
    who = made.person_id
    if change == "disabled":
        await people.disable_person(office.identity, who, by=BOSS)
    elif change == "moved":
        await people.change_person(office.identity, who, producers=["CS-0002"], by=BOSS)
    else:
        values = {"role": "viewer", "sign_in_name": None, "changed_at": office.time()}
        await office.database.write(lambda conn: stored.change(conn, who, **values))

    assert await links.look_at_link(office.identity, made.token) is None
    assert await use(office, made.token) is None


async def test_a_person_of_two_producers_serves_both_and_no_third(
    office: Office,
) -> None:
    who = await office.add_producer("CS-0001", "CS-0002")
    made = await links.make_link(office.identity, "CS-0001", by=BOSS, person_id=who.id)
    opened = await use(office, made.token)
    assert opened is not None

    me = await believe_session(office.identity, opened.token)

    assert me is not None
    serves = [me.serves(each) for each in ("CS-0001", "CS-0002", "CS-0003", None)]
    assert serves == [True, True, False, False]


# Keys


async def test_a_key_opens_until_it_ends_or_is_revoked(office: Office) -> None:
    ends_at = office.time() + timedelta(days=1)
    made = await make_key(office, Role.PRODUCER, producers=["CS-0002"], ends_at=ends_at)
    endless = await make_key(office)

    found = await believe_key(office.identity, made.secret)
    assert found is not None
    assert (found.kind, found.id, found.role, found.producers) == (
        ActorKind.KEY,
        made.key.id,
        Role.PRODUCER,
        frozenset({"CS-0002"}),
    )
    office.time.pass_(days=1)
    assert await believe_key(office.identity, made.secret) is None
    assert await believe_key(office.identity, endless.secret) is not None
    await keys.revoke_key(office.identity, endless.key.id, by=BOSS)
    assert await believe_key(office.identity, endless.secret) is None


async def test_a_key_with_another_secret_or_no_form_opens_nothing(
    office: Office,
) -> None:
    made = await make_key(office)
    other = await make_key(office)
    swapped = f"{made.key.id}_{other.secret.rpartition('_')[2]}"

    for wrong in (swapped, made.key.id, "", made.secret.upper(), f"{made.secret}a"):
        assert await believe_key(office.identity, wrong) is None


@both
async def test_a_rotated_key_holds_for_the_stated_time(office: Office) -> None:
    old = await make_key(office, Role.PRODUCER, producers=["CS-0001"])

    new = await keys.rotate_key(
        office.identity, old.key.id, hold=timedelta(hours=2), by=BOSS
    )

    assert (new.key.role, new.key.producers) == (Role.PRODUCER, ("CS-0001",))
    assert await believe_key(office.identity, old.secret) is not None
    office.time.pass_(hours=2)
    assert await believe_key(office.identity, old.secret) is None
    assert await believe_key(office.identity, new.secret) is not None
    first, _ = await keys.all_keys(office.identity)
    assert first.replaced_by == new.key.id
    with pytest.raises(PlanError, match="không có khóa"):
        await keys.rotate_key(
            office.identity, old.key.id, hold=timedelta(hours=2), by=BOSS
        )


async def test_a_key_tells_its_last_use_to_the_minute(office: Office) -> None:
    made = await make_key(office)

    first = office.time()
    await believe_key(office.identity, made.secret)
    await office.identity.last_use.finished()
    office.time.pass_(seconds=59)
    await believe_key(office.identity, made.secret)

    await office.identity.last_use.finished()
    (found,) = await keys.all_keys(office.identity)
    assert found.used_at == first


@both
async def test_whoever_asks_does_not_wait_for_a_long_write(office: Office) -> None:
    made = await make_key(office)
    may_end, began = asyncio.Event(), asyncio.Event()

    async def write_long(_: AsyncConnection) -> None:
        began.set()
        await may_end.wait()

    writing = asyncio.ensure_future(office.database.write(write_long))
    await began.wait()
    for _ in range(3):
        assert await believe_key(office.identity, made.secret) is not None

    may_end.set()
    await writing
    await office.identity.last_use.finished()
    (found,) = await keys.all_keys(office.identity)
    assert found.used_at == office.time()


async def test_a_last_use_that_cannot_be_stored_keeps_nobody_out(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: AsyncConnection) -> None:
        message = "disk full"
        raise OSError(message)

    for _ in range(2):
        office.identity.last_use.note(office.database, "a key", fail)
    await office.identity.last_use.finished()

    assert [each.message for each in caplog.records] == ["a last use was not stored"]


async def test_a_key_without_a_name_or_with_an_end_that_has_passed_is_not_made(
    office: Office,
) -> None:
    with pytest.raises(PlanError, match="đã qua"):
        await make_key(office, ends_at=office.time())
    with pytest.raises(PlanError, match="thiếu tên"):
        await keys.make_key(office.identity, name=" ", role=Role.VIEWER, by=BOSS)


# What is kept


@both
async def test_nothing_that_signs_in_is_stored_as_it_is(office: Office) -> None:
    await office.add()
    opened = await signed_in(office)
    link = await links.make_link(office.identity, "CS-0001", by=BOSS)
    key = await make_key(office)
    assert opened is not None

    told = await all_text(office)
    told += json_text([each.entry.refs for each in await office.acts()])

    for secret in (opened.token, link.token, key.secret, PASSWORD):
        assert secret not in told


@both
async def test_each_act_is_one_entry_with_ids_alone(office: Office) -> None:
    added = await office.add("Ng. Văn Mẫu")
    await people.change_person(office.identity, added.id, role=Role.ADMIN, by=BOSS)
    await people.reset_password(office.identity, added.id, password=PASSWORD, by=BOSS)
    opened = await signed_in(office, "Ng. Văn Mẫu")
    assert opened is not None
    me = await believe_session(office.identity, opened.token)
    assert me is not None
    assert me.session_id is not None
    await sessions.end_session(
        office.identity, added.id, me.session_id, by=me.actor(origin=HERE)
    )
    await opened_by_link(office)
    made = await make_key(office)
    new = await keys.rotate_key(
        office.identity, made.key.id, hold=timedelta(0), by=BOSS
    )
    await keys.revoke_key(office.identity, new.key.id, by=BOSS)
    await people.disable_person(office.identity, added.id, by=BOSS)
    await people.enable_person(office.identity, added.id, by=BOSS)
    await people.erase_person(office.identity, added.id, by=BOSS)

    assert await kinds(office) == [
        "add_person",
        "change_person",
        "reset_password",
        "sign_in",
        "end_session",
        "add_person",
        "make_link",
        "sign_in_by_link",
        "make_key",
        "rotate_key",
        "revoke_key",
        "disable_person",
        "enable_person",
        "erase_person",
    ]
    done = await office.acts()
    told = repr([(each.entry.subjects, each.entry.refs) for each in done])
    for personal in ("Mẫu", PHONE, HERE, "Bảng số liệu"):
        assert personal not in told
    by_link = done[7]
    assert by_link.entry.refs == {"person": "NV-00002", "session": "2", "link": "1"}
    assert by_link.entry.subjects == ["CS-0001"]
    assert (by_link.by.kind, by_link.by.ref) == (ActorKind.PERSON, "NV-00002")


async def test_a_sign_in_that_fails_leaves_no_act(office: Office) -> None:
    await signed_in(office, "Không Ai")
    await use(office, "x" * 43)

    assert await office.acts() == []
