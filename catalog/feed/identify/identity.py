"""Find out which product and which producer a row is about.

A product is found by its id or SKU, then by its OCOP code, then by producer and
name; names are compared exactly, once folded. Its pack is found in
`catalog.feed.identify.pack`.
Names that both carry accents have to carry the same ones.
Where several fit, or nothing does and something nearly, a person is asked: a
guess would overwrite somebody else's product, or make a second one of the same.
New ids are given out in `catalog.feed.merge.row_importer`.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import Struct

from catalog.db.overflow import Overflow, Several
from catalog.feed.headings.cell_commands import NEW_PRODUCER, NEW_PRODUCT
from catalog.feed.identify.accents import Accents, with_accents
from catalog.feed.identify.code_spelling import fold_code
from catalog.feed.identify.fuzzy_names import Names
from catalog.feed.identify.identity_questions import IdentityQuestions
from catalog.feed.identify.near_former_names import NearFormerNames
from catalog.feed.rows.reading import Given, RowError, fold
from catalog.feed.rows.row import ProblemKind
from catalog.names.name_tokens import told_apart
from catalog.names.producer_name import fold_producer_name

_NOBODY = ""
"""Owner of products whose producer is not known, and of producers."""
_CODES = ("sku", "product_id", "ocop_code")
"""Columns that say by themselves which product a row is about."""


@lru_cache(maxsize=8192)
def fold_maker(name: str) -> str:
    """Return the name of a producer as it is compared; signs count if all it is."""
    return fold_producer_name(name) or fold(name)


class _Marks(Struct, frozen=True):
    """The marks that identify a product."""

    producer_id: str | None
    name: str
    folded: str
    ocop_code: str


def _known_by_marks() -> Overflow[str, _Marks]:
    return Overflow(kind=_Marks)


@dataclass(slots=True)
class Identities:
    """All products and producers of the catalog, by the marks that identify them.

    They may be more than memory has room for.

    Attributes:
        questions: The questions about those that several fit.
    """

    _products: Overflow[str, _Marks] = field(default_factory=_known_by_marks)
    _by_code: Several[str, str] = field(default_factory=Several)
    _by_name: Several[str, str] = field(default_factory=Several)
    _makers: Overflow[str, str] = field(default_factory=Overflow)
    _makers_by_name: Several[str, str] = field(default_factory=Several)
    _maker_names: Overflow[str, str] = field(default_factory=Overflow)
    _former: Several[tuple[str, str], str] = field(default_factory=Several)
    _former_anyones: Several[str, str] = field(default_factory=Several)
    _former_spelled: Several[tuple[str, str], str] = field(default_factory=Several)
    _former_makers: Several[str, str] = field(default_factory=Several)
    questions: IdentityQuestions = field(init=False)
    _accents: Accents = field(default_factory=Accents)
    _near: Names = field(default_factory=Names)
    _near_makers: Names = field(default_factory=Names)
    _near_former: NearFormerNames = field(default_factory=NearFormerNames)
    _near_former_makers: NearFormerNames = field(default_factory=NearFormerNames)

    def __post_init__(self) -> None:
        self.questions = IdentityQuestions(self._name_of)

    def know_product(
        self, id_: str, producer_id: str | None, name: str, ocop_code: str
    ) -> None:
        """Remember the marks of a product from now on."""
        before = self._products.get(id_)
        marks = _Marks(producer_id, name, fold(name), ocop_code)
        if marks == before:
            return
        if before is not None:
            self._by_name.discard(before.folded, id_)
            self._by_code.discard(fold_code(before.ocop_code), id_)
        self._products[id_] = marks
        self._by_name.add(marks.folded, id_)
        if ocop_code:
            self._by_code.add(fold_code(ocop_code), id_)
        if before is None or (before.producer_id, before.name) != (producer_id, name):
            self._near.put(id_, producer_id or _NOBODY, name)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._products

    @property
    def makers(self) -> Collection[str]:
        """Return the ids of the producers that are known."""
        return self._makers.keys()

    @property
    def size(self) -> int:
        """Return how many products are known."""
        return len(self._products)

    def _name_of(self, id_: str) -> str:
        marks = self._products.get(id_)
        return marks.name if marks else str(self._maker_names.get(id_, ""))

    def known_as(self, id_: str) -> tuple[str, str]:
        """Return the name of the product *id_*, and its producer or ""."""
        marks = self._products[id_]
        return marks.name, marks.producer_id or ""

    def knows_as(
        self, id_: str, producer_id: str | None, name: str, ocop_code: str
    ) -> bool:
        """Say whether the product *id_* is known by just these marks."""
        marks = _Marks(producer_id, name, fold(name), ocop_code)
        return bool(marks == self._products.get(id_))

    def holds_twice(self, code: str) -> bool:
        """Say whether several products have a code that folds to *code*."""
        return len(self._by_code.get(code, 2)) > 1

    def codes_typed_alike(self) -> Iterator[Sequence[tuple[str, str]]]:
        """Yield the products, by id and code, whose codes differ in typing only."""
        for ids in self._by_code.groups():
            codes = [(id_, self._products[id_].ocop_code) for id_ in sorted(ids)]
            if len({code for _, code in codes}) > 1:
                yield codes

    def know_producer(self, id_: str, name: str) -> None:
        """Remember the name of a producer from now on."""
        folded = fold_maker(name)
        before = self._makers.get(id_)
        if before != folded:
            if before is not None:
                self._makers_by_name.discard(before, id_)
            self._makers[id_] = folded
            self._maker_names[id_] = name
            self._makers_by_name.add(folded, id_)
            self._near_makers.put(id_, _NOBODY, folded)

    def know_former_product(self, id_: str, producer_id: str, name: str) -> None:
        """Remember how a product was called before somebody renamed or moved it.

        *producer_id* is "" if it had none.
        """
        folded = fold(name)
        self._former.add((producer_id, folded), id_)
        self._former_anyones.add(folded, id_)
        self._former_spelled.add((id_, folded), name)
        self._near_former.put(id_, producer_id or _NOBODY, name)

    def know_former_producer(self, id_: str, name: str) -> None:
        """Remember how a producer was called before somebody renamed it."""
        folded = fold_maker(name)
        self._former_makers.add(folded, id_)
        self._near_former_makers.put(id_, _NOBODY, folded)

    def called_formerly(self, given: Given) -> set[str]:
        """Return the products that were called as *given* says, of that producer.

        One that is called so now goes first, and a row that says MỚI means none.
        """
        if "name" not in given or NEW_PRODUCT in given:
            return set()
        code, name = str(given.get("ocop_code", "")), str(given["name"])
        folded = fold(name)
        found = self._former_anyones.get(folded)
        if found and names_producer(given):
            found = self._former.get((self.find_producer(given) or "-", folded))
        return {
            id_
            for id_ in found
            if self._may_be(id_, code) and self._was_spelled(id_, folded, name)
        }

    def _was_spelled(self, id_: str, folded: str, name: str) -> bool:
        """Say whether *name* has the accents of a former name, or one has none."""
        return any(
            not told_apart(each, name)
            for each in self._former_spelled.get((id_, folded))
        )

    def makers_called_formerly(self, given: Given) -> set[str]:
        """Return the producers that were called as *given* says."""
        if "producer_name" not in given or NEW_PRODUCER in given:
            return set()
        return set(self._former_makers.get(_maker_in(given)))

    def candidates(self, given: Given) -> Iterator[str]:
        """Return every product that *given* might be about."""
        yield str(given.get("product_id", ""))
        yield str(given.get("sku", "")).rpartition("-")[0]
        code, name = str(given.get("ocop_code", "")), given.get("name")
        yield from self._by_code.get(fold_code(code))
        if name is not None:
            yield from self._by_name.get(fold(str(name)))
            yield from self._former_anyones.get(fold(str(name)))

    def maker_candidates(self, given: Given) -> Iterator[str]:
        """Return every producer that *given* might name."""
        if "producer_id" in given:
            yield str(given["producer_id"])
        elif "producer_name" in given:
            yield from self._makers_by_name.get(_maker_in(given))
            yield from self._former_makers.get(_maker_in(given))

    def find_producer(self, given: Given) -> str | None:
        """Return the producer that *given* names; None if it is a new one."""
        if "producer_id" in given:
            id_ = str(given["producer_id"])
            return id_ if id_ in self._makers else None
        found: Collection[str] = self._makers_by_name.get(_maker_in(given))
        found = found or self.makers_called_formerly(given)
        if len(found) > 1:
            raise self.questions.several(found, column="producer_name")
        return next(iter(found), None)

    def find_product(self, given: Given) -> str | None:
        """Return the product that *given* is about; None if it is a new one."""
        id_ = self.identify(given)
        if id_ is None or id_ not in self._products:
            return None
        self._refuse_a_name_of_another(id_, given)
        if id_ in self.called_formerly(given):
            return id_
        self._refuse_another_product(id_, given)
        self._note_accents(id_, given)
        return id_

    def _note_accents(self, id_: str, given: Given) -> None:
        """Remember how a row spells the name by which it was found."""
        known, name = self._products[id_], str(given.get("name", ""))
        if name != known.name and fold(name) == known.folded:
            self._accents.note(id_, known.name, name)

    def _told_apart(self, id_: str, name: str) -> bool:
        return self._accents.differ(id_, self._products[id_].name, name)

    def _of_other_accents(self, given: Given) -> Iterator[str]:
        """Yield products whose names differ from a row's in accents alone."""
        name = str(given["name"])
        maker = self.find_producer(given) if names_producer(given) else None
        for id_ in self._by_name.get(fold(name)):
            owner = self._products[id_].producer_id
            is_its = not names_producer(given) or owner in {None, maker}
            if is_its and self._told_apart(id_, name):
                yield id_

    def identify(self, given: Given) -> str | None:
        """Return the id that *given* names or leads to; None if it is a new one.

        Whether the rest of the row fits that product is not looked at.
        """
        code = str(given.get("ocop_code", ""))
        id_, owners = own_id(given), self._by_code.get(fold_code(code))
        if id_ is None:
            return self._of_code(code, owners) or self._by_producer_and_name(
                given, code
            )
        if owners and id_ not in owners:
            raise RowError(
                column="ocop_code",
                vi=f"mã OCOP này là của {self.questions.in_words(owners[0])[0]}",
                en=f"this code belongs to {self.questions.in_words(owners[0])[1]}",
            )
        return id_

    def _of_code(self, code: str, owners: Collection[str]) -> str | None:
        """Return whose code it is: as it is typed, else the same but for dashes."""
        exact = [each for each in owners if self._products[each].ocop_code == code]
        found = exact if len(exact) == 1 else owners
        if len(found) > 1:
            raise self.questions.several(found, column="ocop_code")
        return next(iter(found), None)

    def knows_by_id(self, given: Given) -> bool:
        """Say whether *given* has the id of a known product, no other name or producer.

        Ids are given out alike everywhere: another province has an SP-00001, too.
        """
        try:
            known = self._products.get(own_id(given) or "")
            maker = self.find_producer(given) if names_producer(given) else None
        except RowError:
            return False
        if known is None or fold(str(given.get("name", known.name))) != known.folded:
            return False
        return not names_producer(given) or maker == known.producer_id

    def called(self, given: Given) -> Collection[str]:
        """Return the products whose name *given* says, whoever makes them."""
        return self._by_name.get(fold(str(given.get("name", ""))))

    def _refuse_a_name_of_another(self, id_: str, given: Given) -> None:
        """Ask where an id says one product, and the name another one."""
        known, name = self._products[id_], str(given.get("name", ""))
        folded = fold(name)
        is_its = folded == known.folded and not self._told_apart(id_, name)
        if "name" not in given or is_its:
            return
        others = sorted(
            each
            for each in self._by_name.get(folded)
            if self._products[each].producer_id == known.producer_id
            and each != id_
            and not (folded == known.folded and self._told_apart(each, name))
        )
        if others:
            (id_vi, id_en), (name_vi, name_en) = map(
                self.questions.in_words, (id_, others[0])
            )
            raise RowError(
                column="name",
                vi=f"mã là của {id_vi}, tên là của {name_vi}: sửa mã hoặc tên",
                en=f"the id is that of {id_en}, the name that of {name_en}: mend one of"
                " them",
                kind=ProblemKind.QUESTION,
                about=[id_, *others],
            )

    def _refuse_another_product(self, id_: str, given: Given) -> None:
        """Ask where an id or a code is known, and neither name nor producer is its."""
        known = self._products[id_]
        if "name" not in given or known.producer_id is None:
            return
        if not names_producer(given) or fold(str(given["name"])) == known.folded:
            return
        if self.find_producer(given) == known.producer_id:
            return
        column = next(name for name in _CODES if name in given)
        vi, en = self.questions.in_words(id_)
        raise RowError(
            column=column,
            vi=f"mã là của {vi}, nhưng tên và cơ sở đều khác: chưa nạp"
            " dòng này. Nếu là sản phẩm khác, sửa mã; nếu chính nó đổi tên và đổi cơ"
            " sở, nạp hai lần, mỗi lần đổi một",
            en=f"the code is that of {en}, but name and producer are"
            " others: the row is not taken. If it is another product, mend the code;"
            " if it has got another name and another producer, import twice and change"
            " one at a time",
            kind=ProblemKind.QUESTION,
            about=[id_],
        )

    def placing(self, given: Given) -> Iterator[None]:
        """Make ready to ask about *given*, which is of a new product, step by step.

        Else the first who asks does it at once, and all others wait for it.
        """
        of_anyone = not names_producer(given)
        yield from self._near.placing(of_anyone=of_anyone)
        yield from self._near_former.placing(of_anyone=of_anyone)
        if next(self.maker_candidates(given), None) is None:
            yield from self._near_makers.placing(of_anyone=False)
            yield from self._near_former_makers.placing(of_anyone=False)

    def ask_about_producer(self, given: Given, fresh: Container[str]) -> None:
        """Raise `RowError` if *given* names a new producer nearly as a known one.

        That of a former name is asked about in the same way.
        """
        if NEW_PRODUCER in given or "producer_name" not in given:
            return
        for names in (self._near_makers, self._near_former_makers):
            near = names.sharing([_NOBODY], _maker_in(given))
            found = [id_ for id_, slip in near if slip]
            if "producer_id" in given:  # ids of an export are believed
                found = [id_ for id_ in found if id_ not in fresh]
            if found:
                was_so = names is self._near_former_makers
                column = "producer_name"
                raise self.questions.nearly(found, column=column, formerly=was_so)

    def ask_about_product(
        self, given: Given, fresh: Container[str], named: Collection[str] | None
    ) -> bool:
        """Raise `RowError` if *given* names a new product nearly as a known one.

        Rows of this import are about *named*; None as long as more rows follow.

        Returns:
            Whether to ask again once all rows are read: its name is a part of a
            known one, or the other way round, and that may be named as well.
        """
        if NEW_PRODUCT in given or "name" not in given:
            return False
        is_part = False
        for formerly in (False, True):
            slips, parts = self._nearly(given, fresh, formerly=formerly)
            if slips:
                raise self._which(slips, formerly=formerly)
            if named is not None and (others := [i for i in parts if i not in named]):
                raise self._which(others, formerly=formerly)
            is_part = is_part or bool(parts)
        return is_part

    def _nearly(
        self, given: Given, fresh: Container[str], *, formerly: bool
    ) -> tuple[list[str], list[str]]:
        """Return products called nearly the same, and those called more or less.

        They are called so now, or were so *formerly*.
        """
        name, code = str(given["name"]), str(given.get("ocop_code", ""))
        owners: list[str] | None = None
        if names_producer(given):
            owners = [_NOBODY, *filter(None, [self.find_producer(given)])]
        names: Names | NearFormerNames = self._near
        if formerly:
            names = self._near_former
        both = dict(names.sharing(owners, name))
        if not formerly:
            both |= dict.fromkeys(self._of_other_accents(given), True)
        found = [(id_, slip) for id_, slip in both.items() if self._may_be(id_, code)]
        if own_id(given) is not None:  # ids of an export are believed
            found = [(id_, slip) for id_, slip in found if id_ not in fresh]
        slips = [id_ for id_, slip in found if slip]
        return slips, [id_ for id_, slip in found if not slip]

    def _which(self, found: Iterable[str], *, formerly: bool) -> RowError:
        return self.questions.nearly(found, column="name", formerly=formerly)

    def _by_producer_and_name(self, given: Given, code: str) -> str | None:
        if "name" not in given:
            raise RowError(
                column="name",
                vi="không rõ sản phẩm nào: ghi [[name]], [[ocop_code]], [[sku]] hoặc"
                " [[product_id]]",
                en="which product is it? write [[name]], [[ocop_code]], [[sku]] or"
                " [[product_id]]",
            )
        name = str(given["name"])
        named = {
            each
            for each in self._by_name.get(fold(name))
            if self._may_be(each, code) and not self._told_apart(each, name)
        }
        owned = {each for each in named if self._products[each].producer_id is not None}
        if names_producer(given):
            maker = self.find_producer(given)
            same = {each for each in owned if self._products[each].producer_id == maker}
            doubtful = set() if same else named - owned
        else:
            # Without a producer only the name speaks: it may be another's.
            same, doubtful = named - owned, owned
        if len(same) > 1:
            same = with_accents({n: self._products[n].name for n in same}, name)
        if not (same or doubtful):
            former = self.called_formerly(given)
            # As above: without a producer, the name may be another's.
            same, doubtful = (former, set[str]())[:: 1 if names_producer(given) else -1]
        if doubtful or len(same) > 1:
            raise self.questions.several(same | doubtful, column="name")
        return next(iter(same), None)

    def _may_be(self, id_: str, code: str) -> bool:
        known = self._products[id_].ocop_code
        return not (known and code and fold_code(known) != fold_code(code))


def names_producer(given: Given) -> bool:
    """Say whether *given* says who the producer is."""
    return "producer_id" in given or "producer_name" in given


def own_id(given: Given) -> str | None:
    """Return the id of the product if *given* names one, itself or by a SKU."""
    # A SKU is minted as its product's id and a number.
    owner = str(given["sku"]).rpartition("-")[0] if "sku" in given else None
    if "product_id" not in given:
        return owner
    id_ = str(given["product_id"])
    if owner not in {None, id_}:
        raise RowError(
            column="sku",
            vi=f"SKU này là của sản phẩm {owner}",
            en=f"this SKU belongs to product {owner}",
        )
    return id_


def _maker_in(given: Given) -> str:
    return fold_maker(str(given.get("producer_name", "")))
