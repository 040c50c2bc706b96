"""The parts of a call that its operation's function is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from aiohttp import web

from ocop_sync.api.typed.cursor import read_cursor, write_cursor
from ocop_sync.api.typed.etag import revision_of, strong_tag
from ocop_sync.api.typed.problem import Language, ProblemError
from ocop_sync.api.typed.problems import PRECONDITION_FAILED
from ocop_sync.api.typed.values import Page, PageQuery

T = TypeVar("T")


class Access(Protocol):
    """Knows who asks, and who may."""

    async def admit(self, request: web.Request, allowed: frozenset[str]) -> object:
        """Return who asks; *allowed* are the roles that may.

        Raises:
            ProblemError: Nobody is signed in, or their role is none of these.
        """

    async def still_admits(
        self, request: web.Request, allowed: frozenset[str], asker: object
    ) -> bool:
        """Say whether who was admitted would be so now; it counts as no use."""

    def let_in(self, request: web.Request, operation_id: str) -> None:
        """Count a call of an operation that asks for no key.

        Raises:
            ProblemError: There were too many from where it comes.
        """

    def scope_of(self, asker: object) -> str:
        """Return whose the Idempotency-Keys of *asker* are; it stays the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that was admitted and read.

    Attributes:
        request: The request itself, for what no model describes, such as cookies.
        asker: Who asks, as `Access.admit` returned it; None where everybody may.
        request_id: Its identifier, which stands in the log and in the answer.
        language: The language that the caller prefers.
        list_id: The list that cursors of this call belong to: operation and filters.
        if_match: The tags of `If-Match`; empty if the operation needs none.
    """

    request: web.Request
    asker: object
    request_id: str
    language: Language
    list_id: str
    if_match: frozenset[str] = frozenset()

    @property
    def app(self) -> web.Application:
        """Return the application, which holds what operations work with."""
        return self.request.app

    def position(self, query: PageQuery, kind: type[T]) -> T | None:
        """Return the place after which the page begins; None for the first page.

        Raises:
            ProblemError: The cursor is of another list, or was changed.
        """
        return read_cursor(query.cursor, self.list_id, kind) if query.cursor else None

    def page(self, items: tuple[T, ...], last: object | None) -> Page[T]:
        """Return a page.

        Args:
            items: Its items.
            last: The place of its last item; None if no further page follows.
        """
        following = None if last is None else write_cursor(self.list_id, last)
        return Page(items=items, next=following)

    def seen_revision(self) -> int | None:
        """Return the revision that `If-Match` names, the newest one of several.

        For operations that compare field by field what has changed since. None stands
        for "*": whatever is there.

        Raises:
            ProblemError: It names none.
        """
        if "*" in self.if_match:
            return None
        known = [n for n in map(revision_of, self.if_match) if n is not None]
        if not known:
            raise ProblemError(PRECONDITION_FAILED)
        return max(known)

    def ensure_match(self, version: object) -> None:
        """See to it that `If-Match` names *version*, the version that is there now.

        Raises:
            ProblemError: It was changed since it was read.
        """
        if not self.if_match & {"*", strong_tag(version)}:
            raise ProblemError(PRECONDITION_FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """An answer with more than its value.

    Attributes:
        value: The value.
        version: What its ETag tells: a revision, say. By default the ETag is made of
            the answer itself.
        headers: Further headers, such as `Location`.
    """

    value: T
    version: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAnswer:
    """An answer that is no JSON.

    Attributes:
        content: Its bytes.
        media_type: Its type, one of those that the operation declares.
        name: The name to save it under; "" to show it.
        headers: Further headers.
    """

    content: bytes
    media_type: str
    name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent, on disk until the call has been answered.

    Attributes:
        path: Where it is.
        size: Its bytes.
        sha256: Their hash, in hexadecimal.
        media_type: Its type, as it was sent.
        name: What its sender calls it, without folders; "" where nothing says so.
    """

    path: Path
    size: int
    sha256: str
    media_type: str
    name: str = ""
