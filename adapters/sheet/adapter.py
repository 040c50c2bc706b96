"""A marketplace without an API behind the port: people are its network.

Each change is written down as a row in the account's folder, and answered `Submitted`.
Rows go out in batches and come back filled in (`ocop_sync.marketplace.by_hand`); what
was told of the account is what reads show, as of then. A class of this kind is made by
a template and a mapping; `adapters.sheet.examples` has some.
"""

import asyncio
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, TypeVar

from adapters.sheet import asking, batches
from adapters.sheet.answers import is_own, take_answers
from adapters.sheet.asking import Asked, Terms
from adapters.sheet.options import SheetOptions
from adapters.sheet.reading import sort_sheets
from adapters.sheet.state import Known, State, change
from adapters.sheet.template import Template, read_template
from adapters.sheet.whole_telling import ensure_when, take_export, take_word
from ocop_sync.errors import NoSuchBatchError
from ocop_sync.marketplace.by_hand import (
    Batch,
    ByHand,
    Room,
    Standing,
    Table,
    Taken,
    Word,
)
from ocop_sync.marketplace.change import (
    Create,
    Kind,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.folder import PATIENCE_S, Folder
from ocop_sync.marketplace.listing import Facet, Listing, RemoteListing, Variant
from ocop_sync.marketplace.mapping import read_mapping
from ocop_sync.marketplace.port import (
    PORT_VERSION,
    Account,
    Applied,
    Capabilities,
    Context,
    Marketplace,
    Page,
    Refused,
    Result,
    Submitted,
    Unknown,
    Unreadable,
)
from ocop_sync.marketplace.read_age import NEVER_TOLD

HERE: Final = Path(__file__).parent
PAGE_SIZE: Final = 100
BATCH: Final = 50
READ_AGE_S: Final = 86_400.0
"""How old a read may be: what people tell once a day."""

T = TypeVar("T")


class Sheet(Marketplace, ByHand):
    """One account at a marketplace that people work.

    A subclass names itself, and is made of `templates/NAME.toml` and
    `mappings/NAME.toml` beside this file.
    """

    port_version: ClassVar[int] = PORT_VERSION
    template: ClassVar[Template]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        name = cls.__dict__.get("name")
        if not isinstance(name, str):
            return  # the same marketplace, changed in something else
        shipped = read_template(HERE / "templates" / f"{name}.toml")
        cls.template = shipped
        cls.mapping = read_mapping(HERE / "mappings" / f"{name}.toml", name)
        cls.options_model = type(
            f"{cls.__name__}Options", (SheetOptions,), {"ships": shipped}
        )
        cls.capabilities = _capabilities(shipped)
        for facet, method in _METHODS.items():
            if facet not in shipped.facets:
                setattr(cls, method, getattr(Marketplace, method))

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context)
        options = account.options
        assert isinstance(options, SheetOptions)  # noqa: S101 - as `options_model` reads it
        self._options = options
        self._folder = Folder(options.folder)
        self._known = Known()

    # The port: reads

    async def check(self) -> None:
        """Prove that the folder can be read and written to."""
        await self._change(lambda _: None)

    async def page(self, cursor: str | None) -> Page:
        """Return what was told of all listings, by their names."""
        state = await self._load()
        left = sorted(ref for ref in state.listings if ref > (cursor or ""))
        shown, more = left[:PAGE_SIZE], left[PAGE_SIZE:]
        as_of = state.told.as_of if state.told else NEVER_TOLD
        return Page.of(
            [state.listings[ref].as_read() for ref in shown],
            shown[-1] if more else None,
            as_of,
        )

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        """Return what was told last of each listing."""
        known = (await self._load()).listings if refs else {}
        return [known[ref].as_read() if ref in known else None for ref in refs]

    async def follow(self, tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        """Return what was told of rows."""
        state = await self._load() if tickets else None
        return [_followed(state, each) for each in tickets] if state else []

    # The port: writes

    async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
        """Ask for new listings."""
        return await self._ask(changes)

    async def update(self, changes: Sequence[Update]) -> Sequence[Result]:
        """Ask for other content."""
        return await self._ask(changes)

    async def set_price(self, changes: Sequence[SetPrice]) -> Sequence[Result]:
        """Ask for other prices."""
        return await self._ask(changes)

    async def set_stock(self, changes: Sequence[SetStock]) -> Sequence[Result]:
        """Ask for other stocks."""
        return await self._ask(changes)

    async def set_stars(self, changes: Sequence[SetStars]) -> Sequence[Result]:
        """Ask for another claim, or for none."""
        return await self._ask(changes)

    async def withdraw(self, changes: Sequence[Withdraw]) -> Sequence[Result]:
        """Ask for listings to go down; a row that nobody has seen is taken back."""
        return await self._ask(changes)

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        """Ask for listings to go up again."""
        return await self._ask(changes)

    @classmethod
    def canonical(cls, listing: Listing) -> Listing:
        """Return *listing* as people can put it there: what has no column is empty."""
        has = cls.template.values
        packs = tuple(
            Variant(
                sku=each.sku,
                pack=each.pack,
                price_vnd=each.price_vnd,
                stock=each.stock,
                gtin=each.gtin if "gtin" in has else "",
                weight_g=each.weight_g if "weight_g" in has else None,
            )
            for each in listing.variants
        )
        most = cls.mapping.pictures.max_count
        return Listing(
            client_ref=listing.client_ref,
            seller_ref=listing.seller_ref,
            title=_one_line(listing.title),
            description=_lines(listing.description),
            category=listing.category,
            attributes=tuple(sorted(listing.attributes)) if "attributes" in has else (),
            pictures=listing.pictures[:most] if "pictures" in has else (),
            trace_url=listing.trace_url if "trace_url" in has else "",
            variants=packs,
            stars=listing.stars if "stars" in has else None,
        )

    # By hand

    async def room(self) -> Room:
        """Return how many more rows may be open."""
        return asking.room(await self._load(), self._options.most_rows)

    async def standing(self) -> Standing:
        """Return how the work of people stands."""
        return batches.standing(await self._load(), self._options.most_rows)

    async def close_batch(self, *, by: str) -> Batch | None:
        """Close the open rows as a batch."""
        now, most = self.context.clock(), self._options.most_rows

        def close(state: State) -> batches.Closed | None:
            return batches.close(state, self._folder, most, by=by, now=now)

        closed = await self._change(close)
        return self._handed(closed, is_new=True) if closed else None

    async def batch(self, number: int = 0) -> Batch:
        """Return a batch again as it was closed."""
        state = await self._load()
        closed = await asyncio.to_thread(
            batches.closed_again, state, self._folder, number
        )
        if closed is None:
            raise NoSuchBatchError(self.account.key, number)
        return self._handed(closed, is_new=False)

    async def call_off(self, number: int, *, by: str) -> int:
        """Let a batch be carried out by nobody."""
        del by  # who did is in the audit

        def act(state: State) -> int:
            if state.closed(number) is None or not number:
                raise NoSuchBatchError(self.account.key, number)
            return batches.call_off(state, number)

        return await self._change(act)

    async def knows(self, tables: Sequence[Table]) -> bool:
        """Say whether a ticket of this account stands in a file."""
        state, template = await self._load(), self._options.in_force
        found = await asyncio.to_thread(sort_sheets, tables, template)
        return any(is_own(state, line) for line in found.filled)

    async def take_in(
        self,
        tables: Sequence[Table],
        *,
        by: str,
        as_of: datetime | None = None,
        correct: bool = False,
    ) -> Taken:
        """Take a filled-in batch, or the marketplace's own export."""
        template, now = self._options.in_force, self.context.clock()
        found = await asyncio.to_thread(sort_sheets, tables, template)
        if found.faults:
            return Taken(faults=found.faults)

        def take(state: State) -> Taken:
            at = as_of or now
            if found.exports or at > now:
                at = ensure_when(state, as_of, now)
            taken = take_answers(
                state, found.filled, template, by=by, at=at, correct=correct
            )
            if not found.exports:
                return taken
            before = state.told
            more = take_export(
                state, found.exported, template, by=by, as_of=at, now=now
            )
            is_told = state.told is not before
            told = batches.told_of(state) if is_told else None
            return replace(taken, told=told, faults=[*taken.faults, *more])

        return await self._change(take)

    async def take_word(self, word: Word, *, by: str, as_of: datetime) -> Taken:
        """Take the word of a person for a whole telling."""
        now = self.context.clock()

        def take(state: State) -> Taken:
            at = ensure_when(state, as_of, now)
            take_word(state, word, by=by, as_of=at, now=now)
            return Taken(told=batches.told_of(state))

        return await self._change(take)

    # The folder

    async def _ask(self, changes: Sequence[Asked]) -> Sequence[Result]:
        if not changes:
            return []
        await self.context.quota.take()
        terms = Terms(
            rows_a_day=self._options.most_rows,
            withdraw_within=timedelta(hours=self._options.withdraw_within_h),
            now=self.context.clock(),
        )
        plain = [self._plain(each) for each in changes]
        return await self._change(lambda state: asking.ask_all(state, plain, terms))

    def _plain(self, change: Asked) -> Asked:
        """Return a change with its listing as people can put it there."""
        if isinstance(change, Create | Update):
            return replace(change, listing=self.canonical(change.listing))
        return change

    async def _load(self) -> State:
        key = self.account.key
        return await asyncio.to_thread(self._known.load, self._folder, key)

    async def _change(self, act: Callable[[State], T]) -> T:
        key = self.account.key
        return await asyncio.to_thread(change, self._folder, key, act)

    def _handed(self, closed: batches.Closed, *, is_new: bool) -> Batch:
        return batches.handed_out(
            closed,
            self._options.in_force,
            account=self.account.key,
            folder=self._folder.path,
            is_new=is_new,
        )


def _followed(state: State, ticket: str) -> Result:
    """Return what was told of a row."""
    row = state.rows.get(ticket)
    if row is None:
        return Unknown("không có việc này / there is no such row")
    if row.answer is None:
        return Submitted(ticket, row.ref)
    if row.answer.done:
        kept = state.listings.get(row.ref)
        return Applied(row.ref, state=kept.state if kept else None)
    if not row.answer.by:  # taken back: the listing itself will tell
        return Unknown(row.answer.why)
    return Refused.because("", row.answer.why)


def _capabilities(template: Template) -> Capabilities:
    """Return what a marketplace with this template has."""
    kinds = frozenset(Kind) - {Kind.PUT_SELLER, Kind.STOP_SELLER}
    return Capabilities(
        facets=template.facets,
        simulated=False,
        account_per_seller=False,
        visible_within_s=0.0,
        call_timeout_s=PATIENCE_S,
        page_size=PAGE_SIZE,
        read_batch=BATCH,
        write_batch=MappingProxyType(dict.fromkeys(sorted(kinds), BATCH)),
        has_gtin="gtin" in template.values,
        has_trace_page="trace_url" in template.values,
        writes_reference=True,
        has_search=False,
        has_sellers=False,
        has_seller_stop=False,
        has_events=False,
        read_age_s=READ_AGE_S,
    )


_METHODS: Final = {
    Facet.PRICE: "set_price",
    Facet.STOCK: "set_stock",
    Facet.STARS: "set_stars",
}


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _lines(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    return "\n".join(line.strip() for line in plain.split("\n")).strip()
