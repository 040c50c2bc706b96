"""The conformance kit on the marketplace in memory."""

from ocop_sync.testing.kit import Conformance
from tests.contract.shops import MemoryShop


class TestMemory(Conformance):
    shop = MemoryShop
