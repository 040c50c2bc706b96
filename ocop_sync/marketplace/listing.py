"""The listings and sellers of a marketplace, as values.

An adapter author sees only these: never a product, a certificate or a rule. The content
of a listing is decided in `ocop_sync.engine.wanted.draft`; its spelling at a
marketplace is decided in each adapter's `convert` module.

Databases hold values of a listing. A field that is added later says with which version
of their shape it came, by `since`; the next free one is `present() + 1` of
`ocop_sync.engine.state.stored_shape`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ocop_sync.marketplace.read_age import ensure_instant
from ocop_sync.redaction import one_line, shown

LONGEST_WORDS = 500
"""Characters of a marketplace's words on one problem."""
_LONGEST_NAME = 100


_SHAPE = "shape"


def since(version: int) -> dict[str, int]:
    """Return the metadata of a field that came with *version* of the stored shape."""
    return {_SHAPE: version}


def versions_of(value: Any) -> Iterator[tuple[str, int]]:
    """Yield the fields of a dataclass that came later, with the version of each."""
    for each in fields(value):
        if _SHAPE in each.metadata:
            yield each.name, each.metadata[_SHAPE]


class Facet(StrEnum):
    """A part of a listing that is written, compared and repaired by itself."""

    CONTENT = "content"
    PRICE = "price"
    STOCK = "stock"
    STARS = "stars"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One pack of a product, as offered to buyers.

    Attributes:
        sku: The stock keeping unit, minted by this service and never reused.
        pack: The pack that a buyer gets, such as "Hộp 500 g".
        price_vnd: Price in đồng, VAT included.
        stock: How many a buyer may order now; never negative.
        gtin: GS1 number with 8, 12, 13 or 14 digits, or ""; "" where the
            marketplace has no place for one.
        weight_g: Shipping weight in grams, if known.
    """

    sku: str
    pack: str
    price_vnd: int
    stock: int
    gtin: str = ""
    weight_g: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StarClaim:
    """The OCOP stars that a listing claims: a state certificate.

    They are not the buyers' rating and are never written into one.

    Attributes:
        stars: 3, 4 or 5.
        decision: The recognising decision, such as "377/QĐ-BNN-VPĐP", or "".
        valid_to: Last day of validity in Vietnam, if known.
    """

    stars: int
    decision: str = ""
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One product at one account, its variants inside.

    Attributes:
        client_ref: Our own reference of the product, sent along so that the
            listing can be found again when an answer was lost. "" where a
            marketplace shows a listing that carries none.
        seller_ref: Our own reference of the producer; "" as above.
        title: Name that buyers see, in Vietnamese, NFC.
        description: Plain text, NFC.
        category: The marketplace's own category code, from
            `ListingMapping.categories`; an adapter passes it on unchanged.
        attributes: Further name and value pairs, sorted as Python sorts them: by the
            code points of the name. Another order of them is no edit.
        pictures: Addresses of the pictures, the first one leading.
        trace_url: Traceability page that the catalog holds, or ""; "" where
            the marketplace has no place for one.
        variants: At least one, sorted by SKU.
        stars: The OCOP claim, or None for no claim at all.
    """

    client_ref: str
    seller_ref: str
    title: str
    description: str
    category: str
    variants: tuple[Variant, ...]
    attributes: tuple[tuple[str, str], ...] = ()
    pictures: tuple[str, ...] = ()
    trace_url: str = ""
    stars: StarClaim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A producer's profile at a marketplace.

    It holds no identity number, telephone number or name of a private person.

    Attributes:
        client_ref: Our own reference of the producer.
        name: Name of the firm, cooperative or household business.
        kind: "DN" (firm), "HTX" (cooperative), "THT" (cooperative group), "HO"
            (household), or "" if unknown.
        address: Street address without commune, or "".
        commune_code: Code of the commune of 2025, five digits, or "".
        old_commune_code: Code of the commune before July 2025, or "".
        old_district_code: Code of the district before July 2025, or "".
    """

    client_ref: str
    name: str
    kind: str = ""
    address: str = ""
    commune_code: str = ""
    old_commune_code: str = ""
    old_district_code: str = ""


class RemoteState(StrEnum):
    """The state of a listing, as its marketplace says.

    DOWN does not say by whom: `ocop_sync.engine` tells our own withdrawal from a
    person's by the changes that we sent. A listing that a create of several calls has
    half made is DOWN as well, and so is a draft.
    """

    IN_REVIEW = "in_review"
    REFUSED = "refused"
    LIVE = "live"
    DOWN = "down"
    BANNED = "banned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a marketplace refused something, in its own words.

    The words are made fit to be shown, whoever hands them in: on one line, cut to
    500 characters, without secrets and personal data (`ocop_sync.redaction`).

    Attributes:
        code: The marketplace's code, or "" if it sent only text.
        message: The marketplace's words.
        field: The field of the listing that it is about, or "".
    """

    code: str
    message: str
    field: str = ""

    def __post_init__(self) -> None:
        said = shown(self.message, longest=LONGEST_WORDS)
        object.__setattr__(self, "message", said)
        object.__setattr__(self, "code", one_line(self.code)[:_LONGEST_NAME])
        object.__setattr__(self, "field", one_line(self.field)[:_LONGEST_NAME])


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A listing that exists at a marketplace, but cannot be read.

    Attributes:
        ref: The marketplace's own identifier, or "" if not even that can be read.
        reason: The fault, such as "state: unknown value"; without any value of the
            listing. It is made fit to be shown, as the words of a `Problem`.
        client_ref: Our own reference, as far as that can be read, or "".
    """

    ref: str
    reason: str
    client_ref: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", shown(self.reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteListing:
    """A listing as found at a marketplace, also one that nobody made through us.

    A missing field is left empty: "" for a text, () for packs, "" for an SKU, 0 for a
    price or a stock, None for a claim or a weight. Only where a listing carries a
    reference (`Listing.client_ref`) and a pack of it has no SKU, price or stock, it is
    `Unreadable`: 0 would be believed. A create of several calls that has not ended, or
    has broken off, is an exception: the fields of its later calls are still empty, the
    listing is DOWN, and nobody can buy of it. A listing that is not ours is never
    written to, and its numbers are never believed; an adopted listing is brought up to
    date.

    Attributes:
        ref: The marketplace's own identifier.
        state: The state that the marketplace gives.
        shown: The listing as it shows, in our terms; fields that the marketplace does
            not have are left at their defaults, `client_ref` and `seller_ref`, which
            have none, at "".
        version: The version for compare-and-set, or "".
        problems: Why it is refused or banned.
        seller_name: Seller as the marketplace shows it, or "".
        read_at: When it was so, with a time zone; None is when its page was
            (`Page.as_of`), and in an answer of `read` now, the call. Only where
            `Capabilities.read_age_s` is claimed. Never in the future.
    """

    ref: str
    state: RemoteState
    shown: Listing
    version: str = ""
    problems: tuple[Problem, ...] = ()
    seller_name: str = ""
    read_at: datetime | None = None

    def __post_init__(self) -> None:
        ensure_instant(self.read_at, "RemoteListing.read_at")
