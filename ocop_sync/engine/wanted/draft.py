"""From the draft of a listing to the wanted one at each marketplace.

A listing is composed in the marketplace's terms, by its mapping and its rules for texts
and pictures. Text composed here carries no OCOP claim: the stars facet does.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from catalog.model.gs1 import is_gtin
from catalog.model.product import Picture, Product, StockPolicy
from catalog.model.product import Variant as Pack
from ocop_sync.engine.facet import Values, facet_values, fingerprint
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import Want
from ocop_sync.engine.wanted import copied
from ocop_sync.engine.wanted.origin import Cause, emptied_by
from ocop_sync.engine.wanted.pictures import fitting, why_none
from ocop_sync.engine.wanted.wanted import Demand, Obstacle, Wanted
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim, Variant
from ocop_sync.marketplace.mapping import ListingMapping, TextRules

_NONE_EMPTIED: Mapping[str, int] = MappingProxyType({})


_SHOWN = frozenset({Want.LISTED, Want.WITHOUT_CLAIM, Want.UNKNOWN})


_STARS = Facet.STARS.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """A marketplace, as far as composing a listing depends on it.

    Attributes:
        name: Name of the marketplace.
        capabilities: Its capabilities.
        mapping: Its categories, and its rules for texts and pictures.
        canonical: How it will show a listing.
    """

    name: str
    capabilities: Capabilities
    mapping: ListingMapping
    canonical: Callable[[Listing], Listing]

    def values(self, listing: Listing) -> Values:
        """Return the values of *listing* in the form in which all are compared.

        Wanted and read listings both come this way: the marketplace's own treatment of
        text, order and numbers is no edit.
        """
        return facet_values(self.canonical(listing))


class Draft(Demand, frozen=True, kw_only=True):
    """The wanted listing of one product everywhere, before a marketplace's limits.

    Attributes:
        product: The product.
        description: Text of the description.
        attributes: Names and values of the label, sorted by name.
        pictures: The pictures that may be shown.
        trace_page: The traceability page that may be shown, or "".
        claim: The OCOP claim that the certificate in force supports.
        keeps_claim: A claim that is live stays as it is: it is not known
            whether it still holds.
    """

    product: Product
    description: str
    attributes: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...]
    trace_page: str
    claim: StarClaim | None
    keeps_claim: bool

    def at(
        self,
        conditions: Conditions,
        marketplaces: Sequence[str],
        *,
        has_account: bool = True,
    ) -> Wanted:
        """Return the wanted listing under *conditions*.

        Args:
            conditions: Those of the marketplace.
            marketplaces: The names of all marketplaces that offer the product,
                sorted: its stock is shared among them.
            has_account: There is an account through which it can be offered.
        """
        want, problem, cause, listing = self.want, self.problem, self.cause, None
        values: Values | None = None
        variants, emptied = self.product.variants, _NONE_EMPTIED
        if self.product.effects:
            emptied = emptied_by(self.product)
        if want in _SHOWN:
            found = self._listing(conditions, marketplaces)
            if isinstance(found, Hold):
                # Nothing new can be made. The known parts of a live listing are kept
                # right; its content stays as it is.
                problem = found
                want = _impossible(want)
                cause = cause if cause.import_id is not None else Cause(found.value)
                bare = conditions.values(self._bare(conditions, marketplaces))
                values = self._managed(bare, conditions)
                del values[Facet.CONTENT.value]
            else:
                listing = conditions.canonical(found)
                values = self._managed(facet_values(listing), conditions)
        if not has_account and want is Want.LISTED:
            want, problem = Want.UNKNOWN, Hold.NO_ACCOUNT
        lacking = lacking_of(self.product)
        only = None if values is None else lacking
        has_sellers = conditions.capabilities.has_sellers
        at_most = self._at_most(conditions, marketplaces, only)
        return Wanted(
            product_id=self.product.id,
            seller_ref=self.product.producer_id or "" if has_sellers else "",
            unplaced=frozenset(Facet) - conditions.capabilities.facets,
            want=want,
            values=values,
            listing=listing,
            stars=self.claim,
            problem=problem,
            by_person=self.by_person,
            end_confirmed=self.end_confirmed,
            uncounted=frozenset(
                [v.sku for v in variants if v.counted_at is None or v.sku in emptied]
            ),
            emptied=emptied,
            lacking=lacking,
            at_most=at_most,
            reason=self.reason,
            cause=cause,
            counted=self.counted,
            part=self.part,
            verdict=self.verdict,
            outlook=self.outlook,
            ends_on=self.ends_on,
            until=self.until,
            mapping_version=conditions.mapping.mapping_version,
            fingerprint=fingerprint(
                [
                    want.value,
                    values,
                    problem.value if problem else "",
                    str(self.counted),
                    [*(self.part or ()), self.reason.code if self.reason else ""],
                    self.ends_on,
                    self.until.isoformat() if self.until else "",
                    self.product.producer_id or "",
                    conditions.mapping.mapping_version,
                    # Sold stock is missing where it was sold, though the wanted stock
                    # there may still be the same share, also after a new count.
                    None if values is None else [_sold_since(v) for v in variants],
                    [[sku, hold.value] for sku, hold in lacking.items()],
                    [*at_most.items()],
                ]
            ),
        )

    def _at_most(
        self,
        conditions: Conditions,
        marketplaces: Sequence[str],
        only: Collection[str] | None,
    ) -> dict[str, int]:
        """Return how many of each pack with a count may be on offer under *conditions*.

        Only packs of *only* count; None is all. *marketplaces* are as of `at`.
        """
        policy = self.product.stock_policy
        return {
            pack.sku: share_of(pack, policy, conditions.name, marketplaces)
            for pack in self.product.variants
            if pack.on_hand is not None and (only is None or pack.sku in only)
        }

    def _bare(self, conditions: Conditions, marketplaces: Sequence[str]) -> Listing:
        """Compose the known part of a listing that cannot be composed whole."""
        return Listing(
            client_ref=self.product.id,
            seller_ref=self.product.producer_id or "",
            title="",
            description="",
            category="",
            variants=_variants(self.product, conditions, marketplaces),
            stars=self.claim,
        )

    def obstacles(
        self,
        conditions: Conditions,
        marketplaces: Sequence[str],
        *,
        has_account: bool = True,
    ) -> tuple[Obstacle, ...]:
        """Return all that stands in the way under *conditions*, besides the verdict.

        The arguments are those of `at`.
        """
        found = [Obstacle(self.problem)] if self.problem else []
        if not has_account:
            found.append(Obstacle(Hold.NO_ACCOUNT))
        return *found, *self._obstacles(
            conditions, _variants(self.product, conditions, marketplaces)
        )

    def _obstacles(
        self, conditions: Conditions, variants: Sequence[Variant]
    ) -> Iterator[Obstacle]:
        """Yield the obstacles to composing the listing whole."""
        product, mapping = self.product, conditions.mapping
        if not variants:
            yield _lacking(product)
        if not mapping.category_of(product.set_code):
            yield Obstacle(Hold.NO_CATEGORY, product.set_code or "?")
        yield from _too_long(Hold.TITLE_TOO_LONG, product.name, mapping.title)
        yield from _too_long(
            Hold.DESCRIPTION_TOO_LONG, self.description, mapping.description
        )
        if mapping.pictures.required and not self._pictures_at(conditions):
            simulated = conditions.capabilities.simulated
            yield Obstacle(
                *why_none(self.pictures, mapping.pictures, simulated=simulated)
            )

    def _pictures_at(self, conditions: Conditions) -> tuple[Picture, ...]:
        rules, simulated = (
            conditions.mapping.pictures,
            conditions.capabilities.simulated,
        )
        return fitting(self.pictures, rules, simulated=simulated)

    def _listing(
        self, conditions: Conditions, marketplaces: Sequence[str]
    ) -> Listing | Hold:
        """Compose the listing, or say why there can be none."""
        product, mapping = self.product, conditions.mapping
        variants = _variants(product, conditions, marketplaces)
        for obstacle in self._obstacles(conditions, variants):
            return obstacle.hold
        pictures = self._pictures_at(conditions)[: mapping.pictures.max_count]
        return Listing(
            client_ref=product.id,
            seller_ref=product.producer_id or "",
            title=product.name,
            description=self.description,
            category=mapping.category_of(product.set_code) or "",
            variants=variants,
            attributes=self.attributes,
            pictures=tuple([picture.url for picture in pictures]),
            trace_url=self.trace_page if conditions.capabilities.has_trace_page else "",
            stars=self.claim,
            **copied.of_product(product),
        )

    def _managed(self, values: Values, conditions: Conditions) -> Values:
        """Leave out the facets that are not ours to write now."""
        if self.keeps_claim:
            del values[_STARS]
        if len(conditions.capabilities.facets) == len(Facet):
            return values
        return {n: v for n, v in values.items() if n in conditions.capabilities.facets}


def _lacking(product: Product) -> Obstacle:
    priced = any(pack.price_vnd is not None for pack in product.variants)
    return Obstacle(Hold.NO_STOCK_COUNT if priced else Hold.NO_PRICE)


def lacking_of(product: Product) -> dict[str, Hold]:
    """Return the packs that cannot be offered, by SKU, each with its hold."""
    return {
        pack.sku: Hold.NO_PRICE if pack.price_vnd is None else Hold.NO_STOCK_COUNT
        for pack in product.variants
        if pack.price_vnd is None or pack.on_hand is None
    }


def _too_long(hold: Hold, text: str, rules: TextRules) -> Iterator[Obstacle]:
    if len(text) > rules.max_length:
        yield Obstacle(hold, f"{len(text)} > {rules.max_length}")


def _variants(
    product: Product, conditions: Conditions, marketplaces: Sequence[str]
) -> tuple[Variant, ...]:
    """Return the packs that can be sold; one without price or count cannot."""
    has_gtin = conditions.capabilities.has_gtin
    variants = [
        Variant(
            **copied.of_pack(pack),
            stock=share_of(pack, product.stock_policy, conditions.name, marketplaces),
            gtin=pack.gtin if has_gtin and is_gtin(pack.gtin) else "",
        )
        for pack in product.variants
        if pack.price_vnd is not None and pack.on_hand is not None
    ]
    return tuple(variants)


def share_of(
    pack: Pack, policy: StockPolicy, marketplace: str, marketplaces: Sequence[str]
) -> int:
    """Return how many of *pack* buyers at *marketplace* may order.

    Split evenly, the remainder goes to the first marketplace by name: the sum is never
    more than the available stock, on_hand - reserved - buffer.
    """
    available = pack.available
    if policy is StockPolicy.MIRROR or len(marketplaces) <= 1:
        return available
    share, rest = divmod(available, len(marketplaces))
    return share + rest if marketplace == marketplaces[0] else share


def _sold_since(pack: Pack) -> tuple[int, float | None]:
    """Return how many of *pack* were sold since its count, and when that was."""
    return pack.sold, pack.counted_at.timestamp() if pack.counted_at else None


def _impossible(want: Want) -> Want:
    """Return the demand for a listing that cannot be composed whole.

    A claim that cannot be taken out of its text goes with the listing.
    """
    return Want.NOT_LISTED if want is Want.WITHOUT_CLAIM else Want.UNKNOWN
