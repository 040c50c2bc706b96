"""Where people carry a marketplace's lists to us, their age stands beside the figures.

Elsewhere nothing is told of it.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, Final, cast

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from catalog.vietnam_time import day_in_vietnam, moment
from ocop_sync.cli.status import _show
from ocop_sync.cli.views.coverage import show_coverage
from ocop_sync.service.identity.role import Role
from ocop_sync.service.queries.coverage_figures import coverage_of
from ocop_sync.service.queries.status import status
from tests.api.doors import Browser, Door, open_door, serve_settings
from tests.kept_files import KeptFiles
from tests.pages.visits import look, signed_in
from tests.people_marketplace import ByPeople
from tests.world import World, open_world

LIST: Final = "/coverage/products?marketplace=people&figure=listed"
PAGES: Final = ("/", "/report", LIST)
ACCOUNTS: Final = ("/accounts", "/accounts/people")


@pytest.fixture
async def world(
    kept_files: KeptFiles, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A marketplace by people beside one that answers."""
    monkeypatch.setattr("ocop_sync.store.db.database._sqlite", kept_files.open)
    others: Any = {"people": ByPeople}
    with kept_files.database() as url:
        async with open_world(url, ("memory", "people"), others=others) as world:
            yield world


@pytest.fixture
async def door(world: World, aiohttp_client: AiohttpClient) -> Door:
    return await open_door(world, aiohttp_client, serve_settings())


async def told_on(
    browser: Browser, paths: Sequence[str], language: str = "vi"
) -> list[str]:
    await browser.get(f"/?lang={language}")
    return [(await look(browser, path)).text for path in paths]


async def on_the_api(door: Door, path: str) -> Any:
    key = await door.key(Role.OPERATOR)
    return await (await door.bearer(key, f"/api/v1/{path}")).json()


async def test_pages_say_beside_figures_how_old_the_list_is_and_may_be(
    world: World, door: Door
) -> None:
    people, browser = cast("ByPeople", world.markets["people"]), await signed_in(door)
    await world.sync(follow_s=0)
    none = await told_on(browser, PAGES)
    people.tell()
    await world.sync(follow_s=0)
    at = moment(people.told_at)
    world.time.pass_(hours=1)
    fresh = await told_on(browser, PAGES)
    english = await told_on(browser, PAGES, "en")
    world.time.pass_(hours=24)
    old = await told_on(await signed_in(door, Role.OPERATOR), PAGES)

    for text in none:
        assert text.count("Chưa có danh sách tin của sàn; cần một danh sách") == 1
    for text in fresh:
        told = f"Theo danh sách tin của sàn lúc {at}, được cũ tới 24 giờ"
        assert text.count(told) == text.count("danh sách tin của sàn") == 1
        assert "đã cũ hơn" not in text
    for text in english:
        assert f"By the marketplace's list of {at}, which may be 24 hours old" in text
    assert all("đã cũ hơn, cần danh sách mới" in text for text in old)


async def test_accounts_say_how_old_their_lists_may_be(door: Door) -> None:
    browser = await signed_in(door)
    for text in await told_on(browser, ACCOUNTS):
        assert text.count("theo danh sách được mang về, được cũ tới 24 giờ") == 1
    [other] = await told_on(browser, ["/accounts/memory"])

    assert "danh sách được mang về" not in other
    found = await on_the_api(door, "accounts")
    assert {each["key"]: each["read_age_s"] for each in found["accounts"]} == {
        "memory": None,
        "people": 86_400,
    }


async def test_of_a_past_day_no_age_is_told(world: World, door: Door) -> None:
    people = cast("ByPeople", world.markets["people"])
    people.tell()
    await world.sync(follow_s=0)
    day = day_in_vietnam(world.time())
    world.time.pass_(hours=24)

    past = [f"/?day={day}", f"/report?day={day}", f"{LIST}&day={day}"]
    for text in await told_on(await signed_in(door), past):
        assert "danh sách tin của sàn" not in text
    assert (await on_the_api(door, f"coverage?day={day}"))["read_ages"] == []


async def test_api_and_command_line_tell_the_same(
    world: World, door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    people = cast("ByPeople", world.markets["people"])
    people.tell()
    await world.sync(follow_s=0)
    world.time.now = people.told_at + timedelta(hours=24)

    told = {
        "marketplace": "people",
        "at_most_s": 86_400,
        "read_at": people.told_at.isoformat(),
        "is_too_old": False,
    }
    for path in ("coverage", "status"):
        [found] = (await on_the_api(door, path))["read_ages"]
        assert found == {**told, "read_at": found["read_at"]}
        assert found["read_at"].startswith(f"{people.told_at:%Y-%m-%dT%H:%M}")
    assert (await on_the_api(door, "coverage?marketplace=memory"))["read_ages"] == []
    _show(await status(world.deployment))
    show_coverage(await coverage_of(world.deployment))
    said = " ".join(capsys.readouterr().out.split())
    assert (
        said.count(f"people: Theo danh sách tin của sàn lúc {moment(people.told_at)}")
        == 2
    )


async def test_the_worklist_says_what_to_do_for_a_newer_list(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    [text] = await told_on(browser, ["/worklist"])

    assert "Cần danh sách tin mới của tài khoản “people”" in text
    assert text.count("Cần danh sách tin mới") == 1
    assert "rồi nạp, hoặc xem tài khoản rồi xác nhận" in text
