"""The catalog as an import sees it: one state, with its own changes laid over it.

An import is evaluated before any of it is written, so that nobody waits for it. Its
changed products and producers are laid down here, and later rows find them as if they
were stored; `catalog.imports.apply_import` writes them. Both may be more than memory
has room for.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.db.field_changes import Key, Touch
from catalog.db.overflow import Overflow, Several
from catalog.db.provenance import Provenance, provenance_of
from catalog.db.reader import get, get_producers, products_by_producer
from catalog.db.stored_answers import known_bodies
from catalog.db.writer import in_order
from catalog.imports.read_products import ReadProducts
from catalog.model.certificate import Certificate
from catalog.model.ownership import changed_fields
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product
from catalog.turns import in_turns

T = TypeVar("T")

_TOGETHER: Final = 100
"""Of what is to be written so much is taken at once: other tasks wait for it."""


class CatalogView:
    """One state of the catalog, and the changes that an import is going to make.

    Attributes:
        conn: Where the state is read.
        days: The days of all decisions that it was asked for.
        read: The states of the products that were read.
    """

    def __init__(self, conn: AsyncConnection, author: str, now: datetime) -> None:
        self.conn = conn
        self.days: set[date] = set()
        self.read = ReadProducts()
        self._touch = Touch(now, author)
        self._products: Overflow[str, Product] = Overflow(kind=Product)
        self._producers: Overflow[str, Producer] = Overflow(kind=Producer)
        self._apart: Overflow[str, Product] = Overflow(kind=Product)
        self._touched: Overflow[str, frozenset[Key]] = Overflow()
        self._owned: Several[str, str] = Several()  # an id may stand there twice
        self._decided: Several[str, str] = Several()

    async def get(self, ids: Collection[str]) -> dict[str, Entry]:
        """Return products with their producers by id; unknown ids are left out."""
        laid = {id_: each for id_ in ids if (each := self._products.get(id_))}
        stored = await get(self.conn, sorted(set(ids).difference(laid)))
        self.read.note(stored.values())
        owners = await self.get_producers(
            {each.producer_id for each in laid.values() if each.producer_id}
        )
        found = {id_: self._as_laid(entry) for id_, entry in stored.items()}
        for id_, item in laid.items():
            found[id_] = item, owners.get(item.producer_id or "")
        return {id_: found[id_] for id_ in sorted(found)}

    def _as_laid(self, entry: Entry) -> Entry:
        item, maker = entry
        return item, None if maker is None else self._producers.get(maker.id, maker)

    async def get_producers(self, ids: Collection[str]) -> dict[str, Producer]:
        """Return producers by id; unknown ids are left out."""
        laid = {id_: each for id_ in ids if (each := self._producers.get(id_))}
        stored = await get_producers(self.conn, sorted(set(ids).difference(laid)))
        found = stored | laid
        return {id_: found[id_] for id_ in sorted(found)}

    async def provenance_of(self, ids: Collection[str]) -> Provenance:
        """Return the last changes of products, those of this import included."""
        stored = await provenance_of(self.conn, sorted(ids))
        self.read.note_touches(stored)
        keys = {key for id_ in ids for key in self._touched.get(id_, ())}
        return stored.touched(keys, self._touch)

    async def products_of(self, producer_ids: Collection[str]) -> Sequence[str]:
        """Return the ids of the products of producers, sorted."""
        ids = sorted(producer_ids)
        stored = await products_by_producer(self.conn, ids)
        laid = {id_ for maker in ids for id_ in self._owned.get(maker)}
        known = {*stored, *laid}
        return sorted(id_ for id_ in known if self._is_of(id_, producer_ids))

    def _is_of(self, id_: str, producer_ids: Collection[str]) -> bool:
        item = self._products.get(id_)
        return item is None or item.producer_id in producer_ids

    async def bodies(self, days: Collection[date]) -> list[tuple[str, date, str]]:
        """Return number, day and body of the decisions of *days* of which it is known.

        They are as certificates state them; voided ones are left out. Whether one of
        these has changed since is asked of the history, not of its product: that also
        changes with each count.
        """
        self.days.update(days)
        found: list[tuple[str, date, str]] = []
        for id_, text, day, body in await known_bodies(self.conn, days):
            if id_ not in self._products:
                found.append((text, day, body))
        laid = {id_ for day in days for id_ in self._decided.get(day.isoformat())}
        async for id_ in in_turns(sorted(laid)):
            found += (
                (each.decision, each.decided_on, each.body)
                for each in self._products[id_].certificates
                if each.decided_on is not None and each.decided_on in days
                if _says_body(each)
            )
        return found

    async def lay(
        self, entries: Iterable[Entry], known: Mapping[str, Entry] | None = None
    ) -> Sequence[str]:
        """Lay entries down, to be written; return the ids of products that change.

        Args:
            entries: The entries.
            known: Those of them that are there, as `get` has returned them; None if
                they are to be looked up.
        """
        some = list(entries)
        makers = {maker.id: maker for _, maker in some if maker is not None}
        known_makers = await self.get_producers(makers)
        for id_, maker in makers.items():
            if known_makers.get(id_) != maker:
                self._producers[id_] = maker
        if known is None:
            known = await self.get([item.id for item, _ in some])
        return [
            item.id
            async for item, _ in in_turns(some)
            if self._lay(
                in_order(item), known[item.id][0] if item.id in known else None
            )
        ]

    def lay_apart(self, entries: Iterable[Entry]) -> None:
        """Lay products down as they are written if a person has confirmed them."""
        for item, _ in entries:
            self._apart[item.id] = in_order(item)

    def _lay(self, item: Product, known: Product | None) -> bool:
        """Lay a product down, unless it is as it was."""
        if item == known:
            return False
        keys = {(item.id, *each) for each in changed_fields(known, item)}
        laid = known if item.id in self._products else None
        self._touched[item.id] = self._touched.get(item.id, frozenset()) | keys
        self._products[item.id] = item
        if item.producer_id and (
            known is None or known.producer_id != item.producer_id
        ):
            self._owned.add(item.producer_id, item.id)
        for day in _decided_on(item) - (set() if laid is None else _decided_on(laid)):
            self._decided.add(day.isoformat(), item.id)
        return True

    def producers(self) -> Iterator[Sequence[Producer]]:
        """Yield the producers to write, some at a time."""
        yield from _some(self._producers)

    def products(self, *, confirmed: bool) -> Iterator[Sequence[Product]]:
        """Yield the products to write, some at a time.

        What was laid apart is written if a person has *confirmed* it.
        """
        apart = self._apart if confirmed else {}
        for items in _some(self._products):
            yield [apart.get(each.id, each) for each in items]
        for items in _some(apart):
            if others := [each for each in items if each.id not in self._products]:
                yield others

    async def revised(self) -> set[str]:
        """Return the ids of all products that get a new revision by what is laid."""
        changed = {*self._products, *self._apart}
        for some in _some(self._producers):
            theirs = sorted(each.id for each in some)
            # Those that are laid down have been counted, whosever they are now.
            changed.update(await products_by_producer(self.conn, theirs))
        return changed


def _some(laid: Mapping[str, T]) -> Iterator[Sequence[T]]:
    for ids in chunks(list(laid), _TOGETHER):
        yield [laid[id_] for id_ in ids]


def _decided_on(item: Product) -> set[date]:
    """Return the days of the decisions of which a product says who took them."""
    days = {each.decided_on for each in item.certificates if _says_body(each)}
    return {day for day in days if day is not None}


def _says_body(certificate: Certificate) -> bool:
    return bool(certificate.body and certificate.decision) and not certificate.voided
