"""Find out which product and which producer a row is about.

A product is found by its id or SKU, then by its OCOP code, then by producer,
folded name and, for the variant, pack; names are compared exactly, once folded.
Where several fit, the row is refused: a guess would overwrite somebody else's
product. New ids are minted in `catalog.importing`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from catalog.feed.reading import Given, RowError, fold
from catalog.product import Product, Variant


@dataclass(frozen=True, slots=True)
class _Marks:
    """By what a product is known."""

    producer_id: str | None
    folded: str
    ocop_code: str


@dataclass(slots=True)
class Identities:
    """All products and producers of the catalog, by what identifies them."""

    _products: dict[str, _Marks] = field(default_factory=dict)
    _by_code: dict[str, str] = field(default_factory=dict)
    _by_name: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _makers: dict[str, str] = field(default_factory=dict)
    _makers_by_name: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def know_product(
        self, id_: str, producer_id: str | None, folded: str, ocop_code: str
    ) -> None:
        """Remember by what a product is known from now on."""
        before = self._products.get(id_)
        if before is not None:
            self._by_name[before.folded].discard(id_)
            self._by_code.pop(before.ocop_code, None)
        self._products[id_] = _Marks(producer_id, folded, ocop_code)
        self._by_name[folded].add(id_)
        if ocop_code:
            self._by_code[ocop_code] = id_

    def know_producer(self, id_: str, folded: str) -> None:
        """Remember by what a producer is known from now on."""
        self._makers_by_name[self._makers.get(id_, folded)].discard(id_)
        self._makers[id_] = folded
        self._makers_by_name[folded].add(id_)

    def candidates(self, given: Given) -> Iterator[str]:
        """Return every product that *given* might be about."""
        yield str(given.get("product_id", ""))
        yield str(given.get("sku", "")).rpartition("-")[0]
        code, name = str(given.get("ocop_code", "")), given.get("name")
        if code in self._by_code:
            yield self._by_code[code]
        if name is not None:
            yield from self._by_name.get(fold(str(name)), ())

    def maker_candidates(self, given: Given) -> Iterator[str]:
        """Return every producer that *given* might name."""
        if "producer_id" in given:
            yield str(given["producer_id"])
        elif "producer_name" in given:
            yield from self._makers_by_name.get(fold(str(given["producer_name"])), ())

    def find_producer(self, given: Given) -> str | None:
        """Return the producer that *given* names; None if it is a new one."""
        if "producer_id" in given:
            id_ = str(given["producer_id"])
            return id_ if id_ in self._makers else None
        found = self._makers_by_name.get(fold(str(given.get("producer_name", ""))), ())
        if len(found) > 1:
            raise _doubt(found, column="producer_name", wanted="producer_id")
        return next(iter(found), None)

    def find_product(self, given: Given) -> str | None:
        """Return the product that *given* is about; None if it is a new one."""
        code = str(given.get("ocop_code", ""))
        id_ = own_id(given)
        if id_ is None:
            id_ = self._by_code.get(code) or self._by_producer_and_name(given, code)
        elif self._by_code.get(code, id_) != id_:
            raise RowError(
                column="ocop_code",
                vi=f"mã OCOP này là của {self._by_code[code]}",
                en=f"this code belongs to {self._by_code[code]}",
            )
        return id_ if id_ in self._products else None

    def _by_producer_and_name(self, given: Given, code: str) -> str | None:
        if "name" not in given:
            raise RowError(
                column="name",
                vi="không rõ sản phẩm nào: ghi product_id, sku, ocop_code hoặc tên",
                en="which product is it? write product_id, sku, ocop_code or its name",
            )
        folded = fold(str(given["name"]))
        named = {
            each for each in self._by_name.get(folded, ()) if self._may_be(each, code)
        }
        owned = {each for each in named if self._products[each].producer_id is not None}
        if names_producer(given):
            maker = self.find_producer(given)
            same = {each for each in owned if self._products[each].producer_id == maker}
            doubtful = set() if same else named - owned
        else:
            # Without a producer only the name speaks: it may be another's.
            same, doubtful = named - owned, owned
        if doubtful or len(same) > 1:
            raise _doubt(same | doubtful, column="name", wanted="product_id")
        return next(iter(same), None)

    def _may_be(self, id_: str, code: str) -> bool:
        known = self._products[id_].ocop_code
        return not (known and code and known != code)


def names_producer(given: Given) -> bool:
    """Say whether *given* says who the producer is."""
    return "producer_id" in given or "producer_name" in given


def find_variant(product: Product, given: Given) -> Variant | None:
    """Return the variant of *product* that *given* is about; None if it is new."""
    if "sku" in given:
        known = {each.sku: each for each in product.variants}
        return known.get(str(given["sku"]))
    if "pack" not in given and len(product.variants) == 1:
        return product.variants[0]
    pack = fold(str(given.get("pack", "")))
    found = [each for each in product.variants if fold(each.pack) == pack]
    if len(found) > 1 or ("pack" not in given and product.variants and not found):
        skus = [each.sku for each in product.variants]
        raise _doubt(skus, column="pack", wanted="sku")
    return found[0] if found else None


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


def _doubt(found: Iterable[str], *, column: str, wanted: str) -> RowError:
    some = ", ".join(sorted(found)[:5])
    return RowError(
        column=column,
        vi=f"trùng với {some}: hãy ghi {wanted} để biết là cái nào",
        en=f"could be {some}: write {wanted} to say which",
    )
