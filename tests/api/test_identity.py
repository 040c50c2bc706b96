"""People, keys and links over the API: for admins, and links for operators, too.

The callers are real: keys, and people who sign in.
"""

import asyncio
from typing import Any, Final

import pytest

from ocop_sync.api.app import HERE
from ocop_sync.service.identity import people
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.identity import BOSS

PEOPLE: Final = "/api/v1/people"
KEYS: Final = "/api/v1/keys"
LINK: Final = "/api/v1/producers/CS-0001/links"
NEW: Final = {"name": "Lê Thị Mẫu", "role": "operator"}


@pytest.fixture
async def admin(door: Door) -> str:
    """A key of an admin."""
    return await door.key(Role.ADMIN)


async def write(
    door: Door, key: str, call: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    """Make a call, such as "GET /api/v1/people"."""
    method, path = call.split()
    more = {} if body is None else {"json": body}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await door.bearer(key, path, method=method, headers=named, **more)
    text = await answer.text()
    return answer.status, (await answer.json() if text else None)


async def signed_in(door: Door, name: str, password: str) -> str:
    browser = door.browser()
    assert await browser.sign_in(name, password) == 303
    return browser.cookies["__Host-ocop"]


async def stored(door: Door) -> str:
    """Return everything that the database holds, as text."""
    async with door.office.database.read() as conn:
        driver = await conn.get_raw_connection()
        assert driver.driver_connection is not None
        run = driver.driver_connection.execute
        tables = run("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return str([run(f'SELECT * FROM "{e}"').fetchall() for (e,) in tables])  # noqa: S608


async def test_a_person_is_added_with_a_password_that_signs_in(
    door: Door, admin: str
) -> None:
    status, made = await write(door, admin, f"POST {PEOPLE}", NEW)

    assert (status, made["person"]["role"]) == (201, "operator")
    token = await signed_in(door, NEW["name"], made["password"])
    me = await (await door.bearer(token)).json()
    assert me["id"] == made["person"]["id"]


async def test_people_come_in_pages_by_id(door: Door, admin: str) -> None:
    for n in range(1, 4):
        await door.office.add(f"Người Mẫu {n}")

    _, whole = await write(door, admin, f"GET {PEOPLE}")
    _, first = await write(door, admin, f"GET {PEOPLE}?limit=2")
    _, rest = await write(door, admin, f"GET {PEOPLE}?cursor={first['next']}")

    assert [each["id"] for each in first["people"]] == ["NV-00001", "NV-00002"]
    assert first["people"] + rest["people"] == whole["people"]
    assert (whole["next"], rest["next"]) == (None, None)


async def test_keys_come_in_pages_in_the_order_in_which_they_were_made(
    door: Door, admin: str
) -> None:
    for minutes in (0, 0, 5):  # two of one instant go by their ids
        door.office.time.pass_(minutes=minutes)
        await door.key(Role.PRODUCER, producers=["CS-0001"])

    _, whole = await write(door, admin, f"GET {KEYS}")
    found, cursor = [], ""
    while cursor is not None:
        _, page = await write(door, admin, f"GET {KEYS}?limit=1&cursor={cursor}")
        found += page["keys"]
        cursor = page["next"]

    ids, all_ids = ([each["id"] for each in some] for some in (found, whole["keys"]))
    assert len(ids) == 4
    assert ids == all_ids
    assert [each["producers"] for each in found].count(["CS-0001"]) == 3
    assert whole["next"] is None


async def test_sessions_come_in_pages_the_oldest_first_without_those_that_are_over(
    door: Door, admin: str
) -> None:
    _, made = await write(door, admin, f"POST {PEOPLE}", NEW)
    person = made["person"]["id"]
    old = await signed_in(door, NEW["name"], made["password"])
    door.office.time.pass_(hours=11)
    tokens = [await signed_in(door, NEW["name"], made["password"]) for _ in range(3)]
    door.office.time.pass_(hours=1)

    for key, path in (
        (admin, f"{PEOPLE}/{person}/sessions"),
        (tokens[1], "/api/v1/sessions"),
    ):
        _, whole = await write(door, key, f"GET {path}")
        _, first = await write(door, key, f"GET {path}?limit=2")
        _, rest = await write(door, key, f"GET {path}?limit=2&cursor={first['next']}")
        assert (await door.bearer(old)).status == 401
        assert [len(each["sessions"]) for each in (whole, first, rest)] == [3, 2, 1]
        assert (whole["next"], rest["next"]) == (None, None)
        ids = [each["id"] for each in whole["sessions"]]
        paged = [each["id"] for page in (first, rest) for each in page["sessions"]]
        assert paged == ids == sorted(ids)


@pytest.mark.parametrize(
    ("path", "body", "secret"),
    [
        (PEOPLE, NEW, lambda made: made["password"]),
        (KEYS, {"name": "Bảng", "role": "viewer"}, lambda made: made["secret"]),
        (LINK, {}, lambda made: made["url"].rpartition("/")[2]),
    ],
    ids=["password", "key", "link"],
)
async def test_a_secret_is_shown_once_and_kept_nowhere(
    door: Door, admin: str, path: str, body: Any, secret: Any
) -> None:
    first = await write(door, admin, f"POST {path}", body, Idempotency_Key="k1")
    acts = len(await door.office.acts())
    again = await write(door, admin, f"POST {path}", body, Idempotency_Key="k1")

    assert first[0] == 201
    assert (again[0], again[1]["code"]) == (409, "answer_shown_once")
    assert len(await door.office.acts()) == acts
    assert secret(first[1]) not in await stored(door)


async def test_a_new_password_is_shown_once_and_ends_all_sessions(
    door: Door, admin: str
) -> None:
    _, made = await write(door, admin, f"POST {PEOPLE}", NEW)
    token = await signed_in(door, NEW["name"], made["password"])
    path = f"{PEOPLE}/{made['person']['id']}/password"

    status, reset = await write(door, admin, f"POST {path}", Idempotency_Key="k1")
    again = await write(door, admin, f"POST {path}", Idempotency_Key="k1")

    assert (status, again[1]["code"]) == (200, "answer_shown_once")
    assert reset["password"] != made["password"]
    assert (await door.bearer(token)).status == 401
    assert await signed_in(door, NEW["name"], reset["password"])


async def test_another_role_and_a_disabling_hold_from_the_next_call_on(
    door: Door, admin: str
) -> None:
    _, made = await write(door, admin, f"POST {PEOPLE}", {**NEW, "role": "admin"})
    await door.office.add("Người Mẫu 2", Role.ADMIN)
    token = await signed_in(door, NEW["name"], made["password"])
    path = f"{PEOPLE}/{made['person']['id']}"
    assert (await door.bearer(token, PEOPLE)).status == 200

    await write(door, admin, f"PATCH {path}", {"role": "viewer"}, If_Match="*")
    demoted = (await door.bearer(token, PEOPLE)).status
    await write(door, admin, f"PUT {path}/disabled", {"disabled": True})
    disabled = (await door.bearer(token)).status

    assert (demoted, disabled) == (403, 401)
    _, found = await write(door, admin, f"PUT {path}/disabled", {"disabled": False})
    assert found["disabled_at"] is None
    assert await signed_in(door, NEW["name"], made["password"])


async def test_a_revoked_key_opens_nothing_from_the_next_call_on(
    door: Door, admin: str
) -> None:
    _, made = await write(
        door, admin, f"POST {KEYS}", {"name": "Bảng", "role": "viewer"}
    )
    path = f"{KEYS}/{made['key']['id']}"

    status, new = await write(door, admin, f"POST {path}/rotation", {"hold_h": 1})
    both = [(await door.bearer(each["secret"])).status for each in (made, new)]
    revoked = await write(door, admin, f"DELETE {path}")
    after = [(await door.bearer(each["secret"])).status for each in (made, new)]

    assert (status, both, revoked[0], after) == (201, [200, 200], 204, [401, 200])
    assert (await write(door, admin, f"DELETE {path}"))[0] == 404
    listed = await (await door.bearer(admin, KEYS)).json()
    assert made["secret"] not in str(listed)
    replaced = {each["id"]: each["replaced_by"] for each in listed["keys"]}
    assert replaced[made["key"]["id"]] == new["key"]["id"]


async def test_sessions_of_anybody_are_listed_and_ended(door: Door, admin: str) -> None:
    _, made = await write(door, admin, f"POST {PEOPLE}", NEW)
    path = f"{PEOPLE}/{made['person']['id']}/sessions"
    tokens = [await signed_in(door, NEW["name"], made["password"]) for _ in range(3)]

    _, found = await write(door, admin, f"GET {path}")
    first = found["sessions"][0]["id"]
    one = await write(door, admin, f"DELETE {path}/{first}")
    again = await write(door, admin, f"DELETE {path}/{first}")
    left = [(await door.bearer(each)).status for each in tokens]
    rest = await write(door, admin, f"DELETE {path}")

    assert len(found["sessions"]) == 3
    assert (one[0], again[0], left, rest[0]) == (204, 404, [401, 200, 200], 204)
    assert [(await door.bearer(each)).status for each in tokens] == [401] * 3


@pytest.mark.parametrize(
    ("method", "more", "body"),
    [
        ("PATCH", "", {"role": "operator"}),
        ("PUT", "/disabled", {"disabled": True}),
        ("DELETE", "", None),
    ],
    ids=["role", "disabled", "erased"],
)
async def test_the_last_admin_stays_until_there_is_another_one(
    door: Door, admin: str, method: str, more: str, body: Any
) -> None:
    last = await door.office.add("Người Mẫu 1", Role.ADMIN)
    gone = await door.office.add("Người Mẫu 2", Role.ADMIN)
    await people.disable_person(door.office.identity, gone.id, by=BOSS)
    path = f"{PEOPLE}/{last.id}{more}"

    refused = await write(door, admin, f"{method} {path}", body, If_Match="*")
    await door.office.add("Người Mẫu 3", Role.ADMIN)
    status, _ = await write(door, admin, f"{method} {path}", body, If_Match="*")

    assert (refused[0], refused[1]["code"]) == (409, "not_possible")
    assert "last admin" in refused[1]["detail_en"]
    assert status in {200, 204}


async def test_two_admins_do_not_remove_each_other_at_once(
    door: Door, admin: str
) -> None:
    both = [await door.office.add(f"Người Mẫu {n}", Role.ADMIN) for n in (1, 2)]

    done = await asyncio.gather(
        *(
            write(door, admin, f"PUT {PEOPLE}/{e.id}/disabled", {"disabled": True})
            for e in both
        )
    )

    assert sorted(status for status, _ in done) == [200, 409]


async def test_of_two_who_have_read_the_same_the_second_is_told(
    door: Door, admin: str
) -> None:
    added = await door.office.add()
    path = f"{PEOPLE}/{added.id}"
    match = (await door.bearer(admin, path)).headers["ETag"]

    bare = await write(door, admin, f"PATCH {path}", {"role": "viewer"})
    first = await write(
        door, admin, f"PATCH {path}", {"role": "viewer"}, If_Match=match
    )
    second = await write(
        door, admin, f"PATCH {path}", {"role": "admin"}, If_Match=match
    )
    erased = await write(door, admin, f"DELETE {path}", If_Match=match)

    assert [bare[0], first[0], second[0], erased[0]] == [428, 200, 412, 412]


async def test_an_erased_person_is_listed_without_a_name_and_found_no_more(
    door: Door, admin: str
) -> None:
    added = await door.office.add()
    path = f"{PEOPLE}/{added.id}"

    status, _ = await write(door, admin, f"DELETE {path}", If_Match="*")
    _, listed = await write(door, admin, f"GET {PEOPLE}")

    assert (status, (await write(door, admin, f"GET {path}"))[0]) == (204, 404)
    assert [(each["id"], each["name"]) for each in listed["people"]] == [(added.id, "")]
    assert listed["people"][0]["erased_at"] is not None


async def test_an_operator_makes_a_link_that_signs_in_and_sees_its_use(
    door: Door,
) -> None:
    operator = await door.key(Role.OPERATOR)

    status, made = await write(door, operator, f"POST {LINK}", {})
    path = made["url"].removeprefix(HERE)
    browser = door.browser()
    await browser.post(path, await browser.form(path))
    _, listed = await write(door, operator, "GET /api/v1/links?producer=CS-0001")

    assert (status, made["producer_name"]) == (201, "Cơ sở Mẫu 001")
    me = await (await door.bearer(browser.cookies["__Host-ocop"])).json()
    assert (me["id"], me["producers"]) == (made["person_id"], ["CS-0001"])
    (found,) = listed["items"]
    assert (found["holds"], found["device"]) == (False, "Điện thoại Mẫu")
    assert path.rpartition("/")[2] not in str(listed)


async def test_links_come_in_pages_the_latest_first(door: Door) -> None:
    operator = await door.key(Role.OPERATOR)
    for _ in range(3):
        await write(door, operator, f"POST {LINK}", {})

    _, first = await write(door, operator, "GET /api/v1/links?limit=2")
    more = f"/api/v1/links?limit=2&cursor={first['next']}"
    _, second = await write(door, operator, f"GET {more}")

    assert [each["id"] for each in first["items"]] == [3, 2]
    assert ([e["id"] for e in second["items"]], second["next"]) == ([1], None)


async def test_who_acts_for_a_producer_makes_links_for_that_one_and_no_keys(
    door: Door, admin: str
) -> None:
    acting = {"Acts_For": "CS-0001"}
    other = LINK.replace("CS-0001", "CS-0002")

    answers = [
        await write(door, admin, f"POST {LINK}", {}, **acting),
        await write(door, admin, f"POST {other}", {}, **acting),
        await write(door, admin, "GET /api/v1/links?producer=CS-0002", **acting),
        await write(door, admin, f"GET {PEOPLE}", **acting),
        await write(door, admin, f"POST {PEOPLE}", NEW, **acting),
        await write(
            door, admin, f"POST {KEYS}", {"name": "a", "role": "admin"}, **acting
        ),
    ]

    assert [status for status, _ in answers] == [201, 404, 404, 403, 403, 403]
    _, links = await write(door, admin, "GET /api/v1/links", **acting)
    assert {each["producer_id"] for each in links["items"]} == {"CS-0001"}


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        (f"POST {PEOPLE}", {"name": "", "role": "operator"}, "not_possible"),
        (f"POST {PEOPLE}", {"name": "Ai đó", "role": "boss"}, "invalid"),
        (f"POST {PEOPLE}", {"role": "producer"}, "not_possible"),
        (f"POST {PEOPLE}", {**NEW, "password": "tự đặt lấy 12345"}, "invalid"),
        (f"POST {KEYS}", {"name": "a", "role": "producer"}, "not_possible"),
        (
            f"POST {KEYS}",
            {"name": "a", "role": "viewer", "ends_at": "2020-01-01T00:00:00Z"},
            "not_possible",
        ),
        (f"POST {KEYS}/ocop_aaaaaaaa/rotation", {}, "not_found"),
        (f"POST {PEOPLE}/NV-00099/password", None, "not_found"),
        (f"PATCH {PEOPLE}/NV-00099", {"role": "admin"}, "not_found"),
        ("POST " + LINK.replace("CS-0001", "CS-0099"), {}, "not_found"),
        (f"POST {LINK}", {"person": "NV-00099"}, "not_found"),
    ],
)
async def test_what_cannot_be_is_told_and_leaves_no_act(
    door: Door, admin: str, call: str, body: Any, expected: str
) -> None:
    before = await door.office.acts()

    _, said = await write(door, admin, call, body, If_Match="*")

    assert said["code"] == expected
    assert await door.office.acts() == before
