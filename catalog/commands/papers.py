"""Papers of products and producers, as staff enter them: each act is one transaction.

A paper of a producer is one of each of its present products: rules ask products. What
takes a product off sale, now or on a day to come, is told first and needs a token; so
does what concerns products that nobody has named one by one. The token is of the papers
before, of the entry and of what it takes: once any of them has changed, it confirms
nothing. A removal counts
in the budget under the rule that asks for the paper. Functions over a connection in a
transaction of the caller; none of them commits.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.own import own_producer
from catalog.commands.paper_entry import EXPIRES_ON, PaperAct, PaperEntry
from catalog.commands.update import ensure_known, required
from catalog.db.acts import record_act
from catalog.db.chunks import chunks
from catalog.db.history import Author
from catalog.db.imports import lift_effects
from catalog.db.reader import get, products_by_producer, products_by_sku
from catalog.db.writer import lock, save
from catalog.eligibility import Rules
from catalog.eligibility.effects import compare
from catalog.errors import FieldProblem, FieldsError, HeldPapersError, TakenProduct
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.effect import EffectKind
from catalog.model.fact import Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.product import Entry, Product
from catalog.model.reach import Reach
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam

SHOWN: Final = 20
"""How many products a question names; the others are counted."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSubjects:
    """The products whose paper is meant.

    Attributes:
        products: Their ids, or SKUs of theirs.
        producer: Or: the producer of all of them.
        are_found: They were found, and not named one by one: shown first.
    """

    products: Sequence[str] = ()
    producer: str = ""
    are_found: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersEntered:
    """What came of an entry.

    Attributes:
        changed: Ids of the products that got a new revision, sorted.
        replaced: Of how many an earlier paper gave way to another one.
        taken: How many of them can no longer be sold, now or from a later day.
        without: How many have no such paper to correct or to end; they stay.
    """

    changed: Sequence[str] = ()
    replaced: int = 0
    taken: int = 0
    without: int = 0


def any_papers(version: str) -> None:
    """Take any papers that are there."""


async def enter_papers(
    conn: AsyncConnection,
    entry: PaperEntry,
    subjects: PaperSubjects,
    *,
    reach: Reach,
    rules: Rules,
    by: Actor,
    now: datetime,
    ensure_seen: Callable[[str], None] = any_papers,
) -> PapersEntered:
    """Enter a paper of products, all or none; return what changed.

    *ensure_seen* is called with the version of the papers that are there, and raises if
    another one was seen.

    Raises:
        NotInCatalogError: There is no such product or producer within *reach*.
        FieldsError: Values cannot be taken, it is not said of what, or there is no such
            paper to correct or to end.
        HeldPapersError: It takes products off sale, or concerns products that were not
            named, and the token does not confirm it.
        AttestationError: It is not said who.
    """
    who = required(by.name, "phải ghi ai đã xem giấy / say who has seen the paper")
    said = entry.read(day_in_vietnam(now))
    await lock(conn)
    ids = await _ids_of(conn, subjects, reach)
    found = _Found(said, who, day_in_vietnam(now), rules)
    async for entries in _each(conn, ids, reach):
        found.note(entries)
    ensure_seen(found.version)
    found.ensure_meant(subjects)
    if not found.changed:
        return PapersEntered(without=found.without)
    done = _act(said, found.changed, subjects, by, now)
    author = Author(who, now, await record_act(conn, done))
    async for entries in _each(conn, found.changed, reach):
        await _save(conn, said, entries, author)
    return PapersEntered(
        changed=found.changed,
        replaced=found.replaced,
        taken=found.taken,
        without=found.without,
    )


def papers_version(products: Sequence[Product]) -> str:
    """Return what differs once a paper of *products* does."""
    digest = blake2b(digest_size=6)
    for item in products:
        digest.update(repr((item.id, item.papers)).encode())
    return digest.hexdigest()


def paper_of(item: Product, kind: PaperKind) -> Paper | None:
    """Return the paper of that kind; None if nothing is known of one."""
    return next((each for each in item.papers if each.kind is kind), None)


async def _ids_of(
    conn: AsyncConnection, subjects: PaperSubjects, reach: Reach
) -> list[str]:
    if bool(subjects.producer) is bool(subjects.products):
        if subjects.are_found:
            return []  # nothing was found
        raise FieldsError([FieldProblem("products", *_OF_WHAT)])
    if subjects.producer:
        await own_producer(conn, subjects.producer, reach)
        return [*await products_by_producer(conn, [subjects.producer])]
    by_sku = await products_by_sku(conn, [*subjects.products])
    return sorted({by_sku.get(each, each) for each in subjects.products})


_OF_WHAT: Final = (
    "ghi đúng một: sản phẩm, hay cơ sở",
    "say of what: of products or of a producer",
)
_NO_PAPER: Final = (
    "chưa ghi giấy loại này, không có gì để sửa: giấy mới thì ghi bằng papers add",
    "no paper of this kind is known: there is nothing to correct or end",
)


async def _each(
    conn: AsyncConnection, ids: Sequence[str], reach: Reach
) -> AsyncIterator[list[Entry]]:
    """Yield entries, some at a time; all must be there, and within *reach*."""
    for some in chunks(ids):
        found = {
            id_: entry
            for id_, entry in (await get(conn, some)).items()
            if reach.holds(entry[0].producer_id)
        }
        ensure_known(some, found)
        yield [found[id_] for id_ in some]


@dataclass(slots=True)
class _Found:
    """What an entry does to products, product by product."""

    entry: PaperEntry
    who: str
    today: date
    rules: Rules
    changed: list[str] = field(default_factory=list)
    replaced: int = 0
    taken: int = 0
    without: int = 0
    _met: int = 0
    _names: list[tuple[str, str]] = field(default_factory=list)
    _takes: list[TakenProduct] = field(default_factory=list)
    _before: Any = field(default_factory=lambda: blake2b(digest_size=6))
    _taken: Any = field(default_factory=lambda: blake2b(digest_size=6))

    @property
    def version(self) -> str:
        """Return what differs once a paper of one of the products does."""
        return str(self._before.hexdigest())

    @property
    def token(self) -> str:
        """Return what confirms just this entry, over just these papers.

        Danger: a certificate or a stop may come between. What is taken then, and was
        not told, is not confirmed.
        """
        said = replace(self.entry, token="")
        digest = self._before.copy()
        digest.update(repr((said, self._taken.hexdigest())).encode())
        return str(digest.hexdigest())

    def note(self, entries: Sequence[Entry]) -> None:
        """Note what it does to some products."""
        for item, maker in entries:
            self._before.update(repr((item.id, item.papers)).encode())
            known = paper_of(item, self.entry.kind)
            after = self.entry.over(known, self.who)
            self._met += known is not None
            self.without += known is None and _needs_one(self.entry)
            if after is None or after is known:
                continue
            self.changed.append(item.id)
            if len(self._names) < SHOWN:
                self._names.append((item.id, item.name))
            self.replaced += _is_replaced(self.entry, known)
            self._note_taken((item, maker), after)

    def _note_taken(self, before: Entry, after: Paper) -> None:
        item, maker = before
        entry = _with(item, after), maker
        entered, _ = compare(before, entry, self.today, self.rules)
        key = EffectKind.PAPER, self.entry.kind.value
        if not any((each.kind, each.key) == key for each in entered):
            return
        self.taken += 1
        last = after.expires_on if after.held.value is Fact.YES else None
        day = self.today if last is None else max(self.today, last + _DAY)
        self._taken.update(repr((item.id, day)).encode())
        if len(self._takes) < SHOWN:
            self._takes.append(TakenProduct(item.id, item.name, day))

    def ensure_meant(self, subjects: PaperSubjects) -> None:
        """Raise unless there is something to do, and whoever asks means all of it."""
        if _needs_one(self.entry) and not self._met:
            raise FieldsError([FieldProblem("kind", *_NO_PAPER)])
        many = subjects.are_found or len(subjects.products) > 1
        asks = self.changed and (self.taken or many)
        if asks and self.entry.token != self.token:
            raise HeldPapersError(
                changed=len(self.changed),
                names=self._names,
                replaced=self.replaced,
                taken=self.taken,
                takes=self._takes,
                token=self.token,
            )


def _needs_one(entry: PaperEntry) -> bool:
    return entry.act in (PaperAct.CORRECT, PaperAct.END)


def _is_replaced(entry: PaperEntry, known: Paper | None) -> bool:
    """Say whether another paper of the kind was known to be there."""
    is_held = known is not None and known.held.value is Fact.YES
    return entry.act is PaperAct.ADD and is_held


def _with(item: Product, paper: Paper) -> Product:
    papers = {each.kind: each for each in item.papers} | {paper.kind: paper}
    return replace(item, papers=tuple(papers.values()))


async def _save(
    conn: AsyncConnection, entry: PaperEntry, entries: Sequence[Entry], author: Author
) -> None:
    """Write products with the paper that comes of *entry*; all of them change."""
    changed: list[Entry] = []
    for item, _ in entries:
        paper = entry.over(paper_of(item, entry.kind), author.name)
        assert paper is not None  # noqa: S101  (as it was found)
        changed.append((_with(item, paper), None))
    if entry.act is not PaperAct.CORRECT or EXPIRES_ON in entry.values:
        # A person stands for the paper now, and not a sheet.
        kind = EffectKind.PAPER, entry.kind.value
        await lift_effects(conn, [(item.id, *kind) for item, _ in changed])
    await save(conn, changed, by=author)


def _act(
    entry: PaperEntry,
    changed: Sequence[str],
    subjects: PaperSubjects,
    by: Actor,
    now: datetime,
) -> Act:
    refs = {"paper": entry.kind.value}
    if entry.act is PaperAct.ATTEST:
        refs["value"] = entry.held.value
    if subjects.producer:
        refs["producer"] = subjects.producer
    return Act(
        by=by,
        kind=entry.act.value,
        at=now,
        subjects=changed,
        refs=refs,
        reason=entry.reason,
    )
