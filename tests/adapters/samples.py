"""The samples in the mocks' documents: requests and answers.

A document tells one story in fenced blocks of `http`, one for each request and one for
each answer, in order, to a mock that starts empty and whose clock stands still at
`STORY_BEGINS`. They are read from the Markdown itself, so that the documents cannot
drift from the mocks. `{{name}}` stands for a value that the mock makes up: the same
wherever the name is.

    python -m tests.adapters.samples postmart   # write the answers anew
"""

import asyncio
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp.test_utils import TestServer

from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.mock import open_mock

STORY_BEGINS: Final = datetime(2026, 11, 24, 2, tzinfo=UTC)
DOCS: Final = Path(__file__).parents[2] / "docs" / "mocks"
CUT: Final = "(the connection is closed)"
SECRET: Final = "khoa-mau"  # noqa: S105 - of the documents' own shop
WRONG: Final = "0" * 64
"""A signature that stays as it is when the others are made anew."""

_FENCE: Final = re.compile(r"^```http\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_PLACE: Final = re.compile(r"\{\{(\w+)\}\}")
_WIDTH: Final = 110
_UNSHOWN: Final = frozenset({"date", "server", "content-length", "connection"})


@dataclass(frozen=True)
class Message:
    """A request or an answer: first line, headers, body."""

    start: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @classmethod
    def read(cls, text: str) -> "Message":
        """Read a block."""
        head, _, body = text.rstrip("\n").partition("\n\n")
        start, *lines = head.split("\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return cls(start, headers, body)

    def __str__(self) -> str:
        head = "\n".join([self.start, *(f"{k}: {v}" for k, v in self.headers.items())])
        return f"{head}\n\n{self.body}\n" if self.body else f"{head}\n"

    @property
    def json(self) -> Any:
        """The body's value; None if it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def status(self) -> int:
        """The status of an answer, 0 if there was none."""
        return 0 if self.start == CUT else int(self.start.split()[1])


@dataclass(frozen=True)
class Sample:
    """A request with its answer, and the line in the document."""

    line: int
    request: Message
    answer: Message

    @property
    def call(self) -> str:
        """Method and path without query."""
        method, path, _ = self.request.start.split()
        return f"{method} {path.partition('?')[0]}"


def read_samples(name: str) -> list[Sample]:
    """Return the samples of the document of mock *name*, in order."""
    text = (DOCS / f"{name}.md").read_text("utf-8")
    blocks = [
        (text[: found.start()].count("\n") + 1, Message.read(found[1]))
        for found in _FENCE.finditer(text)
    ]
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    return [Sample(line, request, answer) for (line, request), (_, answer) in pairs]


class Story:
    """One mock, to which a document's requests are sent in order."""

    def __init__(self, server: TestServer, session: aiohttp.ClientSession) -> None:
        self._server = server
        self._session = session
        self.values: dict[str, str] = {}

    async def send(self, request: Message) -> Message:
        """Send a request as it is written, and return what comes back."""
        method, path, _ = request.start.split()
        headers = {name: self._filled(text) for name, text in request.headers.items()}
        try:
            async with self._session.request(
                method,
                self._server.make_url(path),
                headers=headers,
                data=self._filled(request.body).encode(),
                allow_redirects=False,
            ) as response:
                shown = {
                    name: value
                    for name, value in response.headers.items()
                    if name.lower() not in _UNSHOWN
                }
                start = f"HTTP/1.1 {response.status} {response.reason}"
                return Message(start, shown, (await response.read()).decode())
        except aiohttp.ClientError:
            return Message(CUT)

    def _filled(self, text: str) -> str:
        return _PLACE.sub(lambda found: self.values[found[1]], text)

    async def look(self, page: str) -> Any:
        """Get a page under /_mock/."""
        url = self._server.make_url(f"/_mock/{page}")
        async with self._session.get(url) as response:
            return await response.json()


async def open_story(name: str) -> "tuple[Story, aiohttp.ClientSession, TestServer]":
    """Serve the mock of a document as the story finds it."""
    app = open_mock(name).make_app(
        seed=None,
        clock=MockClock(source=lambda: STORY_BEGINS),
        moderation_s=60,
        check_pictures=True,
    )
    server = TestServer(app)
    await server.start_server()
    session = aiohttp.ClientSession(
        skip_auto_headers=["Content-Type", "User-Agent", "Accept-Encoding"]
    )
    return Story(server, session), session, server


def differences(said: Message, came: Message, values: dict[str, str]) -> Iterator[str]:
    """Yield how an answer differs from the one in the document.

    Args:
        said: The document's.
        came: The mock's.
        values: What placeholders stand for; new ones are put in.
    """
    if (said.start, said.headers) != (came.start, came.headers):
        yield f"{came.start} {dict(came.headers)}"
    if said.json is None:
        if said.body != came.body:
            yield f"body {came.body!r}"
    elif not _matches(said.json, came.json, values):
        yield f"body {came.body}"


def _matches(said: Any, came: Any, values: dict[str, str]) -> bool:
    if isinstance(said, dict) and isinstance(came, dict):
        return list(said) == list(came) and all(
            _matches(said[name], came[name], values) for name in said
        )
    if isinstance(said, list) and isinstance(came, list):
        return len(said) == len(came) and all(
            _matches(one, other, values) for one, other in zip(said, came, strict=True)
        )
    if isinstance(said, str) and (place := _PLACE.fullmatch(said)):
        return isinstance(came, str) and values.setdefault(place[1], came) == came
    return type(said) is type(came) and bool(said == came)


def laid_out(value: Any, depth: int = 0) -> str:
    """Return JSON in lines of about a hundred letters."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) + depth <= _WIDTH or not value or not isinstance(value, (dict, list)):
        return text
    inner, outer = " " * (depth + 1), " " * depth
    if isinstance(value, list):
        lines = [laid_out(each, depth + 1) for each in value]
        return "[\n" + ",\n".join(inner + each for each in lines) + f"\n{outer}]"
    lines = [
        f"{inner}{json.dumps(name)}: {laid_out(each, depth + 1)}"
        for name, each in value.items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{outer}}}"


def _signed(request: Message) -> Message:
    """Sign a request to Mock V, unless it is to be wrong."""
    if request.headers.get("Signature", WRONG) == WRONG:
        return request
    path = request.start.split()[1]
    message = path + request.headers["Timestamp"] + request.body
    signature = hmac.new(SECRET.encode(), message.encode(), hashlib.sha256)
    headers = {**request.headers, "Signature": signature.hexdigest()}
    return replace(request, headers=headers)


def _written(answer: Message, values: dict[str, str]) -> Message:
    """Return an answer as it is shown in a document."""
    value = answer.json
    body = answer.body
    if value is not None:
        inner = value.get("data", value)
        for name in ("access_token", "token"):
            if isinstance(inner, dict) and isinstance(inner.get(name), str):
                place = f"token{len(values) + 1}" if values else "token"
                values[place], inner[name] = inner[name], f"{{{{{place}}}}}"
        body = laid_out(value)
    return replace(answer, body=body)


async def record(name: str) -> None:
    """Tell the story of a document and write what comes back into it."""
    path = DOCS / f"{name}.md"
    text = path.read_text("utf-8")
    story, session, server = await open_story(name)
    parts, end = [], 0
    for found in _FENCE.finditer(text):
        message = Message.read(found[1])
        if message.start.startswith(("HTTP/", "(")):
            continue
        request = _signed(message)
        answer = _written(await story.send(request), story.values)
        rest = text[found.end() :]
        old = re.match(
            r"\n```http\n(?:HTTP/|\().*?^```\n", rest, re.DOTALL | re.MULTILINE
        )
        parts += [text[end : found.start()], f"```http\n{request}```\n"]
        parts.append(f"\n```http\n{answer}```\n")
        end = found.end() + (old.end() if old else 0)
    await session.close()
    await server.close()
    path.write_text("".join([*parts, text[end:]]), "utf-8")


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
