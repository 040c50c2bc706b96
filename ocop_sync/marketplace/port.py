"""The port: all that this service asks of a marketplace.

An adapter is a class derived from `Marketplace`, published under the entry
point group `ocop_sync.marketplaces`. One object serves one account. An adapter
may import `ocop_sync.marketplace` and `ocop_sync.errors`, and nothing else of
this service.

An adapter leaves out the features that its marketplace lacks, and says so in its
`Capabilities`: those methods are never called. A simple one has `page`, `read`,
`create`, `update`, `withdraw`, `republish` and `canonical`, with `find` if it can
search, and a `set_...` for each facet of price, stock and stars that it has.

Error contract, for every method that calls the marketplace:

- A refusal of one item is a value (`Refused`); exceptions are for a whole call.
- Reads raise `UnavailableError` (network, time-out, 5xx), `RateLimitedError`,
  `AuthenticationError`, or `ProtocolError` (an unreadable answer, after one
  repeat: `repeat_once` of `ocop_sync.marketplace.http`). One that is longer than is
  read is an `AnswerTooLongError`: ask for smaller pages, down to one listing. That one
  is an `Unreadable`, named as far as `AnswerTooLongError.ends` certainly tell
  (`ocop_sync.marketplace.too_long`); the error is raised only where they do not tell
  where the next page is.
- A 401 is an `AuthenticationError`, and so is a 403 that says that of the credentials.
  A 403 or 404 on a resource that `Account.options` names, such as a shop that is not
  the account's, is a `FatalError`: the credentials are right, and no call can succeed
  until an option is put right. A 404 on one listing is no error: `read` gives None. Any
  other 4xx on a read is a `ProtocolError`.
- Writes raise `TransientError` only if the call is known not to have been
  applied: not connected, 429, or a refusal that the marketplace's documents
  call "not applied". Everything else that went wrong after the first byte was
  sent is `OutcomeUnknownError`; for one item of a batch, the value `Unknown`.
- One item that cannot be read, such as a listing in an unknown state or with a null
  where a value is needed, is a value and keeps no other of its answer back: a listing
  or a review is `Unreadable`, an event an `UnreadableEvent`, a result `Unknown`.
  Null and missing count alike where the marketplace's documents do not say otherwise.
- Every message of an error, of a `Problem` and of an `Unknown` holds the marketplace's
  own words where there are any: `Reply.words` (`ocop_sync.marketplace.reply`) are those
  of a body, `Reply.said` with the status before them. They reach people in reports and
  logs. So they are put on one line, cut, and rid of secrets (all that the settings hand
  out, and the values of the sent headers) and personal data, for every caller.
- A write that the marketplace refused as a whole, without a word on its items,
  raises `CallRefusedError`: the caller sends them in smaller calls.
- A write to a listing that no longer exists (404) is `Refused`, for every kind of
  change, also a withdrawal: a read has to tell that it is gone. If the marketplace
  cannot tell "gone" from "not yet there", it is `Unknown`.
- An error that `Context.secrets` raises passes: it is the one `ConfigurationError` that
  comes out of an adapter. It may be asked in each call.
- An adapter never retries a write by itself, with one exception: after a 401
  that is known not to have been applied it signs in and repeats once.

Where a method needs several calls for one item:

- Once the first of them may have been applied, every later failure is
  `OutcomeUnknownError`, never `TransientError`, and a refusal is `Unknown`, never
  `Refused`: something has been changed (`ocop_sync.marketplace.multi_call` does that).
  The listing is read back, and the missing part is written then.
- `Capabilities.call_timeout_s` is the time-out of each HTTP call by itself, and no
  method has one: it may have waited for the quota before each. A call without an answer
  counts as sent when its method has ended, or when its run may have died; it is read
  back `call_timeout_s` and `visible_within_s` after that. No method is begun that could
  outlast the lease with all of its calls (`Capabilities.calls_in_a_row`).
- A create makes its listing sellable with the last of its calls, and carries our
  reference from the first one on. Until then the listing shows as `RemoteState.DOWN`,
  or not at all, and never as live or in review. The fields of its later calls are left
  empty (0 for a price or a stock), and it is no `Unreadable`: that one is held for a
  person, and nothing is sent to it. One that has broken off is found by its reference,
  brought up to date, and put on sale by `republish`, or by the `set_...` that makes it
  sellable and says so (`Applied.state`).
- `Applied.state` is the state after the last of the calls. If one before `republish`
  puts the listing on sale, such as a `set_stock` that publishes by itself, it says LIVE
  and no republication follows.
- An `Update` takes packs away before it adds others.
"""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

import aiohttp
from pydantic import BaseModel

from ocop_sync.clock import Clock
from ocop_sync.errors import AuthenticationError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import (
    Change,
    Create,
    PutSeller,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    StopSeller,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.event import Event, EventKind, Events, UnreadableEvent
from ocop_sync.marketplace.listing import Listing, RemoteListing, Unreadable
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.marketplace.quota import Quota
from ocop_sync.marketplace.read_age import ensure_instant
from ocop_sync.marketplace.result import Applied, Refused, Result, Submitted, Unknown

__all__ = [
    "PORT_VERSION",
    "Account",
    "Applied",
    "Capabilities",
    "Context",
    "Event",
    "EventKind",
    "Events",
    "Marketplace",
    "Page",
    "Refused",
    "Result",
    "Secrets",
    "Submitted",
    "Unknown",
    "Unreadable",
    "UnreadableEvent",
]

PORT_VERSION = 1
"""Raised when an adapter written for an earlier port can no longer work."""


class Secrets(Protocol):
    """Looks up the secrets of one account; never prints them."""

    def __call__(self, name: str) -> str:
        """Return the secret *name* of this account.

        Raises:
            ConfigurationError: It is not set; the message names where to set
                it, never a value.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The tools that an adapter is given.

    Attributes:
        clock: The present instant in UTC.
        quota: Paces the calls of this account; asked once before each call, and
            told of refusals (`over`) and of the marketplace's own count (`told`).
            `HttpClient` does neither: an adapter awaits `take` before each call, and
            on a 429 calls `over` with the seconds of `Retry-After`, or with 1.0 where
            it is missing.
        session: The HTTP session that all adapters share.
        secrets: The secrets of this account, by name.
    """

    clock: Clock
    quota: Quota
    session: aiohttp.ClientSession
    secrets: Secrets


@dataclass(frozen=True, slots=True)
class Page:
    """Part of an account's listings.

    Attributes:
        items: The listings of this page.
        next: Cursor of the page after this one; None after the last.
        unreadable: Listings of this page that cannot be read. They keep no other
            back: nothing is written to them until they can be.
        as_of: When what the page shows and leaves out was so, with a time zone;
            None is now, the call. Only where `Capabilities.read_age_s` is claimed, and
            there always. Never in the future, and never earlier than a page of an
            earlier call. Where nobody has told anything yet, the page is empty, and
            this is `ocop_sync.marketplace.read_age.NEVER_TOLD`: that is no failure.
    """

    items: tuple[RemoteListing, ...]
    next: str | None
    unreadable: tuple[Unreadable, ...] = ()
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        ensure_instant(self.as_of, "Page.as_of")

    @classmethod
    def of(
        cls,
        found: Sequence[RemoteListing | Unreadable],
        following: str | None,
        as_of: datetime | None = None,
    ) -> "Page":
        """Return a page with all that was found on it, readable or not."""
        return cls(
            tuple(each for each in found if isinstance(each, RemoteListing)),
            following,
            tuple(each for each in found if isinstance(each, Unreadable)),
            as_of,
        )


class Marketplace(ABC):
    """One account at one marketplace.

    Every method that takes a sequence sends as many calls as its batch size asks for
    and returns one result for each item, in the same order. If a later call of the same
    method fails as a whole, the items of earlier calls keep their results. The items of
    the failed call and of those after it are `Unknown`, and it is raised only if no
    call of this method succeeded before (`ocop_sync.marketplace.multi_call.in_turn`).
    Callers pass at most one batch at a time, so that this is seldom needed.

    Attributes:
        name: Name of the marketplace, as in settings and in the entry point.
        port_version: The `PORT_VERSION` that the adapter was written for.
        capabilities: The features and limits of the marketplace.
        mapping: How products are shown there, unless a person has put another
            mapping in its place. `Listing.category` always holds the
            marketplace's code, by the mapping in force: the adapter passes it
            on unchanged.
        options_model: The adapter's own settings of an account: it reads
            `accounts[].options`, and the result is `Account.options`. None if there are
            none. Secrets are no options: see `Secrets`.
    """

    name: ClassVar[str]
    port_version: ClassVar[int]
    capabilities: ClassVar[Capabilities]
    mapping: ClassVar[ListingMapping]
    options_model: ClassVar[type[BaseModel] | None] = None

    def __init__(self, account: Account, context: Context) -> None:
        self.account = account
        self.context = context

    async def check(self) -> None:
        """Sign in and prove that the credentials work; change nothing.

        By default one page is read. An adapter that can do so more cheaply does: it
        is called before anything else where no call has succeeded yet, and after
        credentials were refused.

        Raises:
            AuthenticationError: The credentials are not accepted.
            MarketplaceError: As of every read.
        """
        await self.page(None)

    @abstractmethod
    async def page(self, cursor: str | None) -> Page:
        """Return one page of all listings in the account's scope.

        A listing that exists all the while must come in some page, even if others come
        and go meanwhile; it may come twice. Where there is no search, only the pages
        tell that a sent create has not arrived.

        How many come is the marketplace's business: a page may hold more or fewer than
        `Capabilities.page_size`, and only `Page.next` says whether it is the last.

        Args:
            cursor: None for the first page, then `Page.next`.
        """

    @abstractmethod
    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        """Return the listings *refs*, None for each that does not exist.

        One that cannot be read is an `Unreadable` with the ref that was asked for; one
        without a readable ref may be any missing one.

        Where `Capabilities.read_age_s` is claimed, each listing says when it was so
        (`RemoteListing.read_at`), and None tells nothing: only pages tell that a
        listing is absent.
        """

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        """Return every listing with one of our references or one of our SKUs.

        In any order; none of it twice; drafts (DOWN: there is no state of their own),
        reviews, refusals and listings that are down included. One that was taken over
        where `Capabilities.writes_reference` is false carries no reference of ours: it
        is found by its SKUs, and known by its identifier. Without
        `Capabilities.has_search` this is left out.
        """
        raise NotImplementedError

    @abstractmethod
    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        """Publish listings."""

    @abstractmethod
    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        """Change content."""

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        """Set prices."""
        raise NotImplementedError

    async def set_stock(self, changes: Sequence[SetStock]) -> Sequence[Result]:
        """Set stocks."""
        raise NotImplementedError

    async def set_stars(self, changes: Sequence[SetStars]) -> Sequence[Result]:
        """Set or clear OCOP claims."""
        raise NotImplementedError

    @abstractmethod
    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        """Take listings from sale, or cancel submissions."""

    @abstractmethod
    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        """Put withdrawn listings back on sale."""

    async def put_sellers(self, changes: Sequence[PutSeller]) -> Sequence[Result]:
        """Open sellers or bring them up to date; idempotent."""
        raise NotImplementedError

    async def stop_sellers(self, changes: Sequence[StopSeller]) -> Sequence[Result]:
        """Close sellers; idempotent."""
        raise NotImplementedError

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        """Return the outcome of each submission.

        `Submitted` means still in review; `Applied` names the listing, which the
        caller then reads: where reads may be old, as of this outcome or later.
        `Refused` ends it; `Unknown` means that the marketplace knows no such ticket;
        `Unreadable`, that it says something that cannot be read: the submission is
        followed on.
        """
        raise NotImplementedError

    async def events(self, cursor: str | None) -> Events:
        """Return the events after *cursor*, at most one call's worth."""
        raise NotImplementedError

    def verify_push(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Event, ...]:
        """Return the events of a push that the marketplace really signed.

        One that cannot be read is left out: it stands in the feed as well.

        Raises:
            AuthenticationError: The signature is missing or wrong.
            ProtocolError: The body cannot be read.
        """
        del url, headers, body
        message = "sàn không gửi thông báo đến / this marketplace pushes nothing"
        raise AuthenticationError(message)

    @classmethod
    @abstractmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return *listing* as the marketplace will show it once applied.

        Wanted and read listings are both compared in this form. So no trimming,
        re-encoding, sorting or rounding by the marketplace counts as an edit. A listing
        in this form must come back equal: once it is read, `shown` in this form equals
        the sent listing in this form, or each listing counts as edited by hand.

        Fields that the marketplace lacks are emptied here, as `RemoteListing.shown`
        leaves them: `trace_url` and `gtin` are "", `weight_g` and `stars` None,
        `attributes` and `pictures` (). `client_ref` and `seller_ref` are not compared:
        they pass as they are.
        """

    @classmethod
    def calls(cls, changes: Sequence[Change]) -> int:
        """Return how many calls that write *changes* will take, at most.

        By the batch size of each kind. Reads are not counted, also those that a method
        makes in between, nor is signing in. A call that only some changes need counts
        for all: an `Update` that may need a second call is two.
        """
        sizes, kinds = cls.capabilities.write_batch, Counter(c.kind for c in changes)
        return sum(math.ceil(n / sizes.get(kind, 1)) for kind, n in kinds.items())
