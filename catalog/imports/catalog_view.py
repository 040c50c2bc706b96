"""The catalog as an import sees it: one state, with its own changes laid over it.

An import is evaluated before any of it is written, so that nobody waits for it. Its
changed products and producers are laid down here, and later rows find them as if they
were stored; `catalog.imports.apply_import` writes them. Both may be more than memory
has room for.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

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
        keys = {key for id_ in ids for key in self._touches_of(id_)}
        return stored.touched(keys, self._touch)

    def _touches_of(self, id_: str) -> frozenset[Key]:
        """Return what this import has changed of a product, where that matters."""
        found: frozenset[Key] | None = self._touched.get(id_)
        if found is None and (item := self._products.get(id_)) is not None:
            return _touched(None, item)  # it is new, and has not been laid again
        return found or frozenset()

    async def products_of(self, producer_ids: Collection[str]) -> Sequence[str]:
        """Return the ids of the products of producers, sorted."""
        if not producer_ids:
            return []
        known = set(await products_by_producer(self.conn, sorted(producer_ids)))
        async for item in in_turns(item for _, item in self._products.each()):
            if item.producer_id in producer_ids:
                known.add(item.id)
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
        laid = [
            (each, day) for day in days for each in self._decided.get(day.isoformat())
        ]
        async for each, day in in_turns(sorted(laid)):
            _, _, number, body = each.split(_BETWEEN)
            found.append((number, day, body))
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
        if known is not None:
            before = self._touches_of(item.id)
            self._touched[item.id] = before | _touched(known, item)
        laid = known if item.id in self._products else None
        self._products[item.id] = item
        was = [] if laid is None else list(_decided_in(laid))
        now = list(_decided_in(item))
        for day, decided in was:
            if (day, decided) not in now:
                self._decided.discard(day.isoformat(), decided)
        for day, decided in now:
            if (day, decided) not in was:
                self._decided.add(day.isoformat(), decided)
        return True

    def producers(self) -> Iterator[Sequence[Producer]]:
        """Yield the producers to write, some at a time."""
        yield from _some(self._producers)

    def products(self, *, confirmed: bool) -> Iterator[Sequence[Product]]:
        """Yield the products to write, some at a time.

        What was laid apart is written if a person has *confirmed* it.
        """
        apart = self._apart if confirmed else Overflow[str, Product]()
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


def _some(laid: Overflow[str, T]) -> Iterator[Sequence[T]]:
    values = (value for _, value in laid.each())
    while some := list(islice(values, _TOGETHER)):
        yield some


def _touched(known: Product | None, item: Product) -> frozenset[Key]:
    """Return what of a product a change touches, where others have a say."""
    return frozenset((item.id, *each) for each in changed_fields(known, item))


_BETWEEN: Final = "\0"
"""Parts what is told of a certificate; the catalog has it nowhere."""


def _decided_in(item: Product) -> Iterator[tuple[date, str]]:
    """Yield the days of the decisions of which a product says who took them.

    With each stand product, place in its history, number and body: so they sort.
    """
    for place, each in enumerate(item.certificates):
        if each.decided_on is not None and _says_body(each):
            parts = item.id, f"{place:04}", each.decision, each.body
            yield each.decided_on, _BETWEEN.join(parts)


def _says_body(certificate: Certificate) -> bool:
    return bool(certificate.body and certificate.decision) and not certificate.voided
