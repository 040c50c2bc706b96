"""Answers that go on: server-sent events, until there are no more.

As the HTML standard has them: each event has a name, its data as JSON, and an id by
which a caller that comes back goes on (`Last-Event-ID`). Comments keep the connection
alive. Whoever may not ask any more, or takes nothing of it, is cut off.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import TOO_MANY_CALLS

MEDIA_TYPE: Final = "text/event-stream"
KEEP_ALIVE_S: Final = 15.0
"""Seconds after which a comment is sent where nothing happens: proxies wait longer."""
BELIEVED_S: Final = 2.0
"""Seconds after which whoever asks is admitted anew."""
TAKEN_WITHIN_S: Final = 20.0
"""A caller who takes nothing for so long is cut off."""
_RETRY_MS: Final = 3_000
_HEADERS: Final = {
    hdrs.CONTENT_TYPE: f"{MEDIA_TYPE}; charset=utf-8",
    # Proxies that compress or collect would hold events back.
    hdrs.CACHE_CONTROL: "no-store, no-transform",
    "X-Accel-Buffering": "no",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """An event.

    Attributes:
        name: What it tells.
        data: Its JSON, on one line.
        id: What a caller goes on behind; "" if it leaves that as it was.
    """

    name: str
    data: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class EventStream:
    """An answer that goes on.

    Attributes:
        events: The events; None each time that there was nothing new.
        stays: Counts it while it goes on; refuses where there are too many.
    """

    events: AsyncGenerator[ServerEvent | None, None]
    stays: "Place"


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one caller among the streams that go on.

    Attributes:
        streams: All of them.
        caller: Whose it is.
    """

    streams: "Streams"
    caller: str


class Streams:
    """The streams that go on: so many at once, and of one caller a part of them.

    Args:
        most: At once.
        most_of_one: Those of one caller.
    """

    def __init__(self, most: int = 100, most_of_one: int = 6) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._of_caller = Counter[str]()

    @property
    def count(self) -> int:
        """Return how many go on."""
        return self._of_caller.total()

    @contextmanager
    def going_on(self, caller: str) -> Iterator[None]:
        """Count one more of *caller* while the block lasts.

        Raises:
            ProblemError: There are too many.
        """
        is_crowd = self._of_caller[caller] >= self._most_of_one
        if is_crowd or self.count >= self._most:
            raise ProblemError(TOO_MANY_CALLS, headers={hdrs.RETRY_AFTER: "30"})
        self._of_caller[caller] += 1
        try:
            yield
        finally:
            self._of_caller[caller] -= 1
            if not self._of_caller[caller]:
                del self._of_caller[caller]


async def send_stream(
    stream: EventStream,
    request: web.Request,
    *,
    is_believed: Callable[[], Awaitable[bool]],
    seconds: Callable[[], float],
) -> web.StreamResponse:
    """Send the events of *stream* as long as its caller is there, and may ask."""
    async with aclosing(stream.events):
        with stream.stays.streams.going_on(stream.stays.caller):
            response = web.StreamResponse(headers=_HEADERS)
            await response.prepare(request)
            if request.method != hdrs.METH_HEAD:
                sending = _Sending(request, response, is_believed, seconds)
                with suppress(ConnectionError):  # the caller has gone
                    await sending.send(stream.events)
                    await response.write_eof()
            return response


class _Sending:
    def __init__(
        self,
        request: web.Request,
        response: web.StreamResponse,
        is_believed: Callable[[], Awaitable[bool]],
        seconds: Callable[[], float],
    ) -> None:
        self._request = request
        self._response = response
        self._is_believed = is_believed
        self._seconds = seconds
        self._sent_at = self._believed_at = seconds()

    async def send(self, events: AsyncIterator[ServerEvent | None]) -> None:
        await self._write(f"retry: {_RETRY_MS}\n\n")
        async for each in events:
            if await self._has_lost_it():
                return
            if each is not None:
                await self._write(_text_of(each))
            elif self._seconds() - self._sent_at >= KEEP_ALIVE_S:
                await self._write(": keep-alive\n\n")

    async def _has_lost_it(self) -> bool:
        """Say whether the caller has gone, or may ask no more."""
        transport = self._request.transport
        if transport is None or transport.is_closing():
            return True
        if self._seconds() - self._believed_at < BELIEVED_S:
            return False
        self._believed_at = self._seconds()
        return not await self._is_believed()

    async def _write(self, text: str) -> None:
        self._sent_at = self._seconds()
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                await self._response.write(text.encode())
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise ConnectionResetError from None


def _text_of(event: ServerEvent) -> str:
    number = f"id: {event.id}\n" if event.id else ""
    return f"event: {event.name}\n{number}data: {event.data}\n\n"
