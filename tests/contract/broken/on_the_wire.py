"""Adapters of Postmart with one fault each in how they call."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from adapters.postmart.adapter import Postmart
from adapters.voso.adapter import Voso
from ocop_sync.errors import (
    AuthenticationError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
    UnreachableError,
)
from ocop_sync.marketplace.change import (
    Create,
    SetPrice,
    Update,
)
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import (
    Account,
    Context,
    Page,
    Refused,
    Result,
    Submitted,
    Unreadable,
)
from ocop_sync.testing.kit.bench import METHODS
from ocop_sync.testing.kit.checks import failing_reads, failing_writes
from ocop_sync.testing.kit.wire_faults import ELSEWHERE
from tests.contract.broken.fault import Broken, on
from tests.contract.shops import PostmartShop, VosoShop

WRITES: Final = (*METHODS.values(),)
READS: Final = ("page", "read", "find", "follow", "events")


def around(methods: Sequence[str]) -> Any:
    """Send every one of *methods* through `around` of the class."""

    def wrap(kind: type[Any]) -> type[Any]:
        def wrapped(name: str) -> Any:
            async def method(self: Any, *args: Any, **more: Any) -> Any:
                real = getattr(Postmart, name)
                return await self.around(lambda: real(self, *args, **more), args)

            return method

        for name in methods:
            setattr(kind, name, wrapped(name))
        return kind

    return wrap


class RefusesInSilence(Postmart):
    """A refused create has no reason."""

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        found = await super().create(changes)
        return [Refused(()) if isinstance(each, Refused) else each for each in found]


@around(READS)
class AnswersFromMemory(Postmart):
    """A read that fails is answered as the last one was."""

    async def around(self, call: Any, args: Any) -> Any:
        del args
        try:
            found = await call()
        except MarketplaceError:
            return getattr(self, "last", Page((), None))
        if isinstance(found, Page):
            self.last = found
        return found


@around(READS)
class FailsForLittle(Postmart):
    """Any unusual answer to a read is taken for a failure of the network."""

    seen = 0

    async def around(self, call: Any, args: Any) -> Any:
        del args
        self.seen += 1
        if self.seen > 1:
            message = "trùng / twice"
            raise UnavailableError(message)
        return await call()


class ReadsOnce(Postmart):
    """A page that cannot be understood is not asked for again."""

    async def page(self, cursor: str | None) -> Page:
        params = {"page": 1, "per_page": 50}
        access = self._api._access
        (await access.call("GET", "/v1/products", write=False, params=params)).json()
        return await super().page(cursor)


@around((*READS, *WRITES))
class ShowsSecrets(Postmart):
    """Its errors show the secret that it was given."""

    async def around(self, call: Any, args: Any) -> Any:
        del args
        try:
            return await call()
        except MarketplaceError as error:
            message = f"{error} ({self.context.secrets('client_secret')})"
            raise type(error)(message) from None


@around(WRITES)
class TakesLostForNotSent(Postmart):
    """A write whose outcome is unknown is said to be not applied."""

    async def around(self, call: Any, args: Any) -> Any:
        del args
        try:
            return await call()
        except OutcomeUnknownError as error:
            raise UnavailableError(str(error)) from error


@around(WRITES)
class TakesRefusedForLost(Postmart):
    """A write that did not go out is said to be unknown."""

    async def around(self, call: Any, args: Any) -> Any:
        del args
        try:
            return await call()
        except (RateLimitedError, UnreachableError) as error:
            raise OutcomeUnknownError(str(error)) from error


@around(WRITES)
class TriesAgainAndAgain(Postmart):
    """It signs in again and again."""

    async def around(self, call: Any, args: Any) -> Any:
        del args
        for _ in range(3):
            try:
                return await call()
            except AuthenticationError:
                continue
        return await call()


class FailsForDoubles(Voso):
    """It fails if what it has created is there twice."""

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        found = await super().create(changes)
        there = await self.find(client_refs=[each.client_ref for each in changes])
        if len(there) > len(changes):
            message = "hai tin / two listings"
            raise ProtocolError(message)
        return found


class RemembersThatNothingIsThere(Postmart):
    """What it has not found once it never finds."""

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        if getattr(self, "was_lost", False):
            return []
        return await super().find(client_refs=client_refs, skus=skus)

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        try:
            return await super().create(changes)
        except OutcomeUnknownError:
            self.was_lost = True
            raise


class NeverSignsInAgain(Postmart):
    """It keeps the first token for ever."""

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context)
        access = self._api._access
        sign_in = access._good_token

        async def first(*, refused: str) -> str:
            del refused
            return access._token or await sign_in(refused="")

        access._good_token = first  # type: ignore[method-assign]


class MixesAnswers(Postmart):
    """It takes the answer of an earlier call for that of the next one."""

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        found = await super().read(refs)
        self.last, found = found, getattr(self, "last", found)
        return found


class CreatesAgain(Postmart):
    """It sends a create again whose answer was lost."""

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        try:
            return await super().create(changes)
        except OutcomeUnknownError:
            again = [replace(each, key=f"{each.key}-2") for each in changes]
            return await super().create(again)


@around(READS)
class FollowsRedirects(Postmart):
    """It goes where a read is sent on to."""

    async def around(self, call: Any, args: Any) -> Any:
        del args
        try:
            return await call()
        except ProtocolError:
            access = self._api._access
            await access.call("GET", ELSEWHERE, write=False)
            raise


@around((*READS, *WRITES))
class WaitsForEver(Postmart):
    """It believes any time that a 429 asks for."""

    async def around(self, call: Any, args: Any) -> Any:
        del args
        try:
            return await call()
        except RateLimitedError as error:
            raise RateLimitedError(str(error), retry_after=1e9) from error


class SendsAgain(Voso):
    """It sends a create once more after it was signed in again."""

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        token = self._connection._token
        found = await super().create(changes)
        was_renewed = token and token != self._connection._token
        return await super().create(changes) if was_renewed else found


class FillsInLater(Postmart):
    """It puts a listing on sale, and writes its description then."""

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        (change,) = changes
        bare = replace(change.listing, description="…")
        found = await super().create([replace(change, listing=bare)])
        (made,) = await self.find(client_refs=[change.client_ref])
        await self.update(
            [
                Update(
                    client_ref=change.client_ref,
                    ref=made.ref,
                    listing=change.listing,
                    fields=frozenset({"description"}),
                )
            ]
        )
        return found


class NamesLast(Voso):
    """A listing that it makes gets our reference with a second call."""

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        other = [
            replace(c, client_ref="moi", listing=replace(c.listing, client_ref="moi"))
            for c in changes
        ]
        found = await super().create(other)
        refs = [each.ref for each in found if isinstance(each, Submitted)]
        fields = frozenset({"client_ref"})
        await self.update(
            [
                Update(
                    client_ref=c.client_ref, ref=ref, listing=c.listing, fields=fields
                )
                for c, ref in zip(changes, refs, strict=True)
            ]
        )
        return found


class FailsInTheMiddle(Postmart):
    """It sets a price in two calls; of the second one alone it tells how it failed."""

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        await super().set_price(changes)
        return await super().set_price(changes)


_READ_FAILURES: Final = " ".join(
    each.name for each in failing_reads.FAILURES if each.name != "read-answer-twice"
)
_LOSSES: Final = " ".join(
    each.name
    for each in failing_writes.FAILURES
    if each.name not in {"write-rate-limited", "write-unauthorized"}
)
_CAUGHT: Final[dict[type[Any], str]] = {
    RefusesInSilence: "refused-create",
    AnswersFromMemory: f"{_READ_FAILURES} read-oversize",
    FailsForLittle: "read-answer-twice",
    ReadsOnce: "read-repeated",
    ShowsSecrets: "read-talkative write-talkative",
    TakesLostForNotSent: _LOSSES,
    TakesRefusedForLost: "write-rate-limited write-unreachable",
    TriesAgainAndAgain: "write-unauthorized",
    RemembersThatNothingIsThere: "write-late",
    NeverSignsInAgain: "sign-in-ends",
    MixesAnswers: "answers-apart",
    CreatesAgain: "create-broken create-cut",
    FillsInLater: "create-broken",
    FailsInTheMiddle: "second-step",
}

BROKEN: Final = [
    *on(PostmartShop, _CAUGHT),
    Broken(FollowsRedirects, PostmartShop, ("read-redirect",), "follows a redirect"),
    Broken(WaitsForEver, PostmartShop, ("rate-limits",), "retry_after is"),
    Broken(SendsAgain, VosoShop, ("sign-in-ends",), "listings of one create"),
    Broken(FailsForDoubles, VosoShop, ("write-twice",)),
    Broken(NamesLast, VosoShop, ("create-broken",)),
]
