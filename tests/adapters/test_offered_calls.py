"""A marketplace is tried with the calls that it has, and with no others."""

import pytest

from ocop_sync.marketplace.features import features_of
from ocop_sync.testing.mocks.mock import mocked_adapters
from tests.adapters.calls import READS, WRITES, offered
from tests.adapters.traits import NAMES
from tests.simple_marketplace import SimpleMarketplace


def test_what_a_simple_marketplace_lacks_is_not_called() -> None:
    assert offered(SimpleMarketplace, READS) == ["page", "read"]
    assert offered(SimpleMarketplace, WRITES) == [
        *("create", "update", "set_price", "set_stock", "withdraw", "republish")
    ]


@pytest.mark.parametrize("name", NAMES)
def test_one_that_has_everything_is_tried_with_every_call(name: str) -> None:
    adapter = mocked_adapters()[name]
    has_all = all(features_of(adapter.capabilities).values())

    every = offered(adapter, [*READS, *WRITES])

    assert (every == [*READS, *WRITES]) is has_all
