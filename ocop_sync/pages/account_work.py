"""The work of people at an account without an API: batches out, what they did in.

What must go down stands first, with its deadline. A file that comes in is taken line by
line; what was not taken is named by its cell.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.errors import FeedError
from catalog.vietnam_time import VIETNAM
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.neutral_words import of_sheets
from ocop_sync.api.problems import in_both_languages
from ocop_sync.api.routes.accounts import AccountPath
from ocop_sync.api.routes.imports import MOST_BYTES
from ocop_sync.api.typed.form_parts import FilesRule
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.errors import PlanError
from ocop_sync.pages.account_words import account_address
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.made_files import send_made
from ocop_sync.pages.navigation import ACCOUNTS
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.department.hand_batches import Told, call_off_batch
from ocop_sync.service.department.hand_downloads import (
    close_batch_once,
    hand_standing,
    import_file,
    is_word,
    last_out,
    take_word_said,
    write_batch_pictures,
    write_batch_workbook,
)

SHEET: Final = "sheet"
AS_OF: Final = "as_of"
_WORD_AS_OF: Final = "word_as_of"
_FILES: Final = FilesRule(names=(SHEET,), most_bytes=MOST_BYTES)

_NO_FILE: Final = Text(
    "Chọn bảng đã điền, hoặc danh sách tải từ sàn.",
    "Choose the sheet that was filled in, or the marketplace's list.",
)
_NO_TIME: Final = Text(
    "Ghi ngày và giờ, ví dụ 05/12/2026 08:30.",
    "Enter a day and a time, such as 05/12/2026 08:30.",
)
_NO_WORD: Final = Text("Chọn một trong hai câu.", "Choose one of both.")
_DIGITS: Final = 10
_LAYOUTS: Final = ("%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M")


class WorkQuery(Model):
    """What has just been done."""

    done: Literal["closed", "off", "told"] | None = None


class BatchPath(AccountPath):
    """Which batch."""

    batch: Annotated[int, Field(ge=1, le=2**31 - 1), WHOLE]
    """Its number at this account."""


async def show_work(visit: Visit) -> web.Response:
    """Show what must go down, what is out, and the forms."""
    as_department(visit.asker)
    return await _page(visit)


async def close(visit: Visit) -> web.Response:
    """Close what waits as a batch."""
    as_department(visit.asker)
    key, after = visit.path(AccountPath).key, visit.form.get("after", "")
    try:
        await close_batch_once(
            visit.deployment,
            key,
            by=visit.asker.actor,
            after=int(after) if after.isdecimal() and len(after) < _DIGITS else 0,
        )
    except PlanError as error:
        return await _page(visit, faults=[("close", _words_of(error))])
    return see(f"{_address(key)}?done=closed")


async def call_off(visit: Visit) -> web.Response:
    """Let a batch be carried out by nobody."""
    as_department(visit.asker)
    path = visit.path(BatchPath)
    await call_off_batch(visit.deployment, path.key, path.batch, by=visit.asker.actor)
    return see(f"{_address(path.key)}?done=off")


async def hand_in(visit: Visit) -> web.Response:
    """Take a filled-in batch, or the marketplace's list, and say what came of it."""
    as_department(visit.asker)
    key, file = visit.path(AccountPath).key, visit.files.get(SHEET)
    at, fault = _typed(visit.form.get(AS_OF, ""))
    if file is None or fault is not None:
        faults = [(SHEET, _NO_FILE)] if file is None else []
        return await _page(visit, faults=[*faults, *([fault] if fault else [])])
    try:
        told = await visit.long_work.do(
            import_file,
            file.path,
            key,
            by=visit.asker.actor,
            as_of=at,
            correct=visit.form.get("correct") == "yes",
        )
    except FeedError as error:
        said = "; ".join(map(of_sheets, error.problems))
        return await _page(visit, faults=[(SHEET, Text(*in_both_languages(said)))])
    except PlanError as error:
        return await _page(visit, faults=[(AS_OF, _words_of(error))])
    return await _page(visit, told=told)


async def give_word(visit: Visit) -> web.Response:
    """Take one's word for all that the account holds."""
    as_department(visit.asker)
    key = visit.path(AccountPath).key
    at, fault = _typed(visit.form.get(_WORD_AS_OF, ""), _WORD_AS_OF)
    said = visit.form.get("word", "")
    if fault is not None or not is_word(said):
        return await _page(visit, faults=[fault or ("word", _NO_WORD)])
    by = visit.asker.actor
    try:
        await take_word_said(visit.deployment, key, said, by=by, as_of=at)
    except PlanError as error:
        return await _page(visit, faults=[(_WORD_AS_OF, _words_of(error))])
    return see(f"{_address(key)}?done=told")


async def send_workbook(visit: Visit) -> web.StreamResponse:
    """Send the workbook of a batch."""
    return await _send(visit, write_batch_workbook, "", "xlsx")


async def send_pictures(visit: Visit) -> web.StreamResponse:
    """Send the pictures of a batch, as one ZIP."""
    return await _send(visit, write_batch_pictures, "-anh", "zip")


async def _send(
    visit: Visit, write: Callable[..., Awaitable[None]], ending: str, kind: str
) -> web.StreamResponse:
    as_department(visit.asker)
    path = visit.path(BatchPath)
    name = f"lo-{path.batch:04}{ending}"
    return await send_made(visit, name, kind, write, path.key, path.batch)


async def _page(
    visit: Visit, *, faults: Sequence[Fault] = (), told: Told | None = None
) -> web.Response:
    key, deployment = visit.path(AccountPath).key, visit.deployment
    query, found = visit.query(WorkQuery), await hand_standing(deployment, key)
    marketplace = deployment.account(key).marketplace
    taken = told.taken if told else None
    values = {
        "key": key,
        "place": place_words(deployment, marketplace),
        "found": found,
        "last_out": last_out(found),
        "overdue": sum(each.due_at < visit.now for each in found.downs),
        "taken": taken,
        "not_taken": [(e, Text(e.vi, e.en)) for e in taken.faults] if taken else [],
        "faults": faults,
        "typed": visit.form,
        "done": None if visit.form else query.done,
        "address": _address(key),
        "account": account_address(key),
        "most": MOST_BYTES // 1_000_000,
        "words_to_give": _WORDS,
    }
    status = 422 if faults else 200
    return visit.page("account_work.html", status=status, values=values)


def _typed(text: str, name: str = AS_OF) -> tuple[datetime | None, Fault | None]:
    """Return the instant that was typed, in Vietnam's time; or what is wrong."""
    plain = " ".join(text.split())
    if not plain:
        return None, None
    for layout in _LAYOUTS:
        try:
            typed = datetime.strptime(plain, layout)  # noqa: DTZ007 - Vietnam's, below
        except ValueError:
            continue
        return typed.replace(tzinfo=VIETNAM), None
    return None, (name, _NO_TIME)


def _words_of(error: Exception) -> Text:
    return Text(*in_both_languages(str(error)))


def _address(key: str) -> str:
    return f"{account_address(key)}/work"


_WORDS: Final = (
    ("empty", Text("Tài khoản chưa có tin nào", "Nothing is listed there")),
    (
        "complete",
        Text(
            "Những tin đang biết là đủ và đúng",
            "What is known is all, and as it is known",
        ),
    ),
)
_WORK: Final = f"{ACCOUNTS}/{{key}}/work"

PAGES: Final = (
    PageRoute("GET", _WORK, STAFF, show_work),
    PageRoute("POST", f"{_WORK}/close", STAFF, close),
    PageRoute("POST", f"{_WORK}/tellings", STAFF, hand_in, _FILES),
    PageRoute("POST", f"{_WORK}/word", STAFF, give_word),
    PageRoute("POST", f"{_WORK}/{{batch}}/call-off", STAFF, call_off),
)

FILES: Final = (
    PageRoute("GET", f"{_WORK}/{{batch}}/workbook", STAFF, send_workbook),
    PageRoute("GET", f"{_WORK}/{{batch}}/pictures", STAFF, send_pictures),
)
"""The files of batches."""
