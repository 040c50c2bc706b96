"""What reaches buyers from the demonstration's pages, done in a real Chromium.

The workers of `make demo` go on beside it: what is saved is sent, and seen to arrive.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

from ocop_sync.cli.demo.open_service import open_service
from ocop_sync.service.identity.role import Role
from tests.demonstration import demonstrated
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.demonstrated import PATIENCE_MS, Demo, open_copy
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_phone_journeys import SLOW_BYTES_A_SECOND, WORDS
from tests.pictures import make_picture

pytestmark = pytest.mark.slow

LONG: Final = 180_000
"""Milliseconds: what a busy computer needs for a plan or a run."""


@pytest.fixture(scope="module")
async def demo(
    tmp_path_factory: pytest.TempPathFactory, chromium: Chromium
) -> AsyncIterator[Demo]:
    made = demonstrated(tmp_path_factory)
    to = tmp_path_factory.mktemp("demo") / "copy"
    async with open_copy(made.folder, to, chromium) as found:
        yield found


@pytest.mark.parametrize(
    ("language", "size", "has_script", "code"),
    [
        ("vi", NARROW, True, "MAU-00002"),
        ("en", NARROW, False, "MAU-00086"),
        ("en", WIDE, True, "MAU-00105"),
    ],
    ids=["vi-360", "en-360-no-script", "en-1366"],
)
async def test_a_producer_saves_a_price_sees_it_arrive_pauses_and_resumes(
    demo: Demo, language: str, size: tuple[int, int], has_script: bool, code: str
) -> None:
    words = WORDS[language]

    def journey(page: Page) -> None:
        page.goto("/p")
        page.locator(f"a[href='/p/{code}']").first.click()
        price = page.get_by_label(words["price"])
        was = int(re.sub(r"\D", "", price.input_value()))
        price.fill(str(was + 1000))
        page.get_by_role("button", name=words["save"]).click()
        page.get_by_role("status").filter(has_text=words["saved"]).wait_for()
        for _ in range(600):
            told = re.sub(r"[.,]", "", page.locator("#arrivals-1").inner_text())
            if told.count(f"{was + 1000}") == 2 and words["waits"] not in told:
                break
            page.wait_for_timeout(200)
            if not has_script:
                page.get_by_role("link", name=words["again"]).click()
        assert told.count(words["shown"]) == 2, told
        for act in ("pause", "resume"):
            page.get_by_role("link", name=words[f"see_{act}"]).click()
            page.get_by_role("button", name=words[act]).click()
            page.get_by_role("status").filter(has_text=words[f"{act}d"]).wait_for()
            assert not is_wider_than_the_window(page)

    async with demo.visit(
        Role.PRODUCER, language, size, java_script_enabled=has_script
    ) as window:
        await window.do(journey)


async def test_a_producer_takes_a_picture_and_puts_it_first(
    demo: Demo, tmp_path: Path
) -> None:
    taken = tmp_path / "ảnh.jpg"
    taken.write_bytes(make_picture(size=(3000, 2000)))

    def journey(page: Page) -> None:
        page.goto("/p/MAU-00127/pictures")
        before = page.locator(".own-picture").count()
        page.locator("input[capture]").set_input_files(taken)
        page.get_by_text("Ảnh sẽ gửi nặng").wait_for()
        page.get_by_role("button", name="Gửi ảnh").click()
        page.wait_for_url("**?done=added")
        assert page.locator(".own-picture").count() == before + 1
        page.get_by_role("button", name="Đưa lên đầu").last.click()
        page.wait_for_url("**?done=moved")
        assert faults_of(page) == []

    async with demo.visit(Role.PRODUCER, size=NARROW) as window:
        await window.do(journey)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
async def test_staff_see_in_a_plan_what_is_left_to_send_and_follow_a_run(
    demo: Demo, has_script: bool
) -> None:
    size = NARROW if has_script else WIDE

    def journey(page: Page) -> None:
        page.goto("/plans")
        page.locator("main form button").click()
        page.wait_for_url("**/plans/*", timeout=LONG)
        fits(page)
        page.goto("/runs/start")
        page.locator("main form button").click()
        page.wait_for_url(re.compile("/runs/[0-9a-f]+$"), timeout=LONG)
        for _ in range(300):
            if page.locator("h1").inner_text().startswith("Sync: Done"):
                break
            page.wait_for_timeout(200)
            if not has_script:
                page.reload()
        assert page.locator("h1").inner_text().startswith("Sync: Done")
        fits(page)
        page.goto("/runs")
        fits(page)

    def fits(page: Page) -> None:
        assert not is_wider_than_the_window(page), page.url
        if has_script:
            assert faults_of(page) == [], page.url

    async with demo.visit(
        Role.OPERATOR, "en", size, java_script_enabled=has_script
    ) as window:
        await window.do(journey)


@pytest.mark.parametrize(("language", "size"), [("vi", NARROW), ("en", WIDE)])
async def test_anybody_finds_what_is_certified_and_reads_that_nothing_can_be_bought(
    demo: Demo, language: str, size: tuple[int, int]
) -> None:
    said = {"vi": "Chưa mua được ở đây", "en": "Nothing can be bought yet"}

    def journey(page: Page) -> None:
        page.goto("/public")
        assert page.get_by_text(said[language]).is_visible()
        page.locator("#q").fill("ruoc mau 026")
        page.locator("#q").press("Enter")
        page.wait_for_url("**q=*")
        assert page.locator("tbody tr").count() == 1
        assert "Ruốc mẫu 026" in page.locator("tbody").inner_text()
        assert faults_of(page) == []
        assert not is_wider_than_the_window(page)

    async with demo.visit(None, language, size) as window:
        await window.do(journey)


@pytest.mark.parametrize(
    ("role", "path", "wanted", "most"),
    [
        (Role.VIEWER, "/", "a[href$='figure=held']", 30_000),
        (Role.PRODUCER, "/p", "a[href='/p/MAU-00143']", 60_000),
    ],
    ids=["leader", "producer"],
)
async def test_the_first_page_is_used_on_a_line_of_50_kbit(
    demo: Demo, role: Role, path: str, wanted: str, most: int
) -> None:
    sizes: list[float] = []

    def journey(page: Page) -> None:
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        line.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": 400,
                "downloadThroughput": SLOW_BYTES_A_SECOND,
                "uploadThroughput": SLOW_BYTES_A_SECOND,
            },
        )
        line.on(
            "Network.loadingFinished",
            lambda loaded: sizes.append(loaded["encodedDataLength"]),
        )
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert sum(sizes) < most
        page.locator(wanted).first.click()
        page.wait_for_url(lambda url: not url.endswith(path))
        page.locator("h1").wait_for()

    async with demo.visit(role, size=NARROW) as window:
        await window.do(journey)


async def test_each_role_signs_in_once_by_the_address_that_the_demonstration_prints(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    starts = {"Người xem": "/", "Cán bộ": "/worklist", "Quản trị": "/", "Cơ sở": "/p"}

    def sign_in(page: Page, address: str, start: str) -> None:
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        assert faults_of(page) == []
        page.locator("main button").click()
        page.wait_for_url(f"**{start}")
        assert page.locator("h1").is_visible()
        page.context.clear_cookies()
        again = page.goto(address)
        assert again is not None
        assert again.status in {403, 404} or not page.locator("main button").count()

    async with open_service(demo.deployment, lambda: None) as url:
        told = capsys.readouterr().out
        found = dict(
            re.findall(r"^  ([^/\n]+) / [^:\n]+: (http\S+)$", told, re.MULTILINE)
        )
        assert set(found) == set(starts)
        for role, start in starts.items():
            async with demo.chromium.visit(url) as window:
                await window.do(lambda page: sign_in(page, found[role], start))  # noqa: B023
            assert window.seen.hosts == {url.split("/")[2]}
