"""A form that makes something and comes twice: it is made once.

Somebody presses twice, or loads the answer anew. A form is known by its token, which
is another one on every page that is shown, and by what stands in it. For a minute the
second time is answered as the first was, with a secret as well: browsers show the
answer to the last press alone. After that, for a day, an answer that led on leads there
again; where a secret was shown, a page says that it was done, and what to do.

What is refused, or only told beforehand, has made nothing, and may be sent again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from aiohttp import hdrs, web

from ocop_sync.api.access.forms import FIELD
from ocop_sync.api.problems import problem_of
from ocop_sync.api.typed.form_parts import SentForm
from ocop_sync.api.typed.idempotency import IdempotencyKeys, KeptAnswer, KeyUse
from ocop_sync.api.typed.problem import ProblemError, ProblemKind
from ocop_sync.api.typed.problems import (
    ANSWER_SHOWN_ONCE,
    KEY_IN_USE,
    KEYS_FULL,
    OUTCOME_UNKNOWN,
)
from ocop_sync.clock import Clock

ANSWERED_ALIKE_FOR: Final = timedelta(minutes=1)
MOST_ANSWERS: Final = 200
"""Answers that are known for that long; the oldest go first."""

DONE_BEFORE: Final = ProblemKind(
    "form_sent_before",
    409,
    "Việc này đã làm xong một lần, nên không làm lần nữa. Mở lại danh sách để xem; muốn"
    " làm thêm thì mở lại trang có biểu mẫu.",
    "This was done once, and is not done again. Open the list to see it; to make"
    " another one, open the page of the form anew.",
)
UNDER_WAY: Final = ProblemKind(
    "form_under_way",
    409,
    "Lần gửi trước của biểu mẫu này chưa xong. Chờ một lát rồi xem danh sách.",
    "This form was sent before, and that is under way. Wait a while, then see the"
    " list.",
)
NOT_KNOWN: Final = ProblemKind(
    "form_outcome_unknown",
    409,
    "Không rõ lần gửi trước của biểu mẫu này đã làm xong chưa. Xem danh sách, rồi mới"
    " làm lại từ một trang mới.",
    "It is not known whether this form was carried out when it was sent before. See"
    " the list first, then do it from a new page.",
)
TOO_MANY: Final = ProblemKind(
    "too_many_forms",
    429,
    "Từ hôm qua đã gửi quá nhiều biểu mẫu. Chờ rồi gửi lại.",
    "Too many forms were sent since yesterday. Wait, then send it again.",
)
_AS_A_PAGE: Final[Mapping[ProblemKind, ProblemKind]] = {
    ANSWER_SHOWN_ONCE: DONE_BEFORE,
    KEY_IN_USE: UNDER_WAY,
    OUTCOME_UNKNOWN: NOT_KNOWN,
    KEYS_FULL: TOO_MANY,
}
_REDIRECTS: Final = range(300, 400)
_REFUSED: Final = 400

Make = Callable[[], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer that was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def again(self) -> web.Response:
        return web.Response(
            status=self.status, headers=self.headers, body=self.body or None
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer to a form: to come, or given; None where nothing was made."""

    given: asyncio.Future[_Given | None]
    begun_at: datetime


def use_of(request: web.Request, whose: str, sent: SentForm) -> KeyUse:
    """Return what names a form that was sent: who, from which page, and what in it."""
    token = sent.fields.get(FIELD, "")
    fields = sorted((k, v) for k, v in sent.fields.items() if k != FIELD)
    files = sorted((name, each.sha256) for name, each in sent.files.items())
    told = repr((token, request.method, request.rel_url.raw_path_qs, fields, files))
    digest = sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
    return KeyUse(scope=f"form {whose}", key=digest, fingerprint=digest)


class SentForms:
    """The forms that were sent to this process lately, each with its answer."""

    def __init__(self) -> None:
        self._answers = OrderedDict[str, _Answer]()

    async def once(
        self,
        use: KeyUse,
        make: Make,
        *,
        keys: IdempotencyKeys,
        clock: Clock,
        shown_once: bool,
    ) -> web.StreamResponse:
        """Return the answer to a form: by *make*, or the one that it has.

        Args:
            use: The form.
            make: Carries it out.
            keys: Keeps for a day what was done.
            clock: The present instant.
            shown_once: A page that answers it holds what was made, such as a secret;
                else a page means that nothing was made.

        Raises:
            ProblemError: It was carried out before, or may have been.
        """
        self._forget(clock())
        while (before := self._answers.get(use.key)) is not None:
            given = await asyncio.shield(before.given)
            if given is not None:
                return given.again()
        future = asyncio.get_running_loop().create_future()
        self._answers[use.key] = _Answer(future, clock())
        given = None
        try:
            response = await self._first(use, make, keys, shown_once=shown_once)
            given = _given(response, shown_once=shown_once)
        finally:
            if given is None:
                self._answers.pop(use.key, None)
            future.set_result(given)
        return response

    async def _first(
        self, use: KeyUse, make: Make, keys: IdempotencyKeys, *, shown_once: bool
    ) -> web.StreamResponse:
        try:
            kept = await keys.begin(use)
        except ProblemError as error:
            kind = _AS_A_PAGE.get(error.kind, error.kind)
            raise ProblemError(kind, headers=error.headers) from error
        if kept is not None:
            return web.Response(status=kept.status, headers=kept.headers)
        try:
            response = await make()
        except Exception as error:
            found = error if isinstance(error, ProblemError) else problem_of(error)
            is_refusal = found is not None and found.kind.status < 500  # noqa: PLR2004
            await (keys.release(use) if is_refusal else keys.fail(use))
            raise
        if response.status in _REDIRECTS:
            place = {str(hdrs.LOCATION): response.headers[hdrs.LOCATION]}
            led = KeptAnswer(status=response.status, headers=place, body=b"")
            await keys.finish(use, led)
        elif response.status < _REFUSED and shown_once:
            await keys.finish(use, None)
        else:
            await keys.release(use)
        return response

    def _forget(self, now: datetime) -> None:
        """Drop answers that were given a minute ago, and the oldest of too many."""
        for key, each in [*self._answers.items()]:
            is_old = now - each.begun_at >= ANSWERED_ALIKE_FOR
            if each.given.done() and (is_old or len(self._answers) > MOST_ANSWERS):
                del self._answers[key]


def _given(response: web.StreamResponse, *, shown_once: bool) -> _Given | None:
    """Return an answer that tells of something made; None of any other."""
    is_made = response.status in _REDIRECTS or (
        shown_once and response.status < _REFUSED
    )
    if not is_made or not isinstance(response, web.Response):
        return None
    body = response.body if isinstance(response.body, bytes) else b""
    headers = {k: v for k, v in response.headers.items() if k not in _OF_SENDING}
    return _Given(response.status, headers, body)


_OF_SENDING: Final = frozenset({hdrs.CONTENT_LENGTH, hdrs.DATE, hdrs.SERVER})
