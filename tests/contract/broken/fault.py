"""An adapter with one fault, and the check that must catch it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocop_sync.marketplace.port import Marketplace
from ocop_sync.testing.kit import Shop


@dataclass(frozen=True)
class Broken:
    """A broken adapter.

    Attributes:
        adapter: A thin wrapper with one fault; its docstring names that.
        shop: The shop on which the unbroken one passes.
        checks: The checks that name the fault.
        words: Words that they must say of it, for a check of several things.
    """

    adapter: type[Marketplace]
    shop: type[Shop]
    checks: tuple[str, ...]
    words: str = ""

    def make_shop(self) -> Shop:
        """Return a fresh shop for the broken adapter."""
        made: Shop = type(self.shop.__name__, (self.shop,), {"adapter": self.adapter})()
        return made


def on(shop: type[Shop], caught: Mapping[Any, str]) -> list[Broken]:
    """Return broken adapters of one shop, each with the checks that name its fault."""
    return [Broken(each, shop, tuple(by.split())) for each, by in caught.items()]
