"""An application of the layer alone: operations that its tests need, no more."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from ocop_sync.api.typed.assemble import assemble
from ocop_sync.api.typed.body import Pace, UploadRule
from ocop_sync.api.typed.call import Answer, Call, FileAnswer, Upload
from ocop_sync.api.typed.frame import Framing
from ocop_sync.api.typed.handling import Means
from ocop_sync.api.typed.idempotency import IdempotencyKeys
from ocop_sync.api.typed.openapi import About
from ocop_sync.api.typed.operation import Operation, operation
from ocop_sync.api.typed.problem import ProblemError, ProblemKind
from ocop_sync.api.typed.problems import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED
from ocop_sync.api.typed.values import (
    Count,
    Identifier,
    Instant,
    Line,
    Model,
    Page,
    PageQuery,
    Text,
)

HELD: Final = ProblemKind("held", 409, "Đang giữ", "It is held")
STAFF: Final = frozenset({"staff"})
EVERYBODY: Final[frozenset[str]] = frozenset()


class Grade(StrEnum):
    GOOD = "good"
    BEST = "best"


class Price(Model):
    price_vnd: Count
    stock: Count | None = None


class Thing(Model):
    """A thing."""

    name: Line
    note: Text = ""
    weight: Annotated[float, Field(ge=0)] = 0
    grade: Grade | None = None
    made_on: date | None = None
    seen_at: Instant | None = None
    prices: Annotated[tuple[Price, ...], Field(max_length=3)] = ()
    packs: Annotated[dict[Identifier, Price], Field(max_length=3, default_factory=dict)]


class Numbered(Model):
    code: str
    n: int


class ThingPath(Model):
    code: Identifier


class ListQuery(PageQuery):
    grade: Grade | None = None
    least: Count = 0
    fresh: bool = False
    tags: tuple[Line, ...] = ()


class Size(Model):
    size: int
    sha256: str


@operation("GET", "/things", summary="All things", allowed=EVERYBODY)
async def list_things(call: Call, query: ListQuery) -> Page[int]:
    first = (call.position(query, int) or query.least) + 1
    last = min(first + query.limit - 1, 10)
    items = tuple(range(first, last + 1))
    return call.page(items, last if last < 10 else None)


@operation("GET", "/others", summary="Others", allowed=EVERYBODY)
async def list_others(call: Call, query: PageQuery) -> Page[int]:
    return call.page((call.position(query, int) or 0,), 1)


@operation("GET", "/query", summary="The query as it was read", allowed=EVERYBODY)
async def show_query(query: ListQuery) -> dict[str, Any]:
    return query.model_dump(mode="json")


@operation(
    "GET", "/things/{code}", summary="One", allowed=EVERYBODY, problems=[NOT_FOUND]
)
async def get_thing(call: Call, path: ThingPath) -> Answer[Numbered]:
    if path.code == "none" or path.code in call.app[DESK].ended:
        raise ProblemError(NOT_FOUND)
    return Answer(value=Numbered(code=path.code, n=1), version=7)


@operation("POST", "/things", summary="Make one", allowed=EVERYBODY, status=201)
async def make_thing(body: Thing) -> Answer[Thing]:
    return Answer(value=body, headers={"Location": "/things/new"})


@operation(
    "PUT",
    "/things/{code}",
    summary="Change it",
    allowed=EVERYBODY,
    needs_if_match=True,
    most_bytes=200,
)
async def change_thing(call: Call, path: ThingPath, body: Price) -> Numbered:
    call.ensure_match(7)
    return Numbered(code=path.code, n=body.price_vnd)


@operation("DELETE", "/things/{code}", summary="End it", allowed=STAFF)
async def end_thing(call: Call, path: ThingPath) -> None:
    call.app[DESK].ended.add(path.code)


@operation("GET", "/fails/{code}", summary="It fails", allowed=EVERYBODY)
async def fail(path: ThingPath) -> Numbered:
    if path.code == "known":
        raise LookupError
    if path.code == "wrong":
        return Numbered.model_construct(code=5, n="x")  # type: ignore[arg-type]
    message = f"the secret of {path.code}"
    raise RuntimeError(message)


@operation(
    "POST",
    "/files",
    summary="Send a file",
    allowed=EVERYBODY,
    upload=UploadRule(media_types=("application/pdf",), most_bytes=20_000),
)
async def send_file(upload: Upload) -> Size:
    return Size(size=len(upload.path.read_bytes()), sha256=upload.sha256)


@operation("GET", "/file", summary="A file", allowed=EVERYBODY, media_types=["a/b"])
async def get_file() -> FileAnswer:
    return FileAnswer(content=b"content", media_type="a/b", name="bảng.xlsx")


@operation(
    "POST",
    "/orders",
    summary="Order",
    allowed=STAFF,
    status=201,
    takes_key=True,
    problems=[HELD],
)
async def order(call: Call, body: Thing) -> Numbered:
    desk = call.app[DESK]
    desk.begun += 1
    desk.has_begun.set()
    await desk.goes_on.wait()
    if body.name == "held":
        raise ProblemError(HELD)
    if body.name == "fails":
        raise RuntimeError
    return Numbered(code=body.name, n=desk.begun)


@operation(
    "POST",
    "/keys",
    summary="A secret",
    allowed=STAFF,
    takes_key=True,
    shown_once=True,
)
async def make_secret() -> Numbered:
    return Numbered(code="secret", n=1)


@dataclass
class Desk:
    """Where orders are taken.

    Attributes:
        begun: How many were begun.
        goes_on: They wait for this; it is set at first.
        has_begun: One has begun.
        written: An entry for each time that something was written.
        ended: The things that were ended.
    """

    begun: int = 0
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    written: list[int] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.goes_on.set()


DESK: Final = web.AppKey("desk", Desk)

OPERATIONS: Final[tuple[Operation, ...]] = (
    list_things,
    list_others,
    show_query,
    get_thing,
    make_thing,
    change_thing,
    end_thing,
    fail,
    send_file,
    get_file,
    order,
    make_secret,
)

ABOUT: Final = About(
    title="Sample",
    version="1",
    description="Nothing.",
    security_schemes={"bearer": {"type": "http", "scheme": "bearer"}},
)


class SampleAccess:
    """Whoever names a role has it, unless it was revoked."""

    def __init__(self) -> None:
        self.revoked: set[str] = set()

    async def admit(self, request: web.Request, allowed: frozenset[str]) -> str:
        role = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not role or role in self.revoked:
            raise ProblemError(UNAUTHENTICATED)
        if role.partition(":")[0] not in allowed:
            raise ProblemError(FORBIDDEN)
        return role

    async def still_admits(
        self, request: web.Request, allowed: frozenset[str], asker: object
    ) -> bool:
        del request, allowed, asker
        return True

    def let_in(self, request: web.Request, operation_id: str) -> None:
        """Let everybody in."""

    def scope_of(self, asker: object) -> str:
        return str(asker)


@dataclass
class HandTime:
    """Time that passes when a test says so."""

    now: float = 0
    waiting: dict[float, asyncio.Event] = field(default_factory=dict)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def seconds(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        passed = self.waiting.setdefault(self.now + seconds, asyncio.Event())
        self.asked.set()
        await passed.wait()

    async def until_asked(self, end: float) -> asyncio.Event:
        """Wait until somebody sleeps until *end*; return what wakes them."""
        while end not in self.waiting:
            self.asked.clear()
            await self.asked.wait()
        return self.waiting[end]

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        for end, passed in self.waiting.items():
            if end <= self.now:
                passed.set()


def known(error: Exception) -> ProblemError | None:
    return ProblemError(HELD) if isinstance(error, LookupError) else None


def sample_app(
    time: HandTime,
    keys: IdempotencyKeys | None = None,
    access: SampleAccess | None = None,
) -> web.Application:
    """Return the application."""
    written: list[int] = []
    means = Means(
        access=access or SampleAccess(),
        pace=Pace(seconds=time.seconds, sleep=time.sleep),
        keys=keys,
        problem_of=known,
        on_written=lambda: written.append(1),
    )
    framing = Framing(
        problem_of=known,
        types_at="/docs#",
        seconds=time.seconds,
        server="sample",
        is_secure=True,
    )
    app = assemble(OPERATIONS, means, framing)
    app[DESK] = Desk(written=written)
    return app
