"""The conformance kit on the marketplace in memory, where it reviews listings."""

from ocop_sync.testing.kit import Conformance
from tests.contract.shops import ModeratedShop


class TestModerated(Conformance):
    shop = ModeratedShop
