"""The conformance kit on Postmart and its mock."""

from ocop_sync.testing.kit import Conformance
from tests.contract.shops import PostmartShop


class TestPostmart(Conformance):
    shop = PostmartShop
