"""Forms with files: read as browsers write them, bounded, and of our pages alone."""

from collections.abc import AsyncIterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse

from ocop_sync.api.typed.call import Upload
from ocop_sync.api.typed.form_parts import MOST_PARTS
from ocop_sync.pages.visit import Visit
from ocop_sync.service.identity.role import Role
from tests.api.doors import Browser, Door
from tests.pages.chromium import Chromium
from tests.pages.open_service import OpenService
from tests.pages.visits import HTML, look, page_of, signed_in, token_on

BOUNDARY = "----WebKitFormBoundaryAbC123"
FILE = b"--\r\n----WebKitFormBoundaryAb\r\n\r\n\x00\xff" * 2000
"""Bytes that look like the beginnings of marks."""


def field(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()


def file(content: bytes, name: str = "bảng.xlsx", of: str = "file") -> bytes:
    head = (
        f'Content-Disposition: form-data; name="{of}"; filename="{name}"\r\n'
        "Content-Type: text/html\r\n\r\n"
    )
    return head.encode() + content


def body_of(*parts: bytes) -> bytes:
    mark = f"--{BOUNDARY}".encode()
    return (
        b"".join(mark + b"\r\n" + each + b"\r\n" for each in parts) + mark + b"--\r\n"
    )


class Pages:
    """The page of all components, whose form takes a file; and what it was given."""

    def __init__(self, browser: Browser, token: str) -> None:
        self.browser = browser
        self.token = token
        self.seen: list[Visit] = []
        self.contents: list[bytes] = []

    async def send(self, body: Any, boundary: str = BOUNDARY) -> ClientResponse:
        kind = f"multipart/form-data; boundary={boundary}"
        headers = {"Content-Type": kind, **HTML}
        return await self.browser.post("/components", body, **headers)

    def note(self, visit: Visit) -> None:
        self.seen.append(visit)
        self.contents += [each.path.read_bytes() for each in visit.files.values()]

    @property
    def fields(self) -> dict[str, str]:
        (visit,) = self.seen
        return {k: v for k, v in visit.form.items() if k != "form_token"}

    @property
    def file(self) -> Upload:
        (visit,) = self.seen
        return visit.files["file"]


@pytest.fixture
async def pages(door: Door, monkeypatch: pytest.MonkeyPatch) -> Pages:
    browser = await signed_in(door, Role.OPERATOR)
    made = Pages(browser, token_on(await look(browser, "/components")))
    page = Visit.page

    def noted(visit: Visit, *args: Any, **values: Any) -> Any:
        made.note(visit)
        return page(visit, *args, **values)

    monkeypatch.setattr(Visit, "page", noted)
    return made


@pytest.mark.parametrize("size", [1, 7, 4096, 1_000_000])
async def test_fields_and_files_are_read_however_their_bytes_arrive(
    pages: Pages, size: int
) -> None:
    sent = body_of(
        field("form_token", pages.token),
        field("price", "85\r\n000"),
        field("price", "Giá 2"),
        field("empty", ""),
        file(FILE if size > 1 else FILE[:300]),
    )

    async def in_pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(sent), size):
            yield sent[at : at + size]

    shown = await page_of(await pages.send(in_pieces()), 422)

    assert pages.fields == {"price": "Giá 2", "empty": ""}
    assert pages.contents == [FILE if size > 1 else FILE[:300]]
    assert pages.file.size == len(pages.contents[0])
    assert pages.file.sha256 == sha256(pages.contents[0]).hexdigest()
    assert "Đã nhận bảng.xlsx, không giữ lại." in shown.text


async def test_a_file_is_gone_once_the_page_is_answered(pages: Pages) -> None:
    await pages.send(body_of(field("form_token", pages.token), file(FILE)))

    assert not pages.file.path.exists()
    assert pages.file.path != Path(pages.file.name)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("C:\\Sở\\bảng 1.xlsx", "bảng 1.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("a%22b%0D%0A.xlsx", 'a"b  .xlsx'),
        ("..", ".."),
        ("\x1b[2J\u202ea.csv", "[2Ja.csv"),
        ("a" * 300, "a" * 200),
    ],
)
async def test_the_name_of_a_file_is_no_path_and_has_no_sign_that_does_not_print(
    pages: Pages, sent: str, name: str
) -> None:
    await pages.send(body_of(field("form_token", pages.token), file(b"x", sent)))

    assert pages.file.name == name


async def test_a_field_in_which_no_file_was_chosen_is_none(pages: Pages) -> None:
    await pages.send(body_of(field("form_token", pages.token), file(b"", "")))

    assert pages.seen[0].files == {}


NO_FORMS = {
    "not ended": body_of(file(FILE))[:-8],
    "nothing": b"",
    "something before it": b"x\r\n" + body_of(field("a", "b")),
    "no name": body_of(b"Content-Disposition: form-data\r\n\r\nx"),
    "no head": body_of(b"\r\n\r\nx"),
    "a head that is too long": body_of(b"x" * 5000 + field("price", "")),
    "an attachment": body_of(b'Content-Disposition: attachment; name="a"\r\n\r\nx'),
    "a file of another name": body_of(file(b"x", of="other")),
    "a file twice": body_of(file(b"x"), file(b"y")),
    "too many parts": body_of(*(field(f"n{n}", "") for n in range(MOST_PARTS + 1))),
}


@pytest.mark.parametrize("kind", NO_FORMS)
async def test_what_is_no_form_of_ours_is_refused_by_a_page(
    pages: Pages, kind: str
) -> None:
    page = await page_of(await pages.send(NO_FORMS[kind]), 400)

    assert page.one("h1").text == "Yêu cầu này chưa đúng"
    assert pages.seen == []


async def test_a_form_without_its_mark_is_refused(pages: Pages) -> None:
    await page_of(await pages.send(body_of(field("a", "b")), "a b"), 400)


TOO_LARGE = {
    "by its own word": [file(b"x" * 2_000_000)],
    "a file as large as a file with fields may be": [file(b"x" * 1_000_001)],
    "a field": [field("price", "x" * 70_000)],
    "fields together": [field(f"n{n}", "x" * 5000) for n in range(14)],
}


@pytest.mark.parametrize("kind", TOO_LARGE)
async def test_what_is_too_large_is_told_by_a_page_and_nothing_is_done(
    pages: Pages, kind: str
) -> None:
    sent = body_of(field("form_token", pages.token), *TOO_LARGE[kind])

    page = await page_of(await pages.send(BytesIO(sent)), 413)

    assert page.one("h1").text == "Gửi lên quá lớn"
    assert ("nhiều nhất 1 MB" in page.text) == ("file" in kind or "word" in kind)
    assert pages.seen == []


async def test_a_form_with_a_file_is_taken_of_our_pages_alone(
    door: Door, pages: Pages
) -> None:
    other = token_on(await look(door.browser(), "/login"))

    for fields in ([], [field("form_token", other)]):
        page = await page_of(await pages.send(body_of(*fields, file(FILE))), 403)
        assert "được gửi từ trang khác" in page.text

    assert pages.seen == []


async def test_a_form_that_may_hold_no_file_takes_none(pages: Pages) -> None:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    sent: Any = body_of(field("form_token", pages.token), file(FILE))

    answer = await pages.browser.post("/logout", sent, **kind, **HTML)

    assert answer.status == 415


async def test_chromium_sends_a_file_and_shows_the_page_of_one_that_is_too_large(
    chromium: Chromium, service: OpenService, tmp_path: Path
) -> None:
    small, large = tmp_path / "Giá “mới”.csv", tmp_path / "lớn.csv"
    small.write_bytes(b"a,b\r\n")
    large.write_bytes(b"x" * 30_000_000)

    def journey(page: Any) -> None:
        page.goto("/components")
        page.get_by_label("Tệp").set_input_files(small)
        page.get_by_role("button", name="Lưu giá").click()
        page.get_by_text("Đã nhận Giá “mới”.csv, không giữ lại.").wait_for()
        page.get_by_label("Tệp").set_input_files(large)
        page.get_by_role("button", name="Lưu giá").click()
        page.get_by_role("heading", name="Gửi lên quá lớn").wait_for()
        assert "chỉ nhận tệp nhiều nhất 1 MB" in page.locator("main").inner_text()

    async with chromium.visit(service.url) as window:
        await service.sign_in(window)
        await window.do(journey)
