"""What browsers may do with our pages: nothing that is not of this service."""

import gzip
import json

from ocop_sync.api.app import OPERATIONS
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.api.test_sign_in import link_of
from tests.pages.visits import HTML, look, signed_in, token_on


def directives(policy: str) -> dict[str, str]:
    parts = (each.strip().partition(" ") for each in policy.split(";"))
    return {name: value for name, _, value in parts}


async def test_a_page_runs_and_loads_nothing_but_files_of_ours(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    for path, status in (("/components", 200), ("/login", 200), ("/nothing", 404)):
        answer = await browser.get(path, **HTML)

        policy = directives(answer.headers["Content-Security-Policy"])
        assert answer.status == status
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert set(policy.values()) <= {"'none'", "'self'"}
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_htmx_evaluates_nothing_keeps_no_page_and_is_never_silent(
    door: Door,
) -> None:
    page = await look(await signed_in(door, Role.OPERATOR), "/components")

    settings = json.loads(page.one("meta", name="htmx-config").attributes["content"])
    assert settings["allowEval"] is False
    assert settings["includeIndicatorStyles"] is False
    assert settings["historyCacheSize"] == 0
    refused = [each for each in settings["responseHandling"] if each.get("error")]
    assert [(each["code"], each["swap"]) for each in refused] == [("[45]..", True)]
    assert page.one(id=refused[0]["target"].removeprefix("#")).attributes["role"] == (
        "alert"
    )


async def test_a_page_is_compressed_and_its_token_is_another_one_each_time(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    tokens = {token_on(await look(browser, "/components")) for _ in range(3)}
    answer = await browser.client.get(
        "/login", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    )

    assert len(tokens) == 3
    assert b"<!doctype html>" in gzip.decompress(await answer.read())


async def test_every_token_of_a_session_is_taken_and_none_that_is_changed(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    tokens = [token_on(await look(browser, "/components")) for _ in range(2)]
    changed = tokens[0][:-1] + ("0" if tokens[0][-1] != "0" else "1")

    statuses = [
        (await browser.post("/components", {"form_token": each})).status
        for each in [*tokens, changed, tokens[0][:64], tokens[0].upper()]
    ]

    assert statuses == [422, 422, 403, 403, 403]


def test_no_file_that_was_uploaded_or_made_is_answered_as_a_page() -> None:
    kinds = {kind for each in OPERATIONS for kind in each.media_types}

    assert "image/jpeg" in kinds
    assert not any("html" in kind or "svg" in kind for kind in kinds)


async def test_no_page_tells_the_address_of_a_link(door: Door) -> None:
    path, browser = await link_of(door), door.browser()

    answers = [
        await browser.get(path, **HTML),
        await browser.post(path, {}, **HTML),
        await browser.get(f"{path}x", **HTML),
    ]

    assert {each.headers["Referrer-Policy"] for each in answers} == {"no-referrer"}
    long = await browser.post(path, {"form_token": "x" * 20_000}, **HTML)
    assert (long.status, long.headers["Referrer-Policy"]) == (413, "no-referrer")
    assert path not in await long.text()
