"""A form that makes something makes it once, however often it is sent."""

import asyncio
from typing import Any

import pytest
from aiohttp import FormData, web

from ocop_sync.api.kept_keys import KeptKeys
from ocop_sync.api.typed.idempotency import KeyUse
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.errors import NoSuchPlanError
from ocop_sync.pages.app import PAGES
from ocop_sync.pages.schedule_times import FIELDS
from ocop_sync.pages.sent_once import (
    DONE_BEFORE,
    MOST_ANSWERS,
    NOT_KNOWN,
    UNDER_WAY,
    SentForms,
)
from ocop_sync.pages.visit import see
from ocop_sync.service.identity.role import Role
from ocop_sync.service.plan.kept_plans import approve_plan, make_plan
from tests.acts import acts_of
from tests.api.doors import OURS, Browser, Door
from tests.factories import person
from tests.pages.test_plans import send
from tests.pages.test_runs import rows_of
from tests.pages.test_schedules import added
from tests.pages.visits import HTML, look, page_of, signed_in, token_on
from tests.world import World, listed

KEYS = "/keys"
NEW_KEY = "/keys/_new"
TYPED = {"name": "Bảng tin", "role": "viewer"}
USE = KeyUse(scope="form person:NV-00001", key="k" * 64, fingerprint="k" * 64)


def secret_on(answer_page: Any) -> str:
    return str(answer_page.one("textarea", id="secret").text.strip())


async def test_a_double_press_makes_one_key_and_shows_it_both_times(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    form = await look(browser, NEW_KEY)

    both = await asyncio.gather(*(send(browser, NEW_KEY, form, **TYPED) for _ in "ab"))

    first, second = [secret_on(await page_of(each)) for each in both]
    assert first == second
    assert (await door.bearer(first)).status == 200
    assert len(rows_of(await look(browser, KEYS))) == 1


async def test_what_was_made_is_shown_for_a_minute_and_not_made_again_afterwards(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    form = await look(browser, NEW_KEY)
    first = secret_on(await page_of(await send(browser, NEW_KEY, form, **TYPED)))
    world.time.pass_(seconds=59)
    again = secret_on(await page_of(await send(browser, NEW_KEY, form, **TYPED)))
    world.time.pass_(seconds=1)

    late = await page_of(await send(browser, NEW_KEY, form, **TYPED), 409)
    other = await send(browser, NEW_KEY, form, **TYPED | {"name": "Màn hình"})

    assert first == again
    assert late.one("h1").text == "Đã làm rồi, không làm lần nữa"
    assert first not in late.text
    assert secret_on(await page_of(other)) != first, "another key was typed"
    assert len(rows_of(await look(browser, KEYS))) == 2


async def test_a_form_with_a_fault_may_be_sent_again(door: Door) -> None:
    browser = await signed_in(door, Role.ADMIN)
    form = await look(browser, NEW_KEY)
    faulty = TYPED | {"role": "producer", "producers": "CS-9999"}

    found = [(await send(browser, NEW_KEY, form, **faulty)).status for _ in range(2)]

    assert found == [422, 422]


async def test_who_is_signed_in_elsewhere_is_answered_for_a_form_of_their_own(
    door: Door,
) -> None:
    one, other = [await signed_in(door, role) for role in (Role.ADMIN, Role.OPERATOR)]
    form = await look(one, NEW_KEY)
    await send(one, NEW_KEY, form, **TYPED)

    answer = await send(other, NEW_KEY, form, **TYPED)

    assert answer.status == 403


SENT_TWICE: dict[str, dict[str, str]] = {
    "/imports": {"source": "sở", "mode": "import"},
    "/keys/_new": TYPED,
    "/keys/{key_id}/rotation": {},
    "/people/_new": {"name": "Ng. Văn B", "role": "viewer"},
    "/people/_serving": {"name": "", "producers": "CS-0001"},
    "/people/{person}/password": {},
    "/plans": {"marketplace": "all"},
    "/plans/{plan}/run": {},
    "/producers/{producer}/links": {},
    "/products/{code}/certificates/{place}/{act}": {
        "reason": "gõ nhầm",
        "seen": "001/QĐ-MẪU 2023 2023-05-10",
    },
    "/products/{code}/certify": {
        "act": "reassess",
        "decision": "12/QĐ-UBND",
        "day": "1/3/2024",
        "stars": "5",
        "level": "tỉnh",
    },
    "/products/{code}/papers": {"act": "seen", "kind": "food_safety", "number": "7"},
    "/runs/start": {"work": "sync", "marketplace": "all"},
    "/schedules/_new": {**FIELDS, "name": "toi", "kind": "sync"},
    "/schedules/{name}/run": {},
}
"""What is typed into each form that makes something."""


def test_each_form_that_makes_something_is_tried() -> None:
    assert SENT_TWICE.keys() == {each.path for each in PAGES if each.makes}


async def prepared(door: Door, world: World, browser: Browser) -> dict[str, str]:
    """Have what forms are about; return the values of their addresses."""
    await listed(world, 1)
    await world.change(description="Bản mới.")
    plan = await make_plan(world.deployment, by=person("Bà Mẫu"))
    await approve_plan(
        world.deployment, plan, by=person("Bà Mẫu"), reason="xem", token=""
    )
    await added(world)
    made = await door.office.add("Ng. Văn C", Role.VIEWER)
    form = await look(browser, NEW_KEY)
    secret = secret_on(await page_of(await send(browser, NEW_KEY, form, **TYPED)))
    return {
        "key_id": secret.rpartition("_")[0],
        "person": made.id,
        "plan": str(plan),
        "producer": "CS-0001",
        "code": "SP-00001",
        "place": "1",
        "act": "void",
        "name": "sang",
    }


@pytest.mark.parametrize(
    "path", [each.path for each in PAGES if each.makes], ids=lambda path: path
)
async def test_whatever_a_form_makes_is_made_once(
    door: Door, world: World, path: str
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    address = path.format(**await prepared(door, world, browser))
    token = token_on(await look(browser, "/components"))
    fields = {"form_token": token, **SENT_TWICE[path]}

    async def sent() -> Any:
        if path != "/imports":
            return await browser.post(address, fields, OURS, **HTML)
        data: Any = FormData(fields, quote_fields=False)
        data.add_field("sheet", b"sku,stars\nSP-00001-1,9\n", filename="b.csv")
        return await browser.post(address, data, OURS, **HTML)

    if "certif" in path:
        told = await page_of(await sent())
        fields |= {
            e.attributes["name"]: e.attributes["value"]
            for e in told.one("section", aria_labelledby="asked").all("input")
        }
    first = await sent()
    acts = await acts_of(world.database)
    second = await sent()

    assert first.status in {200, 303}
    assert second.status == first.status
    assert second.headers.get("Location") == first.headers.get("Location")
    assert await second.read() == await first.read()
    assert await acts_of(world.database) == acts


async def led() -> web.StreamResponse:
    return see("/plans/1")


async def made_nothing() -> web.StreamResponse:
    raise AssertionError


async def once(world: World, make: Any = led, shown_once: bool = False) -> Any:
    """Send the form to another process, or to this one when it has begun anew."""
    keys = KeptKeys(world.database, world.time)
    return await SentForms().once(
        USE, make, keys=keys, clock=world.time, shown_once=shown_once
    )


async def test_another_process_leads_to_what_was_made(world: World) -> None:
    await once(world)

    answer = await once(world, made_nothing)

    assert (answer.status, answer.headers["Location"]) == (303, "/plans/1")


async def test_another_process_says_that_a_secret_was_shown(world: World) -> None:
    async def secret() -> web.StreamResponse:
        return web.Response(body=b"secret")

    await once(world, secret, shown_once=True)

    with pytest.raises(ProblemError) as told:
        await once(world, made_nothing, shown_once=True)
    assert told.value.kind is DONE_BEFORE


async def test_a_page_that_only_asks_and_a_refusal_have_made_nothing(
    world: World,
) -> None:
    async def asks() -> web.StreamResponse:
        return web.Response(body=b"if you press, this happens")

    async def refuses() -> web.StreamResponse:
        raise NoSuchPlanError(1)

    await once(world, asks)
    with pytest.raises(NoSuchPlanError):
        await once(world, refuses)

    assert (await once(world)).status == 303


async def test_after_a_failure_nobody_knows_and_nothing_is_made_again(
    world: World,
) -> None:
    async def fails() -> web.StreamResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await once(world, fails)

    with pytest.raises(ProblemError) as told:
        await once(world, made_nothing)
    assert told.value.kind is NOT_KNOWN


async def test_what_goes_on_elsewhere_is_told(world: World) -> None:
    async def meanwhile() -> web.StreamResponse:
        with pytest.raises(ProblemError) as told:
            await once(world, made_nothing)
        assert told.value.kind is UNDER_WAY
        return see("/plans/1")

    assert (await once(world, meanwhile)).status == 303


async def test_few_answers_are_known_at_a_time(world: World) -> None:
    forms, keys = SentForms(), KeptKeys(world.database, world.time)
    for n in range(MOST_ANSWERS + 20):
        use = KeyUse(scope=USE.scope, key=f"{n:064}", fingerprint=f"{n:064}")
        await forms.once(use, led, keys=keys, clock=world.time, shown_once=False)

    assert len(forms._answers) <= MOST_ANSWERS + 1
