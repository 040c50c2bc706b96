"""Import rows, one after the other, against the catalog.

It holds the state of one import between its rows and sends no query:
`catalog.imports.evaluate_feed` loads the products that the rows may be about and lays
the changed ones down. All faults of a row are found before anything of it counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

from catalog.db.counters import Mint, next_sku
from catalog.db.overflow import Growing, Marked
from catalog.eligibility.authority import Bodies
from catalog.feed.compare.contradictions import Contradictions
from catalog.feed.headings.column import (
    COLUMNS,
    COUNT_COLUMNS,
    IDENTIFYING,
    ColumnPart,
)
from catalog.feed.identify.identity import Identities, names_producer
from catalog.feed.identify.stored_spellings import StoredSpellings
from catalog.feed.merge.bulk_change_check import ImportTally
from catalog.feed.merge.buyer_effects import BuyerEffects
from catalog.feed.merge.earlier_rows import EarlierRows, certificate_at
from catalog.feed.merge.evidence import settle
from catalog.feed.merge.fresh_ids import FreshIds
from catalog.feed.merge.merge_values import CountIs
from catalog.feed.merge.moved_day import ask_about_days, moved_days
from catalog.feed.merge.own_sheet import ensure_its_own, not_its_own
from catalog.feed.merge.ownership_guard import Guard
from catalog.feed.merge.proofs import Proofs
from catalog.feed.merge.row_count import RowCounter
from catalog.feed.merge.row_merge import RowDraft, Statement, draft
from catalog.feed.merge.row_questions import Named, RowQuestions
from catalog.feed.rows.assignment import put
from catalog.feed.rows.other_provinces import OtherProvinces
from catalog.feed.rows.reading import Given, RowError, names_of
from catalog.feed.rows.row import FeedRow, Problem
from catalog.feed.rows.table import Note
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product, Variant
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace

_LATER = 1000
"""Rows that may wait for the others; further ones are asked about at once."""


@dataclass(slots=True, kw_only=True)
class Intake:
    """One import, between its rows.

    Attributes:
        now: The present instant.
        mint: Gives out new ids.
        identities: All products and producers of the catalog, by their marks.
        guard: Decides which fields the sheet may change.
        bodies: Who grants how many stars, by the day of the decision.
        reach: Whose products the sheet may change.
        contradictions: The contradictions between its rows, which are left out.
        tally: Its changes.
        taken: Its effects on buyers.
        products: The products that the next rows may be about, and those that rows
            have made since they were loaded.
        makers: The same for producers.
        touched: Products with something to save.
        named: Ids of all known products that rows were about, good or bad.
        perhaps_named: Ids of those that rows may be about: a person is asked.
        has_nameless: A row is so damaged that it may be about any product.
        later: Rows to take again once all others are read.
        declared: Since when products are missing, where a row itself says so.
        fresh: Ids and SKUs that this import has made.
        ignored_counts: Counts of stock older than those known.
        proofs: The evidence for the certificates of the rows.
        other_provinces: Rows of other provinces, which are left out.
        stored_alike: Packs that are stored twice, and differ only in typing.
        rows: How many rows were not empty.
        counter: Their fate.
        problems: All that is wrong or to be asked.
        doubts: Those of them that a person's token settles: doubtful prices, and
            days of certificates that are moved.
    """

    now: datetime
    mint: Mint
    identities: Identities
    guard: Guard
    bodies: Bodies
    reach: Reach = WHOLE_CATALOG
    contradictions: Contradictions = field(default_factory=Contradictions)
    tally: ImportTally = field(default_factory=ImportTally)
    taken: BuyerEffects = field(default_factory=BuyerEffects)
    products: dict[str, Product] = field(default_factory=dict)
    makers: dict[str, Producer] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    perhaps_named: set[str] = field(default_factory=set)
    has_nameless: bool = False
    later: list[FeedRow] = field(default_factory=list)
    declared: dict[str, date] = field(default_factory=dict)
    fresh: FreshIds = field(default_factory=FreshIds)
    ignored_counts: int = 0
    proofs: Proofs = field(default_factory=Proofs)
    other_provinces: OtherProvinces = field(default_factory=OtherProvinces)
    stored_alike: StoredSpellings = field(default_factory=StoredSpellings)
    rows: int = 0
    counter: RowCounter = field(default_factory=RowCounter)
    problems: Growing[Problem] = field(default_factory=Growing)
    doubts: Marked[Named] = field(default_factory=Marked)
    _earlier: EarlierRows = field(default_factory=EarlierRows)
    _questions: RowQuestions = field(init=False)

    def __post_init__(self) -> None:
        self._questions = RowQuestions(
            self.tally, self._earlier, self.fresh, self.doubts
        )

    def notes(self, today: date) -> Iterator[Note]:
        """Yield the notes for a reader, once all rows are read."""
        yield from self.counter.notes()
        yield from self.other_provinces.notes()
        yield from self.proofs.notes(today)
        yield from self.stored_alike.notes(self.identities, self.named)

    def load(self, entries: Iterable[Entry], makers: Iterable[Producer]) -> None:
        """Forget saved entries; hold those that the next rows may be about."""
        loaded = list(entries)
        self.touched.clear()
        self.products = {product.id: product for product, _ in loaded}
        owners = [maker for _, maker in loaded if maker is not None]
        self.makers = {maker.id: maker for maker in chain(owners, makers)}

    @property
    def created(self) -> list[str]:
        """Return the ids of new products."""
        return list(self.fresh.products)

    def entries(self) -> list[Entry]:
        """Return the entries to save."""
        chosen = [self.products[id_] for id_ in sorted(self.touched)]
        return [(each, self.makers.get(each.producer_id or "")) for each in chosen]

    def take(
        self,
        row: FeedRow,
        given: Given,
        problems: Iterable[Problem],
        *,
        last: bool = False,
    ) -> None:
        """Take one row in, put it off, or report all that is wrong with it.

        The *last* ones were put off before, and all others are read.
        """
        found = list(problems)
        if not given and not found:
            self.counter.pass_over(row)
            return
        self.rows += not last
        self.tally.places = self.tally.places or row.places
        if self._sets_aside(row, given, found):
            return
        rest = self.contradictions.rest_of(row, given)
        if not rest and not found:
            self._note_named(given)
            self.counter.leave_out(found)
            return
        whole, given = given, rest
        id_: str | None = None
        try:
            id_ = self.identities.find_product(given)
            if id_ is not None:
                self.named.add(id_)
            elif self._waits(given, last=last):
                self.later.append(row)
                return
            if not found:
                product_id, told = self._merge(row, given, id_)
                self.counter.take(product_id, whole)
                found += told
            else:
                self.counter.leave_out(found)
        except RowError as error:
            # A gap is not reported again where the cell itself is wrong already.
            if error.column not in {each.column for each in found}:
                found.append(error.at(row))
            self.counter.leave_out(found)
            if id_ is None:
                self.perhaps_named.update(error.about, self.identities.called(given))
        self.problems += found

    def _sets_aside(self, row: FeedRow, given: Given, found: list[Problem]) -> bool:
        """Leave a row out that is of another province, or about nothing."""
        if row.other_province and not self.identities.knows_by_id(given):
            self._leave_out(row, given)
            return True
        if _is_nameless(given, found):
            self.has_nameless = True
            self.problems += found
            self.counter.leave_out(found)
            return True
        return False

    def _note_named(self, given: Given) -> None:
        """Remember the subject of a row that is left out."""
        try:
            id_ = self.identities.identify(given)
        except RowError as error:
            self.perhaps_named.update(error.about)
        else:
            if id_ is not None and id_ in self.identities:
                self.named.add(id_)

    def _leave_out(self, row: FeedRow, given: Given) -> None:
        """Count a row of another province; its product may not be missing for it."""
        self.other_provinces.add(row)
        self.counter.other_province += 1
        try:
            id_ = self.identities.identify(given)
        except RowError as error:
            self.perhaps_named.update(error.about)
        else:
            self.perhaps_named.update(filter(None, [id_]))

    def _waits(self, given: Given, *, last: bool) -> bool:
        """Say whether a row about a new product has to wait for the others.

        Only a sheet of the whole catalog may bring one: a problem is raised else.

        A product that is called nearly as a known one is asked about. Where one
        name is a part of the other, it is not if the sheet names both.
        """
        if self.reach != WHOLE_CATALOG:
            raise not_its_own()
        whole = last or len(self.later) >= _LATER
        named = self.named if whole else None
        waits = self.identities.ask_about_product(given, self.fresh, named)
        return waits and not whole

    def _merge(
        self, row: FeedRow, given: Given, id_: str | None
    ) -> tuple[str, list[Problem]]:
        """Merge the values of a row; return its product, and the questions."""
        known = None if id_ is None else self.products[id_]
        if known is not None:
            self.stored_alike.see(known)
        maker_id = self._maker_of(given, known)
        given, stays = self._questions.without_owner(
            row, given, known, maker_id, self.guard
        )
        if not names_producer(given):
            maker_id = None if known is None else known.producer_id
        maker = None if maker_id is None else self.makers[maker_id]
        given, asked = self._questions.without_doubt(row, given, known)
        given, stated = self._questions.without_form(row, given, maker)
        made = said = draft(given, known, maker, self.now)
        kept, told = self._questions.held_back(row, said, self.guard)
        moved = moved_days(said, self.tally, self._earlier)
        kept |= {each.column: each.before for each in moved}
        if kept:
            made = draft({**given, **kept}, known, maker, self.now)
        if self.reach != WHOLE_CATALOG:
            ensure_its_own(said)
        unsettled, made = made, settle(made, self.bodies)
        said_before = list(made.statements())
        for about, names, held in said_before:
            self._earlier.check(about, names - COUNT_COLUMNS, made.given, held)
        self._count(made, said_before)
        product = self._keep(made)
        self._name_row(row, made, product)
        self.proofs.note(row, unsettled, made, product.id)
        self.taken.say(given, made, product, kept)
        if asked or moved:
            self.taken.contradict(product.id)
        if "price_vnd" in kept and not any(p.column == "price_vnd" for p in told):
            told += self._questions.ask_about_price(row, said, made, product)
        told += stated + self._questions.ask_about_count(row, given, made)
        moves = ask_about_days(row, moved, product, self.tally)
        self._questions.note_doubts(moves)
        return product.id, [*stays, *asked, *told, *moves]

    def _maker_of(self, given: Given, known: Product | None) -> str | None:
        """Return the producer that a row names; else that of the *known* product."""
        if not names_producer(given):
            return None if known is None else known.producer_id
        found = self.identities.find_producer(given)
        if found is None and self.reach == WHOLE_CATALOG:
            self.identities.ask_about_producer(given, self.fresh)
        return found

    def _count(self, made: RowDraft, statements: Iterable[Statement]) -> None:
        """Count the changes of *made* to products known before this import."""
        for part, known in (
            (ColumnPart.PRODUCT, made.known),
            (ColumnPart.PRODUCER, made.known_maker),
        ):
            if known is not None and known.id not in self.fresh:
                self.tally.see(part, known.id)
        variant = made.known_variant
        if variant is not None and variant.sku not in self.fresh:
            self.tally.see(ColumnPart.VARIANT, variant.sku)
        for each in statements:
            key, held = each.key, each.held
            if key.partition(" ")[0] not in self.fresh:
                for name in each.names:
                    self.tally.change(name, key, held(COLUMNS[name]), made.given[name])

    def _keep(self, made: RowDraft) -> Product:
        """Let a draft count: nothing can go wrong any more."""
        product, id_ = made.product, made.product.id
        changes: dict[str, object] = {"undone_import": None}
        if made.known is None:
            changes["id"] = id_ = self.mint.product_id(id_)
            self.fresh.products[id_] = None
            self.named.add(id_)
        maker = self._keep_maker(made)
        if maker is not None:
            changes["producer_id"] = maker.id
        if made.variant is not None:
            changes["variants"] = _with_variant(id_, product.variants, made.variant)
        product = put(product, changes)
        if made.variant is not None and made.known_variant is None:
            self.fresh.add(made.variant.sku or product.variants[-1].sku)
        if product != made.known or maker != made.known_maker:
            self.touched.add(product.id)
        self.products[product.id] = product
        self._remember(product, made)
        self.ignored_counts += made.count_is is CountIs.OLDER
        return product

    def _name_row(self, row: FeedRow, made: RowDraft, product: Product) -> None:
        """Remember the row that made a new product: people do not know its id yet."""
        where = f"{row.sheet}!{row.number}" if row.sheet else str(row.number)
        if made.known is None:
            self.identities.questions.made_in(product.id, where)
        if made.maker is not None and made.known_maker is None:
            self.identities.questions.made_in(product.producer_id or "", where)

    def _keep_maker(self, made: RowDraft) -> Producer | None:
        if made.maker is None:
            return None
        maker = made.maker
        if made.known_maker is None:
            maker = replace(maker, id=self.mint.producer_id(maker.id))
            self.fresh.add(maker.id)
        self.makers[maker.id] = maker
        self.identities.know_producer(maker.id, maker.name)
        return maker

    def _remember(self, product: Product, made: RowDraft) -> None:
        """Keep the marks and values that later rows are matched and compared with."""
        given = made.given
        self.identities.know_product(
            product.id, product.producer_id, product.name, product.ocop_code
        )
        if "not_in_source_since" in given:
            day = given["not_in_source_since"]
            assert isinstance(day, date)  # noqa: S101  (how the column reads)
            self.declared[product.id] = day
        if made.maker is not None and product.producer_id is not None:
            theirs = names_of(given, ColumnPart.PRODUCER)
            self._earlier.add(product.producer_id, {"": theirs})
        own = names_of(given, ColumnPart.PRODUCT, ColumnPart.PICTURES, ColumnPart.PAPER)
        parts = {"": own}
        if made.variant is not None:
            sku = made.variant.sku or product.variants[-1].sku
            parts[sku] = names_of(given, ColumnPart.VARIANT)
        if made.place is not None:
            names = names_of(given, ColumnPart.CERTIFICATE)
            parts[certificate_at(made.place)] = names
        self._earlier.add(product.id, parts)


def _is_nameless(given: Given, problems: Iterable[Problem]) -> bool:
    """Say whether a fault took the values that name a row's product."""
    if not IDENTIFYING.isdisjoint(given):
        return False
    return any(not each.column or each.column in IDENTIFYING for each in problems)


def _with_variant(
    product_id: str, known: Sequence[Variant], variant: Variant
) -> tuple[Variant, ...]:
    """Return *known* with *variant* in its place; a new one gets its SKU."""
    if not variant.sku:
        variant = replace(variant, sku=next_sku(product_id, known))
    others = [each for each in known if each.sku != variant.sku]
    return (*others, variant)
