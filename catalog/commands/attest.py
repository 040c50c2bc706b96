"""Facts that people stand for: papers held, consent given.

A fact is attested by name and day, for one product or for hundreds in one go ("all
food-safety papers of this sheet seen by NAME on DATE"). It goes to the history with the
value before. No scan and no identity number is kept.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.update import ensure_known
from catalog.db.acts import record_act
from catalog.db.chunks import chunks
from catalog.db.history import Author
from catalog.db.imports import lift_consent_effects, lift_effects
from catalog.db.reader import (
    get,
    get_producers,
    products_by_producer,
    products_by_source,
)
from catalog.db.writer import in_order, lock, save, save_producers
from catalog.errors import AttestationError
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.effect import EffectKind, Key
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.producer import Producer
from catalog.model.product import Product
from catalog.text import clean
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam


class ProducerFact(StrEnum):
    """Attested facts of a producer; those of a product are its papers."""

    CONSENT = "consent"
    IDENTITY_READY = "identity_ready"


async def attest(
    conn: AsyncConnection,
    *,
    what: Collection[PaperKind | ProducerFact],
    value: Fact,
    by: Actor,
    on: date,
    now: datetime,
    product_ids: Collection[str] | None = None,
    producer_ids: Collection[str] | None = None,
    source: str | None = None,
    expires_on: date | None = None,
    only_unknown: bool = False,
) -> Sequence[str]:
    """Record that *by* has seen, on *on*, that the facts *what* are *value*.

    One of *product_ids*, *producer_ids* and *source* says of whom: papers are
    those of the products, of the producers' products, or of all products that
    imports of the source have named; facts are those of their producers.

    Args:
        conn: A connection in a transaction of the caller.
        what: Papers and facts; all of them get the same answer.
        value: Yes or no; unknown takes an earlier word back.
        by: Who has seen the evidence, by name or office.
        on: When, in Vietnam; not in the future.
        now: The present instant.
        product_ids: Of these products and their producers.
        producer_ids: Of these producers and their products.
        source: Of the products of this source, and their producers.
        expires_on: Last day of the papers; None leaves the days that are known.
        only_unknown: Leave answers of yes or no that somebody has given, so that a word
            about all never replaces a word about one.

    Returns:
        Ids of the products that got a new revision, sorted.

    Raises:
        AttestationError: It is not said who or of whom, or the day is in the
            future.
        NotInCatalogError: There is no such product, producer or source.
    """
    who = clean(by.name)
    if not who or on > day_in_vietnam(now):
        message = (
            "phải ghi ai đã xem và ngày xem, không ở tương lai"
            " / say who has seen it, and when, not in the future"
        )
        raise AttestationError(message)
    await lock(conn)
    answer = _Answer(Attested(value=value, by=who, on=on), expires_on, only_unknown)
    products, producers = await _resolve(conn, product_ids, producer_ids, source)
    facts = [each for each in what if isinstance(each, ProducerFact)]
    kinds = [each for each in what if isinstance(each, PaperKind)]
    # The history names the act, so that its subjects have to be known before.
    changed_makers, changed = set[str](), set[str]()
    async for pairs in _of_producers(conn, answer, producers if facts else (), facts):
        changed_makers |= {now.id for was, now in pairs if now != was}
    changed |= set(await products_by_producer(conn, sorted(changed_makers)))
    async for items in _of_products(conn, answer, products if kinds else (), kinds):
        changed |= {now.id for was, now in items if in_order(now) != was}
    author = Author(who, now)
    if subjects := sorted(changed or changed_makers):
        refs = {"what": " ".join(sorted(what)), "value": value.value}
        done = Act(by=by, kind="attest", at=now, subjects=subjects, refs=refs)
        author = Author(who, now, await record_act(conn, done))
    async for pairs in _of_producers(conn, answer, producers if facts else (), facts):
        await lift_consent_effects(conn, _changed_consents(pairs))
        await save_producers(conn, [now for _, now in pairs], by=author)
    async for items in _of_products(conn, answer, products if kinds else (), kinds):
        await lift_effects(conn, _seen_papers(items))
        await save(conn, [(now, None) for _, now in items], by=author)
    return sorted(changed)


async def _of_producers(
    conn: AsyncConnection,
    answer: "_Answer",
    ids: Sequence[str],
    facts: Collection[ProducerFact],
) -> AsyncIterator[Sequence[tuple[Producer, Producer]]]:
    """Yield producers as they are and as they will be, some at a time."""
    for some in chunks(ids):
        makers = (await get_producers(conn, some)).values()
        yield [(each, answer.of_producer(each, facts)) for each in makers]


async def _of_products(
    conn: AsyncConnection,
    answer: "_Answer",
    ids: Sequence[str],
    kinds: Collection[PaperKind],
) -> AsyncIterator[Sequence[tuple[Product, Product]]]:
    """Yield products as they are and as they will be, some at a time."""
    for some in chunks(ids):
        found = (await get(conn, some)).values()
        yield [(each, answer.of_product(each, kinds)) for each, _ in found]


def _changed_consents(pairs: Iterable[tuple[Producer, Producer]]) -> list[str]:
    """Return of which producers somebody stands for the answer about consent now."""
    return [now.id for was, now in pairs if now.consent is not was.consent]


def _seen_papers(pairs: Iterable[tuple[Product, Product]]) -> list[Key]:
    """Return for which papers somebody stands now."""
    keys: list[Key] = []
    for was, now in pairs:
        known = {paper.kind: paper.held for paper in was.papers}
        keys += [
            (now.id, EffectKind.PAPER, paper.kind.value)
            for paper in now.papers
            if paper.held is not known.get(paper.kind)
        ]
    return keys


@dataclass(frozen=True, slots=True)
class _Answer:
    """The same answer for several facts."""

    attested: Attested
    expires_on: date | None
    only_unknown: bool

    def of_producer(self, maker: Producer, facts: Iterable[ProducerFact]) -> Producer:
        for fact in facts:
            if fact is ProducerFact.CONSENT:
                maker = replace(maker, consent=self._over(maker.consent))
            else:
                maker = replace(maker, identity_ready=self._over(maker.identity_ready))
        return maker

    def of_product(self, item: Product, kinds: Iterable[PaperKind]) -> Product:
        papers = {each.kind: each for each in item.papers}
        for kind in kinds:
            old = papers.get(kind, Paper(kind=kind, held=UNATTESTED))
            held = self._over(old.held)
            if held is not old.held:
                last = self.expires_on or old.expires_on
                papers[kind] = Paper(kind=kind, held=held, expires_on=last)
        return replace(item, papers=tuple(papers.values()))

    def _over(self, old: Attested) -> Attested:
        """Return the attested answer that replaces *old*."""
        answered = old.value is not Fact.UNKNOWN
        return old if self.only_unknown and answered else self.attested


async def _resolve(
    conn: AsyncConnection,
    product_ids: Collection[str] | None,
    producer_ids: Collection[str] | None,
    source: str | None,
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the products and the producers that are meant."""
    if [product_ids, producer_ids, source].count(None) != 2:  # noqa: PLR2004 (one of three)
        message = "phải ghi đúng một phạm vi / say of whom, in one way"
        raise AttestationError(message)
    if producer_ids is not None:
        makers = sorted(set(producer_ids))
        ensure_known(makers, await get_producers(conn, makers))
        return await products_by_producer(conn, makers), makers
    if source is not None:
        product_ids = await products_by_source(conn, clean(source))
        ensure_known([source], [source] if product_ids else [])
    products = sorted(set(product_ids or ()))
    entries = await get(conn, products)
    ensure_known(products, entries)
    owners = {each.producer_id for each, _ in entries.values()}
    return products, sorted(id_ for id_ in owners if id_ is not None)
