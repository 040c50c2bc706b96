"""The statements of all rows of a file, by subject, before any is imported.

Each row is grouped under the product and the producer that it is about, by the catalog
as it stands before the import: so the order of the rows does not matter. Where a
product or producer is new, rows belong together by its id, its code or its names.
Contradictions between them are found in `catalog.feed.compare.disagreements`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from catalog.db.overflow import Overflow, Pile
from catalog.db.temporary import packed_texts, unpacked_texts
from catalog.feed.headings.cell_commands import KIND_IS_RIGHT
from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.identify.code_spelling import fold_code
from catalog.feed.identify.identity import Identities, fold_maker, names_producer
from catalog.feed.rows.reading import Given, RowError, fold, names_of, read_values
from catalog.feed.rows.row import FeedRow, ProblemKind, RowPlace
from catalog.names.name_tokens import accented_ways, spelling
from catalog.values import replace

_KEPT: Final = COLUMNS.keys() | {KIND_IS_RIGHT}
_LONGEST: Final = 300
"""Characters of a text that is kept; of a longer one, only its checksum."""


@dataclass(frozen=True, slots=True)
class RowStatement:
    """The statements of one row.

    Attributes:
        where: Which row.
        product: Its product: the id, or a key that its rows share.
        maker: Of which producer; "" if of none.
        names: The columns in which it says something.
        values: The values in them.
        given: The values, by column.
    """

    where: RowPlace
    product: str
    maker: str
    names: tuple[str, ...]
    values: tuple[object, ...]
    given: Given = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given = dict(zip(self.names, self.values, strict=True))
        object.__setattr__(self, "given", given)

    def saying(self, column: str, value: object) -> "RowStatement":
        """Return it with *value* in a column in which it says nothing itself."""
        names, values = (*self.names, column), (*self.values, value)
        return replace(self, names=names, values=values)


class Laid(Struct, frozen=True):
    """The statements of one row, laid aside until they are compared with others.

    Attributes:
        sheet: Its sheet.
        number: Its number.
        product: As of `RowStatement`.
        maker: As of `RowStatement`.
        place: Where its cells lie: of most rows nobody asks for their values again.
    """

    sheet: str
    number: int
    product: str
    maker: str
    place: int
    pile: Pile[bytes]

    @property
    def where(self) -> RowPlace:
        """Return which row it is."""
        return self.sheet, self.number

    def said(self, columns: Collection[str] | None = None) -> RowStatement:
        """Return it with its values; only with those of some *columns*, if given."""
        cells = unpacked_texts(self.pile.look(self.place))
        if columns is not None:
            cells = {name: cells[name] for name in columns if name in cells}
        row = FeedRow(number=self.number, cells=cells)
        given, _ = read_values(row)
        names = tuple(sorted(given.keys() & _KEPT))
        values = tuple([_brief(given[name]) for name in names])
        return RowStatement(self.where, self.product, self.maker, names, values)


class _Named(Struct, frozen=True):
    """What rows say of the name of a new product.

    Attributes:
        spelled: How it is spelled first; "" if its accents have told it apart.
        products: Those that have it, and have an id or a code.
    """

    spelled: str = ""
    products: tuple[str, ...] = ()


_UNNAMED: Final = _Named()


def _by_name() -> Overflow[str, _Named]:
    return Overflow(kind=_Named)


@dataclass(slots=True)
class Survey:
    """All rows that can be read, by their subject.

    Their cells lie on disk: only rows about one subject are ever compared.

    Attributes:
        identities: All that the catalog holds, as it is before the import.
        codes: Rows with an OCOP code, by that code.
    """

    identities: Identities
    _pile: Pile[bytes] = field(default_factory=Pile)
    _products: defaultdict[str, list[Laid]] = field(
        default_factory=lambda: defaultdict(list)
    )
    codes: defaultdict[str, list[Laid]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _makers: defaultdict[str, list[Laid]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _said_of_makers: defaultdict[str, set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )
    """What rows say of producers, each once, as its hash."""
    _owners: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    """Ids of products, by the codes that rows give them."""
    _names: Overflow[str, _Named] = field(default_factory=_by_name)
    """Names of new products, by the letters of them."""
    _maker_ids: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    """Ids of new producers, by their names."""
    _otherwise: dict[str, set[str]] = field(default_factory=dict)
    """All ways in which a name is spelled, where there are several."""
    _divided: dict[str, list[str]] = field(default_factory=dict)
    """Names whose accents tell products apart, with those of each product."""

    def add(self, row: FeedRow, given: Given) -> None:
        """Note the values of a row; a row that raises a question is left out."""
        try:
            product, maker = self._product(given), self._maker(given)
        except RowError:
            return
        if not maker and product in self.identities:
            maker = self.identities.known_as(product)[1]
        place = self._pile.lay(packed_texts(row.cells))
        said = Laid(row.sheet, row.number, product, maker, place, self._pile)
        self._products[product].append(said)
        if code := self._code(given):
            self.codes[code].append(said)
        if maker and (names := names_of(given, ColumnPart.PRODUCER)):
            self._makers[maker].append(said)
            told = {(name, given[name]) for name in names}
            told.add((KIND_IS_RIGHT, KIND_IS_RIGHT in given))
            self._said_of_makers[maker].add(hash(frozenset(told)))

    def products(self) -> Mapping[str, Sequence[Laid]]:
        """Return the rows of each product, once all rows are read.

        Rows that say a name alone are by themselves until `join_names`.
        """
        for code, owners in self._owners.items():
            if len(owners) == 1 and code in self._products:
                self._products[next(iter(owners))] += self._products.pop(code)
        for name, ways in self._otherwise.items():
            if len(accented_ways(ways)) > 1:
                self._divide(name)
        return self._products

    def _divide(self, name: str) -> None:
        """Separate products with names of the same letters, and other accents."""
        for said in self._products.pop(name, []):
            self._products[_with_accents(name, said)].append(said)
        for each in sorted(self._names.pop(name, _UNNAMED).products):
            for said in self._products.get(self._owner_of(each), ()):
                self._note_name(_with_accents(name, said), each)
        self._divided[name] = sorted(
            each
            for each in self._products.keys() | self._names.keys()
            if each.startswith(f"{name}\n")
        )

    def join_names(self, left_out: Callable[[RowPlace], bool]) -> None:
        """Bring rows that say a name alone under the one product that has it.

        Args:
            left_out: Whether a row is left out whole: a product of which no row
                is taken counts for nothing.
        """
        for name in [each for each in self._products if self._called(each)]:
            strong = {self._owner_of(each) for each in self._called(name)}
            taken = {
                each
                for each in strong
                if not all(left_out(said.where) for said in self._products[each])
            }
            self._names[name] = _Named(products=tuple(sorted(taken)))
            if len(taken) == 1 and name in self._products:
                self._products[next(iter(taken))] += self._products.pop(name)

    def makers(self) -> Mapping[str, Sequence[Laid]]:
        """Return the rows of each producer, once all rows are read.

        Those are left out of which all rows say the same.
        """
        said = self._said_of_makers
        for name, ids in self._maker_ids.items():
            if len(ids) == 1 and name in self._makers:
                self._makers[next(iter(ids))] += self._makers.pop(name)
                said[next(iter(ids))] |= said.pop(name)
        return {id_: rows for id_, rows in self._makers.items() if len(said[id_]) > 1}

    def maker_of(self, said: RowStatement) -> str:
        """Return the key under which all rows know the producer of a row."""
        ids = self._maker_ids.get(said.maker, set())
        return next(iter(ids)) if len(ids) == 1 else said.maker

    def codes_of_several(self) -> Iterator[Sequence[RowStatement]]:
        """Return the rows that give one code to several products."""
        for code, owners in self._owners.items():
            if len(owners) > 1:
                rows = [
                    each.said()
                    for owner in (code, *sorted(owners))
                    for each in self._products.get(owner, ())
                ]
                yield [each for each in rows if self._code(each.given) == code]

    def names_of_several(
        self,
    ) -> Iterator[tuple[Sequence[RowStatement], Sequence[RowStatement]]]:
        """Return rows with a name alone, and those that give it several codes.

        It is for after `join_names`.
        """
        for name in self._products:
            strong = self._called(name)
            if len(strong) > 1:
                others = [s for each in sorted(strong) for s in self._products[each]]
                yield loaded(self._products[name]), loaded(others)

    def accents_of_several(
        self,
    ) -> Iterator[tuple[Sequence[RowStatement], Sequence[RowStatement]]]:
        """Return rows with a name alone, without accents, and those that it may mean.

        It is for after `join_names`.
        """
        for name, apart in self._divided.items():
            if name in self._products:
                others = [s for each in apart for s in self._products.get(each, ())]
                yield loaded(self._products[name]), loaded(others)

    def _owner_of(self, product: str) -> str:
        owners = self._owners.get(product, set())
        return next(iter(owners)) if len(owners) == 1 else product

    def _product(self, given: Given) -> str:
        """Return the key of a row's product; `RowError` if a question is needed."""
        known = self.identities
        id_, code, name = self._identified(given), self._code(given), self._name(given)
        if id_ is not None and code:
            self._owners[code].add(id_)
        if name and id_ not in known:
            self._note_name(name, id_ or code, str(given["name"]))
        return id_ or code or name

    def _identified(self, given: Given) -> str | None:
        """Return the id of a row's product; None if it is new, or a person is asked.

        What such a row contradicts hangs on the file alone. Else the others would go
        in with the next import, as soon as the catalog holds a product of its name.
        """
        try:
            return self.identities.identify(given)
        except RowError as error:
            if error.kind is not ProblemKind.QUESTION:
                raise
            return None

    def _called(self, name: str) -> Sequence[str]:
        """Return the new products with an id or a code that have this name."""
        known: _Named = self._names.get(name, _UNNAMED)
        return known.products

    def _note_name(self, name: str, product: str, text: str = "") -> None:
        """Note that a new product has this name, spelled as *text*; "" if none."""
        known = self._names.get(name, _UNNAMED)
        products, spelled = known.products, known.spelled or text
        if product and product not in products:
            products = (*products, product)
        if text != spelled:
            self._otherwise.setdefault(name, {spelled}).add(text)
        if (spelled, products) != (known.spelled, known.products):
            self._names[name] = _Named(spelled, products)

    def _name(self, given: Given) -> str:
        """Return the key of a new product whose row has no id and no code."""
        if "name" not in given:
            return ""
        maker = self._maker(given)
        if "producer_name" in given and maker not in self.identities.makers:
            maker = fold_maker(str(given["producer_name"]))
        return f"name {maker}\n{fold(str(given['name']))}"

    def _maker(self, given: Given) -> str:
        if not names_producer(given):
            return ""
        called = f"name {fold_maker(str(given.get('producer_name', '')))}"
        if "producer_id" not in given:
            return self.identities.find_producer(given) or called
        id_ = str(given["producer_id"])
        if "producer_name" in given and id_ not in self.identities.makers:
            self._maker_ids[called].add(id_)
        return id_

    def _code(self, given: Given) -> str:
        """Return the key of rows with one code.

        Of a code that is stored twice, only the letters tell the two apart.
        """
        code = fold_code(str(given.get("ocop_code", "")))
        if not code or self.identities.holds_twice(code):
            return ""
        return f"code {code}"


def loaded(
    rows: Iterable[Laid], columns: Collection[str] | None = None
) -> list[RowStatement]:
    """Return *rows* with their values; only with those of some *columns*, if given."""
    return [row.said(columns) for row in rows]


def _with_accents(name: str, laid: Laid) -> str:
    """Return the key of a row where accents tell products apart."""
    way = spelling(str(laid.said().given.get("name", "")))
    return f"{name}\n{' '.join(way.spelled)}" if way.accented else name


def _brief(value: object) -> object:
    return hash(value) if isinstance(value, str) and len(value) > _LONGEST else value
