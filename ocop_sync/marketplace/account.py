"""Which account at which marketplace."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account at one marketplace: its address, its scope and its options.

    Attributes:
        key: Our name of it, such as "postmart" or "voso:CS-0001".
        marketplace: Name of the marketplace.
        base_url: Where its API is.
        seller_ref: Our reference of the one producer that it serves, or "" if
            it serves all (the department's account).
        options: The adapter's own settings, read by its `Marketplace.options_model`;
            None if it has none. They are no place for secrets.
    """

    key: str
    marketplace: str
    base_url: str
    seller_ref: str = ""
    options: Any = field(default=None, repr=False, hash=False)
