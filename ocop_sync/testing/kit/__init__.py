"""The conformance kit: prove an adapter against its marketplace.

The author of an adapter says in a `Shop` how an account is opened, how a fresh shop is
made, and what the marketplace really holds; a test class derived from `Conformance`
runs every check of `ocop_sync.testing.kit.checks` on it. How to go about it is told in
`docs/writing-an-adapter.md`.
"""

from ocop_sync.testing.kit.conformance import Conformance
from ocop_sync.testing.kit.shop import NotOffered, Shop

__all__ = ["Conformance", "NotOffered", "Shop"]
