"""The acts that the people of every mock can do, and their reports.

The words are the same for every mock; the effect of an act is decided by the mock's own
`Staff`. How it is asked for is decided in `staff_actions` and `control`.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypedDict

from ocop_sync.testing.mocks.state_file import Row


class VariantRow(TypedDict):
    """A variant, as `/_mock/state` shows it for every mock."""

    sku: str
    price_vnd: int
    stock: int


class ClaimRow(TypedDict):
    """The claim of OCOP stars, as `/_mock/state` shows it for every mock."""

    stars: int
    decision: str
    valid_to: str | None


class ListingRow(TypedDict):
    """A listing, as `/_mock/state` shows it for every mock.

    Attributes:
        ref: The marketplace's identifier, or the ticket while it has none.
        client_ref: Our reference, or "".
        seller_ref: Our reference of the seller, or "".
        state: in_review, refused, live, down or banned.
        title: As shown to buyers.
        description: As shown to buyers.
        variants: Prices and stocks.
        ocop: The claim in its own field, or None.
        rating_average: The rating by buyers; never the stars.
        by_hand: True if a person there made it, or the mock's seed; not a client.
        api_writes: How many calls of clients have changed it.
        own: The listing in the marketplace's own names.
    """

    ref: str
    client_ref: str
    seller_ref: str
    state: str
    title: str
    description: str
    variants: list[VariantRow]
    ocop: ClaimRow | None
    rating_average: float | None
    by_hand: bool
    api_writes: int
    own: Row


class Staff(Protocol):
    """The acts that a mock can be asked for from inside.

    Every act on a listing raises `LookupError` for an unknown one, and `ValueError` if
    it makes no sense in its state.
    """

    def approve(self, ref: str) -> None:
        """End a review well."""

    def refuse(self, ref: str, reason: str) -> None:
        """End a review badly; a *reason* that the mock has words for gets those."""

    def ban(self, ref: str, reason: str) -> None:
        """Forbid a listing."""

    def edit(self, ref: str, changes: Mapping[str, object]) -> None:
        """Change fields as a person on the marketplace's own pages would."""

    def take_down(self, ref: str) -> None:
        """Take a listing from sale as a person would."""

    def sell(self, ref: str, sku: str, quantity: int) -> str:
        """Sell to a buyer and return the identifier of the order line."""

    def reserve(self, ref: str, sku: str, quantity: int) -> None:
        """Let running orders keep *quantity* of a variant; 0 ends them."""

    def delete(self, ref: str) -> None:
        """Make a listing vanish."""

    def hand_made(
        self, code: str, names: Sequence[str], skus: Sequence[str]
    ) -> Sequence[str]:
        """Enter listings that no client made, in shop *code* if there are shops.

        Each has one variant, with the SKU in its place or a made-up one.

        Returns:
            Their refs.
        """

    def end_tokens(self) -> None:
        """Let every token that was given out run out at once."""

    def listings(self) -> Sequence[ListingRow]:
        """Return every listing, those made by hand included."""

    def sellers(self) -> Sequence[Row]:
        """Return every seller in the marketplace's own names."""
