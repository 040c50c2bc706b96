"""An adapter with one fault, and the check that must catch it."""

from dataclasses import dataclass

from ocop_sync.marketplace.port import Marketplace
from ocop_sync.testing.kit import Shop


@dataclass(frozen=True)
class Broken:
    """A broken adapter.

    Attributes:
        adapter: A thin wrapper with one fault; its docstring names that.
        shop: The shop on which the unbroken one passes.
        checks: The checks that name the fault.
    """

    adapter: type[Marketplace]
    shop: type[Shop]
    checks: tuple[str, ...]

    def make_shop(self) -> Shop:
        """Return a fresh shop for the broken adapter."""
        made: Shop = type(self.shop.__name__, (self.shop,), {"adapter": self.adapter})()
        return made
