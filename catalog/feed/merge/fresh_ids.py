"""The ids and SKUs that one import has made."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class FreshIds:
    """The products, the producers and the packs that are new by this import.

    Attributes:
        products: Ids of the new products, in their order.
        others: Ids of new producers, and SKUs of new packs of known products: those of
            a new product are new without being told.
    """

    products: dict[str, None] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    def add(self, key: str) -> None:
        """Add a new producer, or the SKU of a new pack."""
        if key not in self:
            self.others.add(key)

    def __contains__(self, key: object) -> bool:
        """Say whether an id or a SKU is new."""
        if key in self.products or key in self.others:
            return True
        # A SKU is minted as its product's id and a number.
        return str(key).rpartition("-")[0] in self.products
