"""The conformance kit on a marketplace that claims as little as it can."""

from ocop_sync.testing.kit import Conformance
from tests.contract.shops import SimpleShop


class TestSimple(Conformance):
    shop = SimpleShop
