"""Which listings made by hand may be a product that is about to be created.

Candidates are found by keys, never by comparing all with all; of a product the few that
share most keys are compared, and the likeliest are put before a person: same SKU, same
GTIN, then the score. The very same name is put before them even if it is another
maker's: a question is better than two listings of one product. A listing that carries
our reference always is a candidate: nothing is created beside it, with any content and
after any answer. Reading and storing is left to
`ocop_sync.store.decisions.possible_twins`; the use of a candidate, to the evaluating.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from catalog.names.producer_name import fold_producer_name
from ocop_sync.engine.matching.reference import KEY, is_made_of, key_of, resembles
from ocop_sync.engine.matching.similarity import (
    HINT,
    HOLDS,
    Offer,
    compare,
    keys_of,
    offer_of,
)
from ocop_sync.marketplace.listing import Listing

SHOWN = 3
"""Candidates of one product that are put before a person, the likeliest."""

_NUMBERS = ("sku:", "gtin:", KEY)

_COMPARED = 20
"""Candidates of one product that are compared, those that share most keys."""


class NewProduct(Struct, frozen=True, kw_only=True):
    """A product that is about to be created.

    Attributes:
        listing: The listing that the marketplace would show.
        maker: Name of its producer, or "".
        is_made: It is about to be created. If not, only listings with its reference are
            looked for.
    """

    listing: Listing
    maker: str = ""
    is_made: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A listing that may be the same product as ours.

    Attributes:
        ref: The marketplace's own identifier of that listing.
        agrees_on: The shared keys: "sku:SP-00001-1", "gtin:2000000000015",
            "ref:SP-00001" (it carries our reference), "name", "maker", "pack".
        score: How alike they are by their names, 0 to 100.
        same_seller: Our reference of the seller is the same, or, where that
            listing carries none, the folded name is.
        resembles: It is the same product if it carries our reference
            (`ocop_sync.engine.matching.reference`).
        another: It carries the reference of another product of ours.
        adopted: A person decided that it is the same product.
    """

    product_id: str
    ref: str
    agrees_on: tuple[str, ...]
    score: int = 0
    same_seller: bool = False
    resembles: bool = True
    another: bool = False
    adopted: bool = False

    @property
    def is_sure(self) -> bool:
        """Say whether nobody need look.

        With our reference: if it resembles the product, as ids may have been given out
        anew. Else: if SKU and seller agree; a shop may number its goods as it likes.
        """
        if self.has_reference:
            return self.resembles
        return self.same_seller and not self.another and has(self.agrees_on, "sku:")

    @property
    def has_reference(self) -> bool:
        """Say whether it carries our reference of the product."""
        return has(self.agrees_on, KEY)

    @property
    def is_unlike(self) -> bool:
        """Say whether it carries our reference, and nobody can tell that it is ours."""
        return self.has_reference and not self.resembles and not self.adopted


def has(agrees_on: Sequence[str], kind: str) -> bool:
    """Say whether something of that kind, such as "sku:" or "gtin:", is the same."""
    return any(key.startswith(kind) for key in agrees_on)


def rank(agrees_on: Sequence[str], score: int) -> tuple[bool, bool, int]:
    """Return the sort key of candidates: SKU, then GTIN, then likeness."""
    return not has(agrees_on, "sku:"), not has(agrees_on, "gtin:"), -score


@dataclass(slots=True)
class Search:
    """The candidates for some products that are about to be created.

    Attributes:
        wanted: The products, by id.
    """

    wanted: Mapping[str, NewProduct]
    _owners: dict[str, list[str]] = field(default_factory=dict)
    _shared: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _adopted: dict[str, set[str]] = field(default_factory=dict)
    _offers: dict[str, Offer] = field(default_factory=dict)
    _of: dict[str, str] = field(default_factory=dict)

    def keys(self) -> list[str]:
        """Return all keys by which the products may be found."""
        for product_id, new in self.wanted.items():
            keys = {key_of(product_id)}
            if new.is_made:
                keys |= keys_of(new.listing, new.maker)
            for key in keys:
                self._owners.setdefault(key, []).append(product_id)
        return list(self._owners)

    def matched(self, key: str, ref: str) -> None:
        """Note that a listing has this key."""
        for product_id in self._owners[key]:
            self._shared.setdefault(product_id, {}).setdefault(ref, set()).add(key)

    def decided(self, product_id: str, ref: str, state: str) -> None:
        """Note a person's decision; a listing that is adopted need not be alike."""
        if state == "adopted":
            self._adopted.setdefault(product_id, set()).add(ref)
            self._shared.setdefault(product_id, {}).setdefault(ref, set())
        elif key_of(product_id) not in self._shared.get(product_id, {}).get(ref, ()):
            self._shared.get(product_id, {}).pop(ref, None)

    def refs(self) -> list[str]:
        """Return the listings that are to be compared."""
        for product_id, shared in self._shared.items():
            best = sorted(shared, key=lambda ref: self._promise(product_id, ref))
            self._shared[product_id] = {ref: shared[ref] for ref in best[:_COMPARED]}
        return sorted({ref for shared in self._shared.values() for ref in shared})

    def _promise(self, product_id: str, ref: str) -> tuple[bool, bool, int, str]:
        """Return the sort key: adopted first, then of one product, then most shared."""
        keys = self._shared[product_id][ref]
        is_adopted = ref in self._adopted.get(product_id, ())
        return not is_adopted, not any(map(_is_reason, keys)), -len(keys), ref

    def read(self, ref: str, offer: Offer, *, of: str = "") -> None:
        """Note a listing, which may carry the reference *of* a product of ours."""
        self._offers[ref] = offer
        self._of[ref] = of

    def found(self) -> list[Likeness]:
        """Return the listings that may be the same product."""
        found: list[Likeness] = []
        for product_id in sorted(self._shared):
            alike = self._candidates(product_id)
            alike.sort(key=lambda x: (rank(x.agrees_on, x.score), x.ref))
            found += [
                each
                for n, each in enumerate(alike)
                if each.adopted or each.has_reference or n < SHOWN
            ]
        return found

    def _candidates(self, product_id: str) -> list[Likeness]:
        new = self.wanted[product_id]
        ours = offer_of(new.listing, new.maker)
        found: list[Likeness] = []
        for ref, keys in self._shared[product_id].items():
            theirs = self._offers.get(ref)
            if theirs is None:
                continue
            names = compare(ours, theirs)
            numbers = _numbers(product_id, keys)
            adopted = ref in self._adopted.get(product_id, ())
            if adopted or names.score >= HOLDS or any(map(_is_reason, keys)):
                likeness = Likeness(
                    product_id=product_id,
                    ref=ref,
                    agrees_on=(*numbers, *names.agrees_on),
                    score=names.score,
                    same_seller=_is_same_seller(ours, theirs),
                    resembles=resembles(product_id, numbers, ours, theirs),
                    another=self._of[ref] not in ("", product_id),
                    adopted=adopted,
                )
                found.append(likeness)
        return found


def _numbers(product_id: str, keys: Collection[str]) -> list[str]:
    """Return which numbers are shared; of our reference, its SKUs are a part."""
    numbers = [key for key in sorted(keys) if key.startswith(_NUMBERS)]
    if key_of(product_id) not in keys:
        return numbers
    return [
        key
        for key in numbers
        if not (key.startswith("sku:") and is_made_of(key[len("sku:") :], product_id))
    ]


def _is_same_seller(ours: Offer, theirs: Offer) -> bool:
    if theirs.seller_ref:
        return theirs.seller_ref == ours.seller_ref
    name = fold_producer_name(theirs.maker)
    return name != "" and name == fold_producer_name(ours.maker)


def _is_reason(key: str) -> bool:
    """Say whether a key alone is a reason to ask: SKU, GTIN, the very same name."""
    return not key.startswith(HINT)
