"""The changes that this service can ask a marketplace to make.

There is no "delete": marketplaces unpublish. Which changes are needed, and in
which order, is decided in `ocop_sync.engine`; how they are sent, in an adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ocop_sync.marketplace.listing import Listing, Seller, StarClaim


class Kind(StrEnum):
    """Name of a kind of change, in the ledger and in plans."""

    CREATE = "create"
    UPDATE = "update"
    SET_PRICE = "set_price"
    SET_STOCK = "set_stock"
    SET_STARS = "set_stars"
    WITHDRAW = "withdraw"
    REPUBLISH = "republish"
    PUT_SELLER = "put_seller"
    STOP_SELLER = "stop_seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Publish a listing that the marketplace does not have.

    Where that takes several calls, buyers can buy of it only once the last of them is
    done, and it can be found from the first one on (`ocop_sync.marketplace.port`).

    Attributes:
        client_ref: Our own reference of the product.
        listing: The whole listing.
        key: Idempotency key, for marketplaces that honour one; the same for
            every try of the same intent, never reused for another.
    """

    kind: ClassVar[Kind] = Kind.CREATE
    client_ref: str
    listing: Listing
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingChange:
    """A change of a listing that is there.

    Attributes:
        client_ref: Our own reference of the product.
        ref: The marketplace's own identifier.
    """

    client_ref: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(ListingChange):
    """Change the content facet of a listing, and only that.

    **Of its packs: one that stays keeps the price and the stock that show there, one
    that is added comes with those of *listing*, and one that is not named is gone with
    its own; a replaced SKU is one gone and one added.** So an `Update` may remove
    packs, though never the last one. Numbers never pass from one SKU to another.

    An added pack counts as written: no `SetPrice` or `SetStock` follows. So it must not
    go on sale with other numbers, nor before the replaced pack is gone. Where that
    takes several calls, the removal of a pack goes first. A marketplace whose call
    cannot leave the numbers of a pack out is sent those that it shows, read in the same
    method. One that can remove no pack answers `Refused`, and never leaves it on sale.

    A listing that somebody made by hand is taken over by one `Update`, and nothing else
    goes to it before that is `Applied`, or approved. Our reference comes with it:
    "client_ref" is among *fields* then, and only then, and replaces any other
    reference. A marketplace that has no place for it says so
    (`Capabilities.writes_reference`) and is not asked.

    Attributes:
        listing: The whole listing; only the fields of *fields* are written. If packs
            are among them, those that stay have the prices that showed last, and no
            more stock than showed.
        fields: Names of the fields of `Listing` that differ. "variants" means which
            packs there are, and the pack, GTIN and weight of each.
    """

    kind: ClassVar[Kind] = Kind.UPDATE
    listing: Listing
    fields: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPrice(ListingChange):
    """Set the prices of some variants.

    Attributes:
        prices: Price in đồng by SKU.
    """

    kind: ClassVar[Kind] = Kind.SET_PRICE
    prices: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStock(ListingChange):
    """Set the stock of some variants to absolute counts.

    Attributes:
        stocks: Count by SKU; never negative.
        version: The listing's version when its stock was known last, or "".
            A marketplace that can compare (`Capabilities.compare_and_set`)
            sets nothing if it has another one by now: the answer is a refusal
            that is a `version_conflict`. Others pay no heed to it.
    """

    kind: ClassVar[Kind] = Kind.SET_STOCK
    stocks: Mapping[str, int]
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStars(ListingChange):
    """Set or clear the OCOP claim of a listing.

    Attributes:
        stars: The claim; None clears every part of it.
    """

    kind: ClassVar[Kind] = Kind.SET_STARS
    stars: StarClaim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(ListingChange):
    """Take a listing from sale, or cancel it while it is in review.

    Withdrawing a listing that is already down is harmless.

    Attributes:
        ref: "" while only *ticket* is known.
        reason: Why, in Vietnamese, for the marketplace's own records.
        ticket: The submission that is cancelled, or "".
    """

    kind: ClassVar[Kind] = Kind.WITHDRAW
    reason: str
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Republish(ListingChange):
    """Put a listing on sale that we withdrew, or that a create left half made."""

    kind: ClassVar[Kind] = Kind.REPUBLISH


@dataclass(frozen=True, slots=True, kw_only=True)
class PutSeller:
    """Open a seller or bring its profile up to date.

    It is idempotent by the seller's `client_ref`: after a lost answer it is
    simply sent again.

    Attributes:
        client_ref: Our own reference of the producer.
        seller: The whole profile.
    """

    kind: ClassVar[Kind] = Kind.PUT_SELLER
    client_ref: str
    seller: Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSeller:
    """Close a seller: nothing of it is on sale afterwards. Idempotent.

    Attributes:
        client_ref: Our own reference of the producer.
        reason: Why, in Vietnamese, for the marketplace's own records.
    """

    kind: ClassVar[Kind] = Kind.STOP_SELLER
    client_ref: str
    reason: str


Change = (
    Create
    | Update
    | SetPrice
    | SetStock
    | SetStars
    | Withdraw
    | Republish
    | PutSeller
    | StopSeller
)
