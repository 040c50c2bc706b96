"""From the catalog's verdict on a product to the draft of its listing.

Which products may be listed is decided in `catalog.eligibility`. A listing that stays
without a claim loses every part of it that its texts and pictures carry.
"""

from datetime import date
from typing import NamedTuple

from catalog.eligibility import Outlook, Standing, Verdict
from catalog.model.fact import Fact
from catalog.model.producer import Producer
from catalog.model.product import Picture, Product
from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import (
    LISTABLE,
    NOT_CERTIFIED,
    VALIDITY_UNKNOWN,
    CountedAs,
    Want,
)
from ocop_sync.engine.wanted.catalog_part import part_of
from ocop_sync.engine.wanted.claim import has_claim, without_claims
from ocop_sync.engine.wanted.draft import Draft
from ocop_sync.engine.wanted.origin import origin_of
from ocop_sync.marketplace.listing import StarClaim

_WANT = {
    Standing.LISTED: Want.LISTED,
    Standing.WITHOUT_CLAIM: Want.WITHOUT_CLAIM,
    Standing.NOT_LISTED: Want.NOT_LISTED,
    Standing.OUT_OF_SCOPE: Want.OUT_OF_SCOPE,
    Standing.UNKNOWN: Want.UNKNOWN,
}


_LABEL_NAMES = (
    ("Cảnh báo", "warnings"),
    ("Hướng dẫn sử dụng và bảo quản", "use_and_storage"),
    ("Hạn sử dụng", "dates"),
    ("Khối lượng tịnh", "net_quantity"),
    ("Thành phần", "ingredients"),
    ("Xuất xứ", "origin"),
)
"""Vietnamese names of the label's fields (Decree 43/2017), sorted by code points."""


def draft_wanted(
    product: Product,
    verdict: Verdict,
    producer: Producer | None = None,
    outlook: Outlook | None = None,
) -> Draft:
    """Work out the wanted listing of *product* for every marketplace.

    *outlook* is that of its *verdict*, for whoever asks how it is counted later.
    """
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
        counted=counted_as(verdict),
        part=part_of(product, verdict, producer),
        verdict=verdict,
        outlook=outlook,
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


def _end_of(verdict: Verdict) -> str:
    """Return the day on which the claim ends, or on which it has ended."""
    if verdict.claim_ends_on is not None:
        return verdict.claim_ends_on.isoformat()
    reason = verdict.decisive
    ended = reason is not None and reason.about_end and reason.key == "ended"
    return str(dict(reason.details)["day"]) if reason and ended else ""


def counted_as(verdict: Verdict) -> CountedAs:
    """Return how the product is counted: certified = listable + blocked."""
    if verdict.certified is not Fact.YES:
        return VALIDITY_UNKNOWN if verdict.validity_unknown else NOT_CERTIFIED
    reason = verdict.decisive
    stopped = verdict.standing in (Standing.OUT_OF_SCOPE, Standing.NOT_LISTED)
    return CountedAs.blocked(reason.code) if stopped and reason else LISTABLE


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
