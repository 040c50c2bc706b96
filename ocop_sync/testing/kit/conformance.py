"""The test class of which an author derives one, and the runs behind it.

pytest is not needed here: the plugin gives each check of the kit to the one test.
"""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import Check, Outcome, outcome_of
from ocop_sync.testing.kit.shop import Shop


async def try_check(check: Check, make_shop: Callable[[], Shop]) -> Outcome:
    """Try one check on a fresh shop."""
    return await outcome_of(check, lambda: Bench.open(make_shop))


class Conformance:
    """Every check of the kit, on one adapter.

        class TestMyMarketplace(Conformance):
            shop = MyShop

    Attributes:
        shop: The shop; each check has a fresh one.
    """

    shop: ClassVar[type[Shop]]

    def test_port(self, conformance_check: Check, conformance_note: Any) -> None:
        """Try one check, and note its outcome for the page."""
        outcome = asyncio.run(try_check(conformance_check, type(self).shop))
        conformance_note(conformance_check, outcome)
