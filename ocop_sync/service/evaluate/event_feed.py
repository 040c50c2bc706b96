"""Read the events of accounts, and the sales in them.

The cursor moves in the transaction that takes the events in, and only from where it
stood: two who read the same events at the same time take each in once, and neither
passes over one. So no lease is needed, and any run may read the sales of any account.
The use of an event is decided in `ocop_sync.service.evaluate.take_events`, the effect
of sales on the available stock in `catalog.model.sale`, the differences that they
explain in `ocop_sync.engine.state.stock`.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from operator import attrgetter

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.eligibility import Text
from catalog.model.sale import Sale, Sold
from catalog.values import replace
from ocop_sync.calls.call import call_account
from ocop_sync.engine.reasons.account_problem import (
    AccountProblemKind,
    is_of_settings,
    kind_of_problem,
    todo_of,
    why_of,
)
from ocop_sync.engine.state import stock
from ocop_sync.engine.state.stock import CLOCKS_DIFFER, doubted_at, with_sales
from ocop_sync.engine.terms import Base
from ocop_sync.errors import OcopSyncError, ProtocolError
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.port import Events
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.take_events import Taken, believed, sales_of, take_in
from ocop_sync.store.db.together import Together
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import EventsEnd

_log = logging.getLogger(__name__)

MOST_CALLS = 200
"""Calls in one reading; the rest is read by the next one."""

LONGEST_CURSOR = 1_000


_BESIDE_STOCK = frozenset(
    {Kind.CREATE, Kind.SET_PRICE, Kind.SET_STARS, Kind.PUT_SELLER}
)
"""Kinds of changes that leave the stock of what is on sale as it is."""


@dataclass(slots=True)
class _Turn:
    """Whose turn it is to read the sales of one account, and how often that began."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    begun: int = 0


InferredSale = tuple[str, str, Sale]
"""An account, a product, and the missing stock that counts as sold there."""


class Sales:
    """The sales that one run has read, at all accounts.

    Attributes:
        unread: Why the sales of accounts could not be read to their end, by key.
            They are not asked again in this run, which would slow the others, and no
            stock of products on sale there is raised.
        todo: The advice for it, by key, where it is known.
        causes: Its kind, by key.
        wrong: Those that cannot be used as they are set up.
        taken: The result of the events that were read, by key.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.unread = {key: each.why for key, each in deployment.unusable.items()}
        self.todo: dict[str, Text] = {}
        self.causes: dict[str, AccountProblemKind] = {}
        self.wrong: set[str] = set()
        self.taken: dict[str, Taken] = {}
        self._deployment = deployment
        self._turns = defaultdict[str, _Turn](_Turn)
        self._cursors: dict[str, str | None] = {}
        self._left_alone: set[str] = set()
        self._inferred: dict[tuple[str, str], InferredSale] = {}
        self._has_news = False
        self._quiet_ends = Together(deployment.database, _note_ends)

    async def note_cursors(self, conn: AsyncConnection, keys: Sequence[str]) -> None:
        """Remember how far the events of accounts *keys* were taken in.

        If somebody else moves one of them, that is noticed where it would be moved.
        """
        self._cursors |= await accounts.event_cursors(conn, keys)

    async def read(self, keys: Collection[str]) -> None:
        """Read the sales of accounts *keys* to their end, side by side.

        Those who ask for an account while it is being read share the next reading.
        Where a marketplace has no events, there is nothing to read.
        """
        keys = set(keys) - self.unread.keys()
        async with asyncio.TaskGroup() as group:
            for key in sorted(keys):
                group.create_task(self._read(key))

    def note_held(self, key: str) -> None:
        """Remember that account *key* was read, and that this run alone writes there.

        It is of use only where each sale is told.
        """
        if self._deployment.capabilities_of(key).tells_sales:
            self._left_alone.add(key)

    def note_writes(self, key: str, kinds: Iterable[Kind]) -> None:
        """Remember that changes of these *kinds* are about to be sent to account *key*.

        They may write over what was sold there since its sales were read.
        """
        if not _BESIDE_STOCK.issuperset(kinds):
            self._left_alone.discard(key)

    def is_left_alone(self, key: str) -> bool:
        """Say whether stock on sale there has changed by sales alone.

        That is since its sales were read; then less is on offer by each of them.
        """
        return key in self._left_alone

    def note_unread(self, key: str, error: Exception) -> None:
        """Remember that sales at account *key* are not known, because of *error*."""
        if self._deployment.capabilities_of(key).has_events:
            self.unread[key] = why_of(error)
            self._note(key, error)

    def note_inferred(self, sales: Sequence[InferredSale]) -> None:
        """Remember inferred sales; one that is written twice is counted once."""
        self._inferred |= {(each[0], each[2].order_line): each for each in sales}
        self._has_news |= bool(sales)

    def inferred(self) -> dict[str, dict[str, int]]:
        """Return how many units of each product count as sold, by account."""
        found: dict[str, dict[str, int]] = {}
        for account, product_id, sale in self._inferred.values():
            units = found.setdefault(account, {})
            units[product_id] = units.get(product_id, 0) + sale.quantity
        return {
            key: dict(sorted(units.items())) for key, units in sorted(found.items())
        }

    def pop_new_sales(self) -> bool:
        """Say whether sales have become known since this was asked last."""
        has_news, self._has_news = self._has_news, False
        return has_news

    async def _read(self, key: str) -> None:
        turn = self._turns[key]
        begun = turn.begun
        async with turn.lock:
            if turn.begun > begun:
                return  # begun since this was asked for, by another who waited
            turn.begun += 1
            why = self.unread.get(key) or await self._why_not(key)
        if why:
            _log.warning("sales not known", extra={"account": key, "reason": why})
            self.unread[key] = why

    async def _why_not(self, key: str) -> str:
        """Read the sales of an account; return why that did not succeed, or ""."""
        try:
            if not self._deployment.capabilities_of(key).has_events:
                return ""
            for _ in range(MOST_CALLS):
                if await self._read_on(key):
                    return ""
        except Exception as error:  # noqa: BLE001  (also an adapter's mistake)
            if not isinstance(error, OcopSyncError):
                _log.exception("sales could not be read", extra={"account": key})
            self._note(key, error)
            return why_of(error)
        return "còn thông báo chưa đọc hết / there are more events than were read"

    def _note(self, key: str, error: Exception) -> None:
        self.causes[key] = kind_of_problem(error)
        self.todo[key] = todo_of(error, key, self._deployment.secrets_at.get(key, ""))
        if is_of_settings(error):
            self.wrong.add(key)

    async def _ask(self, key: str, cursor: str | None) -> Events:
        """Return the events of account *key* after *cursor*."""
        deployment = self._deployment
        marketplace = deployment.open(deployment.account(key))

        async def events() -> Events:
            with deployment.breaker(key).beside():
                return await marketplace.events(cursor)

        return await call_account(
            deployment,
            marketplace,
            events,
            breaker=deployment.breaker(key, "events"),
            ensure=deployment.stop.ensure_going,
        )

    async def _read_on(self, key: str) -> bool:
        """Read the next events; return whether those were all.

        Raises:
            ProtocolError: One is a sale, or may be, and does not name its goods; all
                others are taken in.
        """
        if key not in self._cursors:
            await self._deployment.database.fetch(self.note_cursors, [key])
        cursor = self._cursors.pop(key, None)
        asked_at = self._deployment.clock()
        events = await self._ask(key, cursor)
        _ensure_cursor(events.next)
        site = self._deployment.site(self._deployment.account(key).marketplace)
        events = believed(site, events)
        sales, lacks = sales_of(events)
        is_end = events.next == cursor
        end = EventsEnd(key, cursor, events.next, asked_at)
        if not (events.items or events.unreadable):
            await self._quiet_ends.store(end)
            self._cursors[key] = events.next
            self.taken.setdefault(key, Taken())
            return True
        # A possible sale is not acknowledged: it is read again in each run.
        after = cursor if lacks else events.next

        async def store(conn: AsyncConnection) -> Taken | None:
            if is_end and not lacks:
                await accounts.note_ends(conn, [end])
            if not await accounts.move_cursor(conn, key, cursor, after):
                return None
            return await take_in(
                conn,
                self._deployment,
                key,
                events.items,
                sales,
                unreadable=events.unreadable,
            )

        taken = await self._deployment.database.write(store)
        if taken is not None:
            self._cursors[key] = after
        taken = taken or Taken()  # somebody else has taken the same events in
        self._has_news |= bool(taken.sold)
        self.taken.setdefault(key, Taken()).add(taken)
        if lacks:
            raise ProtocolError(lacks)
        return is_end


async def _note_ends(conn: AsyncConnection, ends: Sequence[EventsEnd]) -> None:
    """Remember that nothing was told at accounts: mostly that is so at all."""
    await accounts.note_ends(conn, sorted(ends, key=attrgetter("key")))


def _ensure_cursor(cursor: str) -> None:
    if len(cursor) > LONGEST_CURSOR:
        message = "con trỏ quá dài / the cursor is too long"
        raise ProtocolError(message)


async def with_read_sales(
    conn: AsyncConnection,
    known: Mapping[str, Record],
    doubt: timedelta = timedelta(0),
) -> dict[str, Record]:
    """Return *known* once the sales that were read are taken into account.

    A record comes back as it was, the same object, if nothing is new of it.

    *doubt* is as of `ocop_sync.engine.state.stock.with_sales`.
    """
    listed = [r for r in known.values() if r.state.base is not Base.NEVER_SENT]
    skus = {sku for r in listed for sku in r.state.shown.get(Facet.STOCK, ())}
    if not skus:
        return dict(known)
    seen = min(record.state.sales_seen for record in listed)
    sales = await reader.sales_after(conn, sorted(skus), seen)
    if not sales:
        return dict(known)
    by_sku = _by_sku(sales)
    return {id_: _after(record, by_sku, doubt) for id_, record in known.items()}


async def with_doubts(
    conn: AsyncConnection, known: Mapping[str, Record]
) -> dict[str, Record]:
    """Return *known* with the doubts where nothing was read since a sale."""
    at = {id_: doubted_at(record.state) for id_, record in known.items()}
    in_doubt = {id_: known[id_] for id_, instants in at.items() if instants}
    if not in_doubt:
        return dict(known)
    instants = [each for id_ in in_doubt for each in at[id_]]
    since, until = min(instants) - CLOCKS_DIFFER, max(instants) + CLOCKS_DIFFER
    skus = {s for r in in_doubt.values() for s in r.state.shown.get(Facet.STOCK, ())}
    sales = _by_sku(await reader.sales_between(conn, sorted(skus), since, until))
    return {**known, **{id_: _doubted(r, sales) for id_, r in in_doubt.items()}}


def _doubted(record: Record, by_sku: Mapping[str, Sequence[Sold]]) -> Record:
    state = stock.with_doubts(record.state, _sales_of(record, by_sku))
    return replace(record, state=state)


def _sales_of(record: Record, by_sku: Mapping[str, Sequence[Sold]]) -> list[Sold]:
    stocks = record.state.shown.get(Facet.STOCK, ())
    return [each for sku in stocks for each in by_sku.get(sku, ())]


def _by_sku(sales: Iterable[Sold]) -> dict[str, list[Sold]]:
    found: dict[str, list[Sold]] = {}
    for each in sales:
        found.setdefault(each.sku, []).append(each)
    return found


def _after(
    record: Record, by_sku: Mapping[str, Sequence[Sold]], doubt: timedelta
) -> Record:
    state = with_sales(record.state, _sales_of(record, by_sku), doubt=doubt)
    return record if state is record.state else replace(record, state=state)
