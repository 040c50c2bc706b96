"""The wanted listing of a product at a marketplace, from the catalog's verdict.

Which products may be listed is decided in `catalog.eligibility`; this module turns the
verdict into a listing in a marketplace's terms. Text composed here carries no OCOP
claim: the stars facet does.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from catalog.eligibility import Reason, Standing, Text, Verdict
from catalog.model.fact import Fact
from catalog.model.gs1 import is_gtin
from catalog.model.product import Picture, Product, StockPolicy
from catalog.model.product import Variant as Pack
from ocop_sync.engine.facet import Values, facet_values, fingerprint
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import (
    LISTABLE,
    NOT_CERTIFIED,
    NOT_COUNTED,
    VALIDITY_UNKNOWN,
    CountedAs,
    Want,
)
from ocop_sync.engine.wanted import copied
from ocop_sync.engine.wanted.claim import has_claim, without_claims
from ocop_sync.engine.wanted.origin import CATALOG, Cause, emptied_by, origin_of
from ocop_sync.engine.wanted.pictures import fitting, why_none
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.listing import Facet, Listing, Problem, StarClaim, Variant
from ocop_sync.marketplace.mapping import ListingMapping, TextRules

_WANT = {
    Standing.LISTED: Want.LISTED,
    Standing.WITHOUT_CLAIM: Want.WITHOUT_CLAIM,
    Standing.NOT_LISTED: Want.NOT_LISTED,
    Standing.OUT_OF_SCOPE: Want.OUT_OF_SCOPE,
    Standing.UNKNOWN: Want.UNKNOWN,
}

_NONE_EMPTIED: Mapping[str, int] = MappingProxyType({})
_SHOWN = frozenset({Want.LISTED, Want.WITHOUT_CLAIM, Want.UNKNOWN})
_STARS = Facet.STARS.value

_LABEL_NAMES = (
    ("Cảnh báo", "warnings"),
    ("Hướng dẫn sử dụng và bảo quản", "use_and_storage"),
    ("Hạn sử dụng", "dates"),
    ("Khối lượng tịnh", "net_quantity"),
    ("Thành phần", "ingredients"),
    ("Xuất xứ", "origin"),
)
"""Vietnamese names of the label's fields (Decree 43/2017), sorted by code points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
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


class Obstacle(NamedTuple):
    """Why a product cannot be listed as it should be at one marketplace.

    Attributes:
        hold: Why.
        measured: The excess or the gap, in figures and codes that no language needs to
            translate; or "".
        problems: The marketplace's words, if it has refused something.
        todo: The advice, where it differs from that of the hold.
    """

    hold: Hold
    measured: str = ""
    problems: tuple[Problem, ...] = ()
    todo: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The wanted listing of one product everywhere, before a marketplace's limits.

    Attributes:
        product: The product.
        want: The demand of the verdict.
        reason: The verdict's decisive reason, if it has one.
        cause: As of `Wanted`.
        counted: As of `Wanted`.
        ends_on: As of `Wanted`.
        until: As of `Wanted`.
        description: Text of the description.
        attributes: Names and values of the label, sorted by name.
        pictures: The pictures that may be shown.
        trace_page: The traceability page that may be shown, or "".
        claim: The OCOP claim that the certificate in force supports.
        keeps_claim: A claim that is live stays as it is: it is not known
            whether it still holds.
        problem: Why a person must look at it everywhere, if so.
        by_person: As of `Wanted`.
        end_confirmed: As of `Wanted`.
    """

    product: Product
    want: Want
    reason: Reason | None
    cause: Cause
    counted: CountedAs
    ends_on: str
    until: datetime | None
    description: str
    attributes: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...]
    trace_page: str
    claim: StarClaim | None
    keeps_claim: bool
    problem: Hold | None
    by_person: bool
    end_confirmed: bool = False

    def at(
        self, place: Place, places: Sequence[str], *, has_account: bool = True
    ) -> "Wanted":
        """Return the wanted listing at *place*.

        Args:
            place: The marketplace.
            places: The names of all marketplaces that offer the product,
                sorted: its stock is shared among them.
            has_account: There is an account through which it can be offered.
        """
        want, problem, cause, listing = self.want, self.problem, self.cause, None
        values: Values | None = None
        variants, emptied = self.product.variants, _NONE_EMPTIED
        if self.product.effects:
            emptied = emptied_by(self.product)
        if want in _SHOWN:
            found = self._listing(place, places)
            if isinstance(found, Hold):
                # Nothing new can be made. The known parts of a live listing are kept
                # right; its content stays as it is.
                problem = found
                want = _impossible(want)
                cause = cause if cause.import_id is not None else Cause(found.value)
                bare = place.values(self._bare(place, places))
                values = self._managed(bare, place)
                del values[Facet.CONTENT.value]
            else:
                listing = place.canonical(found)
                values = self._managed(facet_values(listing), place)
        if not has_account and want is Want.LISTED:
            want, problem = Want.UNKNOWN, Hold.NO_ACCOUNT
        lacking = lacking_of(self.product)
        only = None if values is None else lacking
        has_sellers = place.capabilities.has_sellers
        at_most = self._at_most(place, places, only)
        return Wanted(
            product_id=self.product.id,
            seller_ref=self.product.producer_id or "" if has_sellers else "",
            unplaced=frozenset(Facet) - place.capabilities.facets,
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
            ends_on=self.ends_on,
            until=self.until,
            mapping_version=place.mapping.mapping_version,
            fingerprint=fingerprint(
                [
                    want.value,
                    values,
                    problem.value if problem else "",
                    str(self.counted),
                    self.ends_on,
                    self.until.isoformat() if self.until else "",
                    self.product.producer_id or "",
                    place.mapping.mapping_version,
                    # Sold stock is missing where it was sold, though the wanted stock
                    # there may still be the same share, also after a new count.
                    None if values is None else [_sold_since(v) for v in variants],
                    [[sku, hold.value] for sku, hold in lacking.items()],
                    [*at_most.items()],
                ]
            ),
        )

    def _at_most(
        self, place: Place, places: Sequence[str], only: Collection[str] | None
    ) -> dict[str, int]:
        """Return how many of each pack with a count may be on offer at *place*.

        Only packs of *only* count; None is all. *places* are as of `at`.
        """
        policy = self.product.stock_policy
        return {
            pack.sku: share_of(pack, policy, place.name, places)
            for pack in self.product.variants
            if pack.on_hand is not None and (only is None or pack.sku in only)
        }

    def _bare(self, place: Place, places: Sequence[str]) -> Listing:
        """Compose the known part of a listing that cannot be composed whole."""
        return Listing(
            client_ref=self.product.id,
            seller_ref=self.product.producer_id or "",
            title="",
            description="",
            category="",
            variants=_variants(self.product, place, places),
            stars=self.claim,
        )

    def obstacles(
        self, place: Place, places: Sequence[str], *, has_account: bool = True
    ) -> tuple[Obstacle, ...]:
        """Return all that stands in the way at *place*, besides the verdict.

        The arguments are those of `at`.
        """
        found = [Obstacle(self.problem)] if self.problem else []
        if not has_account:
            found.append(Obstacle(Hold.NO_ACCOUNT))
        return *found, *self._obstacles(place, _variants(self.product, place, places))

    def _obstacles(
        self, place: Place, variants: Sequence[Variant]
    ) -> Iterator[Obstacle]:
        """Yield the obstacles to composing the listing whole."""
        product, mapping = self.product, place.mapping
        if not variants:
            yield _lacking(product)
        if not mapping.category_of(product.set_code):
            yield Obstacle(Hold.NO_CATEGORY, product.set_code or "?")
        yield from _too_long(Hold.TITLE_TOO_LONG, product.name, mapping.title)
        yield from _too_long(
            Hold.DESCRIPTION_TOO_LONG, self.description, mapping.description
        )
        if mapping.pictures.required and not self._pictures_at(place):
            simulated = place.capabilities.simulated
            yield Obstacle(
                *why_none(self.pictures, mapping.pictures, simulated=simulated)
            )

    def _pictures_at(self, place: Place) -> tuple[Picture, ...]:
        rules, simulated = place.mapping.pictures, place.capabilities.simulated
        return fitting(self.pictures, rules, simulated=simulated)

    def _listing(self, place: Place, places: Sequence[str]) -> Listing | Hold:
        """Compose the listing, or say why there can be none."""
        product, mapping = self.product, place.mapping
        variants = _variants(product, place, places)
        for obstacle in self._obstacles(place, variants):
            return obstacle.hold
        pictures = self._pictures_at(place)[: mapping.pictures.max_count]
        return Listing(
            client_ref=product.id,
            seller_ref=product.producer_id or "",
            title=product.name,
            description=self.description,
            category=mapping.category_of(product.set_code) or "",
            variants=variants,
            attributes=self.attributes,
            pictures=tuple([picture.url for picture in pictures]),
            trace_url=self.trace_page if place.capabilities.has_trace_page else "",
            stars=self.claim,
            **copied.of_product(product),
        )

    def _managed(self, values: Values, place: Place) -> Values:
        """Leave out the facets that are not ours to write now."""
        if self.keeps_claim:
            del values[_STARS]
        if len(place.capabilities.facets) == len(Facet):
            return values
        return {n: v for n, v in values.items() if n in place.capabilities.facets}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The wanted listing of one product at one marketplace.

    Attributes:
        product_id: The product.
        seller_ref: Its producer, or ""; "" where there are no sellers.
        want: The demand of the verdict.
        values: The wanted value of each facet that is managed; None if there
            is nothing to show.
        listing: The same, whole, as the marketplace will show it; None if it
            cannot be composed whole.
        stars: The claim that it should carry.
        problem: Why it cannot be shown as it should, if so.
        by_person: A named person stopped this very product: it was revoked by
            a decision, paused by its producer, or consent was withdrawn. A sheet
            says so only once a named person has confirmed its import.
        end_confirmed: The same of the end of its certificate.
        uncounted: SKUs whose stock nobody stands for: it is no count with a
            time, or a sheet left none and nobody has confirmed that.
        emptied: Those that a sheet left without stock, with its import.
        lacking: Packs that cannot be offered anew, by SKU, with the hold of each; those
            on sale are decided in `ocop_sync.engine.plan.packs`.
        at_most: How many may be on offer of packs that have a count, and for which
            *values* has none: those that lack a price, or all of them.
        reason: The verdict's decisive reason, if it has one.
        cause: Its cause, for the budget: removals by one cause are counted together.
        counted: How the product is counted.
        ends_on: ISO day on which the claim ends or has ended, or "".
        until: When the verdict may change with the facts as they are, in UTC.
        fingerprint: Stands for all of this.
        mapping_version: Of the mapping by which it was made; 0 for none.
        unplaced: Facets that the marketplace has no place for: they are never written.
    """

    product_id: str
    seller_ref: str
    want: Want
    values: Values | None
    listing: Listing | None
    stars: StarClaim | None
    problem: Hold | None
    reason: Reason | None
    cause: Cause
    counted: CountedAs
    ends_on: str
    until: datetime | None
    fingerprint: str
    mapping_version: int = 0
    by_person: bool = False
    uncounted: frozenset[str] = frozenset()
    lacking: Mapping[str, Hold] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    end_confirmed: bool = False
    emptied: Mapping[str, int] = field(default_factory=dict)
    unplaced: frozenset[Facet] = frozenset()


def draft_wanted(product: Product, verdict: Verdict) -> Draft:
    """Work out the wanted listing of *product* for every marketplace."""
    want, reason = _WANT[verdict.standing], verdict.decisive
    ends_on = _end_of(verdict)
    claim = _claim(verdict)
    texts = _Texts(
        product.description,
        _attributes(product),
        product.pictures,
    )
    problem = None
    origin = origin_of(product, verdict, ends_on)
    if want is Want.WITHOUT_CLAIM:
        claim = None
        want, texts, problem = _without_claim(product, texts, ends_on)
    return Draft(
        product=product,
        want=want,
        reason=reason,
        cause=origin.cause,
        counted=_counted(verdict),
        ends_on=ends_on,
        until=verdict.changes_at,
        description=texts.description,
        attributes=texts.attributes,
        pictures=texts.pictures,
        trace_page=verdict.trace_page,
        claim=claim,
        keeps_claim=want is Want.UNKNOWN and verdict.certified is not Fact.YES,
        problem=problem,
        by_person=origin.by_person,
        end_confirmed=origin.end_confirmed,
    )


def faulty(product_id: str, counted: CountedAs = NOT_COUNTED) -> Wanted:
    """Return the stand-in for a wanted listing that could not be evaluated.

    It counts as it was counted last, unless that is known.
    """
    return replace(
        no_product(product_id),
        want=Want.UNKNOWN,
        problem=Hold.FAULT,
        counted=counted,
        fingerprint=Hold.FAULT.value,
    )


def no_product(product_id: str) -> Wanted:
    """Return the wish for a listing whose product the catalog does not have."""
    return Wanted(
        product_id=product_id,
        seller_ref="",
        want=Want.NO_PRODUCT,
        values=None,
        listing=None,
        stars=None,
        problem=None,
        reason=None,
        cause=CATALOG,
        counted=NOT_CERTIFIED,
        ends_on="",
        until=None,
        fingerprint=fingerprint(Want.NO_PRODUCT.value),
    )


def _end_of(verdict: Verdict) -> str:
    """Return the day on which the claim ends, or on which it has ended."""
    if verdict.claim_ends_on is not None:
        return verdict.claim_ends_on.isoformat()
    reason = verdict.decisive
    ended = reason is not None and reason.about_end and reason.key == "ended"
    return str(dict(reason.details)["day"]) if reason and ended else ""


def _counted(verdict: Verdict) -> CountedAs:
    """Certified = listable + blocked, each product once."""
    if verdict.certified is not Fact.YES:
        return VALIDITY_UNKNOWN if verdict.validity_unknown else NOT_CERTIFIED
    reason = verdict.decisive
    stopped = verdict.standing in (Standing.OUT_OF_SCOPE, Standing.NOT_LISTED)
    return CountedAs.blocked(reason.code) if stopped and reason else LISTABLE


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
    product: Product, place: Place, places: Sequence[str]
) -> tuple[Variant, ...]:
    """Return the packs that can be sold; one without price or count cannot."""
    has_gtin = place.capabilities.has_gtin
    variants = [
        Variant(
            **copied.of_pack(pack),
            stock=share_of(pack, product.stock_policy, place.name, places),
            gtin=pack.gtin if has_gtin and is_gtin(pack.gtin) else "",
        )
        for pack in product.variants
        if pack.price_vnd is not None and pack.on_hand is not None
    ]
    return tuple(variants)


def share_of(pack: Pack, policy: StockPolicy, place: str, places: Sequence[str]) -> int:
    """Return how many of *pack* buyers at *place* may order.

    Split evenly, the remainder goes to the first marketplace by name: the sum is never
    more than the available stock, on_hand - reserved - buffer.
    """
    available = pack.available
    if policy is StockPolicy.MIRROR or len(places) <= 1:
        return available
    share, rest = divmod(available, len(places))
    return share + rest if place == places[0] else share


def _sold_since(pack: Pack) -> tuple[int, float | None]:
    """Return how many of *pack* were sold since its count, and when that was."""
    return pack.sold, pack.counted_at.timestamp() if pack.counted_at else None


def _attributes(product: Product) -> tuple[tuple[str, str], ...]:
    label = replace(product.label, net_quantity=_net_quantity(product))
    pairs = [(name, getattr(label, field)) for name, field in _LABEL_NAMES]
    return tuple([pair for pair in pairs if pair[1]])


def _net_quantity(product: Product) -> str:
    """Return how much is in the packs of *product*, of each where they differ.

    The quantity of the product stands in for all, until one of them has its own.
    """
    said = [(each.pack, each.net_quantity) for each in product.variants]
    known = {pack: quantity for pack, quantity in said if quantity}
    if not known:
        return product.label.net_quantity
    quantities = {quantity for _, quantity in said}
    if len(quantities) == 1:
        return quantities.pop()
    return "; ".join(
        f"{pack}: {quantity}" if pack and pack != quantity else quantity
        for pack, quantity in known.items()
    )


def _claim(verdict: Verdict) -> StarClaim | None:
    """Return the claim that the certificate in force supports."""
    if verdict.certified is not Fact.YES or verdict.stars is None:
        return None
    decision = verdict.certificate.decision if verdict.certificate else ""
    return StarClaim(
        stars=verdict.stars, decision=decision, valid_to=verdict.claim_ends_on
    )


def _impossible(want: Want) -> Want:
    """Return the demand for a listing that cannot be composed whole.

    A claim that cannot be taken out of its text goes with the listing.
    """
    return Want.NOT_LISTED if want is Want.WITHOUT_CLAIM else Want.UNKNOWN


class _Texts(NamedTuple):
    """The parts of a listing that can carry a claim besides the stars facet."""

    description: str
    attributes: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...]


def _without_claim(
    product: Product, texts: _Texts, ends_on: str
) -> tuple[Want, _Texts, Hold | None]:
    """Take every part of the OCOP claim out of *texts*.

    With pictures, but none that is known to be free of the mark, there is
    nothing left to show. A claim inside the official name stays, for a person.
    """
    day = date.fromisoformat(ends_on) if ends_on else None
    numbers = {each.decision for each in product.certificates} or {""}

    def claims(text: str) -> bool:
        return any(has_claim(text, decision=n, ends_on=day) for n in numbers)

    description = texts.description
    for number in sorted(numbers):
        description = without_claims(description, decision=number, ends_on=day)
    bare = _Texts(
        description,
        tuple(pair for pair in texts.attributes if not claims(pair[1])),
        tuple(picture for picture in product.pictures if _is_clean(picture)),
    )
    bare_all = not product.pictures or bool(bare.pictures)
    want = Want.WITHOUT_CLAIM if bare_all else Want.NOT_LISTED
    names = (product.name, *(pack.pack for pack in product.variants))
    return want, bare, Hold.CLAIM_IN_NAME if any(map(claims, names)) else None


def _is_clean(picture: Picture) -> bool:
    return picture.shows_ocop_mark is Fact.NO
