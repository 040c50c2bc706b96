"""People sign in by pages, programs by keys: what is believed, and what is not.

The access is the real one; what stands behind it is tested elsewhere.
"""

import logging
import re
from collections.abc import Iterator

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.access.open_routes import OPEN, PUBLIC, PUBLIC_PAGES
from ocop_sync.service.identity import keys, links, people, sessions
from ocop_sync.service.identity.role import Role
from tests.api.doors import NAME, OURS, PHONE, Door, open_door, serve_settings
from tests.api.test_serving import say
from tests.identity import BOSS, PASSWORD
from tests.world import World

EVIL = "https://evil.example"


# Programs


async def test_a_key_is_believed_and_a_wrong_or_revoked_one_is_not(door: Door) -> None:
    key = await door.key(Role.PRODUCER, producers=["CS-0001"])

    answer = await door.bearer(key)
    assert await answer.json() == {
        "kind": "key",
        "id": key.rpartition("_")[0],
        "name": "Bảng",
        "role": "producer",
        "producers": ["CS-0001"],
    }
    await keys.revoke_key(door.office.identity, key.rpartition("_")[0], by=BOSS)

    for token in (key, "x", "", "é"):
        refused = await door.bearer(token.encode().decode("latin-1"))
        assert refused.status == 401
        assert refused.headers["WWW-Authenticate"].startswith('Bearer realm="')


async def test_a_cookie_opens_no_call_of_the_api(door: Door) -> None:
    await door.office.add(NAME)
    browser = door.browser()
    assert await browser.sign_in() == 303

    assert (await browser.get("/api/v1/me")).status == 401
    token = browser.cookies["__Host-ocop"]
    assert (await (await door.bearer(token)).json())["name"] == NAME


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("Authorization", "Basic {}")], id="another scheme"),
        pytest.param([("Authorization", "{}")], id="no scheme"),
        pytest.param(
            [("Authorization", "Bearer {}"), ("Authorization", "Bearer x")], id="two"
        ),
        pytest.param([("X-Api-Key", "{}")], id="another header"),
    ],
)
async def test_a_key_is_believed_as_bearer_alone(
    door: Door, headers: list[tuple[str, str]]
) -> None:
    key = await door.key()
    sent = [(name, value.format(key)) for name, value in headers]

    answer = await door.client.get("/api/v1/me", headers=sent)

    assert answer.status == 401


async def test_each_key_has_calls_of_its_own_also_behind_one_address(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    few = serve_settings(calls_per_minute=12, calls_per_minute_of_an_address=6)
    door = await open_door(world, aiohttp_client, few)
    busy, other = await door.key(), await door.key()

    statuses = [(await door.bearer(busy)).status for _ in range(3)]
    refused = await door.bearer(busy)
    assert statuses == [200, 200, 429]
    assert refused.headers["Retry-After"] == "5"
    assert (await refused.json())["code"] == "too_many_calls"

    nobody = [(await door.bearer("x")).status for _ in range(2)]
    assert nobody == [401, 429]
    assert (await door.bearer(other)).status == 200


async def test_open_calls_are_limited_by_address_each_kind_apart_and_health_never(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    few = serve_settings(calls_per_minute=12, calls_per_minute_of_an_address=12)
    door = await open_door(world, aiohttp_client, few)

    picture, push = f"/pictures/{'0' * 64}.jpg", "/push/memory/memory"
    for method, path in (("GET", picture), ("POST", push)):
        answers = [await door.client.request(method, path) for _ in range(3)]
        assert [each.status == 429 for each in answers] == [False, False, True]
        assert answers[2].headers["Retry-After"] == "5"
        assert (await answers[2].json())["code"] == "too_many_calls"

    assert (await door.client.get("/login")).status == 200
    live = [(await door.client.get("/health/live")).status for _ in range(3)]
    assert live == [200, 200, 200]


async def test_a_forged_address_neither_spares_nor_hits_anybody(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    few = serve_settings(calls_per_minute_of_an_address=6)
    door = await open_door(world, aiohttp_client, few)

    statuses = [
        (await door.bearer("x", headers={"X-Forwarded-For": f"192.0.2.{n}"})).status
        for n in range(2)
    ]

    assert statuses == [401, 429]


async def test_behind_a_named_proxy_each_address_counts_by_itself(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    few = serve_settings(
        calls_per_minute_of_an_address=6, trusted_proxies=["127.0.0.0/8"]
    )
    door = await open_door(world, aiohttp_client, few)

    statuses = [
        (
            await door.bearer("x", headers={"X-Forwarded-For": f"192.0.2.9, {each}"})
        ).status
        for each in ("203.0.113.1", "203.0.113.2", "203.0.113.1")
    ]

    assert statuses == [401, 401, 429]


# Staff


async def test_staff_act_for_a_producer_and_for_that_one_alone(door: Door) -> None:
    key, acts_for = await door.key(Role.OPERATOR), {"Acts-For": "CS-0001"}

    statuses = [
        (
            await door.bearer(
                key,
                f"/api/v1/products/SP-0000{n}/pause",
                method="PUT",
                json={"paused": True},
                headers=acts_for,
            )
        ).status
        for n in (1, 2)
    ]

    assert statuses == [200, 404]
    last = (await door.office.acts())[-1]
    assert (last.entry.subjects, last.entry.acts_for) == (["SP-00001"], "CS-0001")
    assert last.by.ref == key.rpartition("_")[0]


async def test_an_answer_for_one_producer_is_not_given_again_for_another(
    door: Door,
) -> None:
    key, path = await door.key(Role.OPERATOR), "/api/v1/bulk/stock-and-price"
    body = {"items": [{"sku": "SP-00001-1", "stock": {"on_hand": 7}}]}

    told = []
    for producer in ("CS-0001", "CS-0002", "CS-0001"):
        headers = {"Acts-For": producer, "Idempotency-Key": "a"}
        answer = await door.bearer(key, path, method="POST", json=body, headers=headers)
        told.append((await answer.json())["items"][0]["outcome"])

    assert told == ["applied", "not_found", "applied"]


@pytest.mark.parametrize(
    ("role", "value", "status"),
    [
        (Role.PRODUCER, "CS-0002", 403),
        (Role.PRODUCER, "CS-0001", 403),
        (Role.OPERATOR, "CS 1", 404),
        (Role.OPERATOR, "x" * 33, 404),
        (Role.OPERATOR, "Nguyen.Van.A", 404),
    ],
)
async def test_a_producer_acts_for_nobody_else_and_nobody_for_what_is_none(
    door: Door, role: Role, value: str, status: int
) -> None:
    of = {"producers": ["CS-0001"]} if role is Role.PRODUCER else {}
    key = await door.key(role, **of)

    answer = await door.bearer(key, headers={"Acts-For": value})

    assert answer.status == status


async def test_a_device_whose_name_is_no_text_acts_all_the_same(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    # The test server's own log repeats the name; workers of a run cannot pass that on.
    caplog.set_level(logging.WARNING, "aiohttp.access")
    key, body = await door.key(Role.OPERATOR), b'{"paused": true}'

    answer = await say(
        str(door.client.make_url("/")),
        b"PUT /api/v1/products/SP-00001/pause HTTP/1.1",
        b"Host: a",
        b"User-Agent: M\xff\xfe1",
        f"Authorization: Bearer {key}".encode(),
        b"Content-Type: application/json",
        f"Content-Length: {len(body)}\r\n\r\n".encode() + body,
    )

    assert b" 200 " in answer
    last = (await door.office.acts())[-1]
    assert last.by.origin.endswith(" M\ufffd\ufffd1")


async def test_staff_sign_in_by_a_form_and_out_by_another(door: Door) -> None:
    await door.office.add(NAME)
    browser = door.browser()

    assert await browser.sign_in("ng. van a") == 303
    assert set(browser.cookies) == {"__Host-ocop"}
    first = browser.cookies["__Host-ocop"]
    assert "Đã đăng nhập" in await (await browser.get("/login")).text()

    out = await browser.post("/logout", await browser.form("/login"))

    assert (out.status, out.headers["Location"], browser.cookies) == (303, "/login", {})
    assert (await door.bearer(first)).status == 401
    kinds = [each.entry.kind for each in await door.office.acts()]
    assert kinds[-2:] == ["sign_in", "end_session"]


async def test_each_sign_in_is_a_new_session_and_ends_the_one_of_that_browser(
    door: Door,
) -> None:
    path, browser, other = await link_of(door), door.browser(), door.browser()
    added = await door.office.add(NAME)
    await other.sign_in()
    await browser.sign_in()
    first = browser.cookies["__Host-ocop"]

    await browser.post(path, await browser.form(path))
    second = browser.cookies["__Host-ocop"]

    tokens = (first, second, other.cookies["__Host-ocop"])
    statuses = [(await door.bearer(each)).status for each in tokens]
    assert statuses == [401, 200, 200]
    assert len(await sessions.sessions_of(door.office.identity, added.id)) == 1


async def test_a_wrong_password_and_an_unknown_name_are_told_in_the_same_words(
    door: Door,
) -> None:
    await door.office.add(NAME)
    told = []
    for name in (NAME, "Không Ai"):
        browser = door.browser()
        form = await browser.form("/login") | {"name": name, "password": "sai " * 4}
        answer = await browser.post("/login", form)
        text = await answer.text()
        assert "sai sai" not in text
        text = re.sub(r'value="[^"]*"', "", text)
        told.append((answer.status, text, sorted(answer.headers)))

    assert told[0] == told[1]
    assert told[0][0] == 403


async def test_what_was_typed_as_a_name_is_shown_as_text(door: Door) -> None:
    browser = door.browser()
    form = await browser.form("/login") | {"name": '"><script>', "password": "x"}

    text = await (await browser.post("/login", form)).text()

    assert 'value="&#34;&gt;&lt;script&gt;"' in text
    assert "<script" not in text


async def test_failed_sign_ins_wait_longer_and_the_right_one_still_gets_in(
    door: Door, world: World
) -> None:
    await door.office.add(NAME)
    browser = door.browser()
    began = world.time.now
    for _ in range(6):
        assert await browser.sign_in(password="sai mật khẩu") == 403  # noqa: S106  (wrong)

    assert (world.time.now - began).total_seconds() == 1 + 2 + 4
    assert await browser.sign_in() == 303


async def test_a_sign_in_that_succeeds_begins_anew(door: Door, world: World) -> None:
    await door.office.add(NAME)
    for _ in range(4):
        await door.browser().sign_in()
    began = world.time.now

    for _ in range(2):
        assert await door.browser().sign_in(password="sai mật khẩu") == 403  # noqa: S106  (wrong)

    assert world.time.now == began


async def test_pages_are_limited_by_address_with_the_time_to_come_back(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    few = serve_settings(calls_per_minute_of_an_address=6)
    door = await open_door(world, aiohttp_client, few)

    answers = [await door.browser().get("/login") for _ in range(2)]

    assert [each.status for each in answers] == [200, 429]
    assert answers[1].headers["Retry-After"] == "10"
    assert "Nhiều lần thử quá" in await answers[1].text()


@pytest.mark.parametrize("password", ["", "x" * 9_000, "\0", "\ud800"])
async def test_a_password_that_cannot_be_is_wrong_and_nothing_worse(
    door: Door, password: str
) -> None:
    await door.office.add(NAME)
    sent = password.encode("utf-8", "surrogatepass").decode("latin-1")

    assert await door.browser().sign_in(password=sent) == 403


async def test_a_form_that_is_too_long_is_refused(door: Door) -> None:
    assert await door.browser().sign_in(password="x" * 20_000) == 413


@pytest.mark.parametrize(
    ("origin", "more"),
    [
        pytest.param(EVIL, {}, id="forged"),
        pytest.param("null", {}, id="hidden"),
        pytest.param("", {}, id="none"),
        pytest.param(OURS, {"Sec-Fetch-Site": "cross-site"}, id="told by the browser"),
    ],
)
async def test_a_form_of_another_origin_signs_nobody_in_or_out(
    door: Door, origin: str, more: dict[str, str]
) -> None:
    await door.office.add(NAME)
    browser = door.browser()
    form = await browser.form("/login") | {"name": NAME, "password": PASSWORD}
    assert (await browser.post("/login", form, origin, **more)).status == 403
    assert "__Host-ocop" not in browser.cookies

    await browser.sign_in()
    token = browser.cookies["__Host-ocop"]
    out = await browser.form("/login")
    assert (await browser.post("/logout", out, origin, **more)).status == 403
    assert (await door.bearer(token)).status == 200


@pytest.mark.parametrize("path", ["/login", "/logout"])
async def test_a_form_without_its_token_does_nothing(door: Door, path: str) -> None:
    await door.office.add(NAME)
    browser = door.browser()
    await browser.form("/login")
    if path == "/logout":
        await browser.sign_in()

    answer = await browser.post(path, {"name": NAME, "password": PASSWORD})

    assert answer.status == 403


async def test_the_form_of_another_browser_is_of_no_use(door: Door) -> None:
    await door.office.add(NAME)
    theirs, mine = door.browser(), door.browser()
    form = await theirs.form("/login") | {"name": NAME, "password": PASSWORD}
    await mine.form("/login")

    assert (await mine.post("/login", form)).status == 403
    assert (await door.browser().post("/login", form)).status == 403


async def test_another_role_or_a_disabling_holds_within_a_session(door: Door) -> None:
    added = await door.office.add(NAME, Role.ADMIN)
    browser = door.browser()
    await browser.sign_in()
    token = browser.cookies["__Host-ocop"]

    await people.change_person(
        door.office.identity, added.id, role=Role.VIEWER, by=BOSS
    )
    assert (await (await door.bearer(token)).json())["role"] == "viewer"
    await people.disable_person(door.office.identity, added.id, by=BOSS)
    assert (await door.bearer(token)).status == 401


async def test_own_sessions_are_listed_and_ended_and_nobody_elses(door: Door) -> None:
    await door.office.add("Lê B")
    await door.office.add(NAME)
    tokens = []
    for name in (NAME, NAME, "Lê B"):
        browser = door.browser()
        await browser.sign_in(name)
        tokens.append(browser.cookies["__Host-ocop"])
    first, second, other = tokens

    async def end(number: int) -> int:
        path = f"/api/v1/sessions/{number}"
        answer = await door.bearer(first, path, method="DELETE")
        return int(answer.status)

    listed = await (await door.bearer(first, "/api/v1/sessions")).json()
    found = [
        (each["id"], each["is_this"], each["device"]) for each in listed["sessions"]
    ]
    assert found == [(1, True, PHONE), (2, False, PHONE)]
    assert [await end(number) for number in (3, 2, 2)] == [404, 204, 404]
    statuses = [(await door.bearer(each)).status for each in (first, second, other)]
    assert statuses == [200, 401, 200]
    assert [await end(1), (await door.bearer(first)).status] == [204, 401]


async def test_a_key_has_no_sessions(door: Door) -> None:
    await door.office.add(NAME)
    await door.browser().sign_in()
    key = await door.key(Role.ADMIN)

    found = await (await door.bearer(key, "/api/v1/sessions")).json()
    assert found == {"sessions": [], "next": None}
    ended = await door.bearer(key, "/api/v1/sessions/1", method="DELETE")
    assert ended.status == 404


# Producers


async def link_of(door: Door, producer_id: str = "CS-0001") -> str:
    made = await links.make_link(door.office.identity, producer_id, by=BOSS)
    return f"/link/{made.token}"


async def test_a_link_shows_its_producer_and_signs_in_once(door: Door) -> None:
    path, browser = await link_of(door), door.browser()

    shown = await browser.get(path)
    assert "Cơ sở Mẫu 001" in await shown.text()
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["Cache-Control"] == "no-store"
    form = await browser.form(path)
    used = await browser.post(path, form)
    assert (used.status, used.headers["Location"]) == (303, "/p")

    me = await (await door.bearer(browser.cookies["__Host-ocop"])).json()
    assert (me["role"], me["producers"]) == ("producer", ["CS-0001"])


async def test_a_link_that_a_messenger_fetches_is_not_used_up(door: Door) -> None:
    path = await link_of(door)
    before = len(await door.office.acts())

    for method in ("GET", "HEAD", "GET"):
        fetched = await door.client.request(method, path, headers={"Origin": EVIL})
        assert fetched.status == 200

    assert len(await door.office.acts()) == before
    (listed,) = await links.listed_links(door.office.identity)
    assert listed.holds
    browser = door.browser()
    assert (await browser.post(path, await browser.form(path))).status == 303


async def test_a_link_is_not_replayed(door: Door) -> None:
    path, first, second = await link_of(door), door.browser(), door.browser()
    form, other = await first.form(path), await second.form(path)
    assert (await first.post(path, form)).status == 303

    assert (await second.post(path, other)).status == 404
    assert (await first.post(path, form)).status == 403  # its cookie is gone
    assert (await door.browser().get(path)).status == 404
    assert "__Host-ocop" not in second.cookies


async def test_a_link_that_ends_or_is_voided_is_told_alike(door: Door) -> None:
    old = await link_of(door)
    path = await link_of(door)
    voided = await door.browser().get(old)
    door.office.time.pass_(days=7)

    ended = await door.browser().get(path)
    nonsense = await door.browser().get("/link/x")

    assert [each.status for each in (voided, ended, nonsense)] == [404, 404, 404]
    assert await voided.text() == await ended.text() == await nonsense.text()


@pytest.mark.parametrize(
    ("origin", "more", "status"),
    [
        # What browsers state from a page that sends no referrer.
        pytest.param(
            "null", {"Sec-Fetch-Site": "same-origin"}, 303, id="as browsers do"
        ),
        pytest.param("null", {}, 303, id="an older browser"),
        pytest.param("null", {"Sec-Fetch-Site": "cross-site"}, 403, id="sandboxed"),
        pytest.param(EVIL, {}, 403, id="forged"),
        pytest.param("", {}, 403, id="none"),
    ],
)
async def test_a_link_is_used_from_its_own_page_alone(
    door: Door, origin: str, more: dict[str, str], status: int
) -> None:
    path, browser = await link_of(door), door.browser()
    form = await browser.form(path)

    assert (await browser.post(path, form, origin, **more)).status == status


async def test_a_link_is_not_used_by_a_page_that_does_not_know_its_form(
    door: Door,
) -> None:
    path, browser = await link_of(door), door.browser()
    await browser.form(path)

    for form in ({}, {"form_token": "0" * 64}):
        assert (await browser.post(path, form, "null")).status == 403
    (listed,) = await links.listed_links(door.office.identity)
    assert listed.holds


async def test_no_line_of_the_log_holds_a_token_or_a_password(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    await door.office.add(NAME)
    path, browser = await link_of(door), door.browser()
    with caplog.at_level(logging.DEBUG):
        await browser.post(path, await browser.form(path))
        await browser.post(path, {})
        await browser.get(path)
        session = browser.cookies["__Host-ocop"]
        await door.bearer(session)
        await door.browser().sign_in()

    lines = "\n".join(repr(vars(each)) for each in ours(caplog))
    assert "/link/{token}" in lines
    for secret in (path.rpartition("/")[2], session, PASSWORD, "form_token="):
        assert secret not in lines


def ours(caplog: pytest.LogCaptureFixture) -> Iterator[logging.LogRecord]:
    """Yield the lines of the service, without those of the client that calls it."""
    return (each for each in caplog.records if each.name.startswith("ocop_sync"))


# All routes


@pytest.mark.parametrize("is_public", [False, True], ids=["", "public figures"])
async def test_nothing_is_open_to_everybody_but_what_the_list_names(
    world: World, aiohttp_client: AiohttpClient, is_public: bool
) -> None:
    many = serve_settings(
        calls_per_minute_of_an_address=100_000, public_figures=is_public
    )
    door = await open_door(world, aiohttp_client, many)
    answered = set()
    app = door.client.server.app  # type: ignore[attr-defined]
    for route in app.router.routes():
        path = re.sub(r"\{\w+\}", "1", route.resource.canonical)
        answer = await door.client.request(route.method, path, allow_redirects=False)
        if answer.status != 401:
            answered.add(route.resource.canonical)

    public = PUBLIC | PUBLIC_PAGES
    assert answered <= (OPEN | public if is_public else OPEN)
    assert (answered & public) == (public if is_public else set())
    assert {"/health/live", "/login", "/link/{token}"} <= answered
