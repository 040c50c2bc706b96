"""The conformance kit on Voso and its mock."""

from ocop_sync.testing.kit import Conformance
from tests.contract.shops import VosoShop


class TestVoso(Conformance):
    shop = VosoShop
