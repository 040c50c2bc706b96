"""Checking an account signs in at either marketplace, and changes nothing there."""

from dataclasses import replace
from typing import Final

import pytest

from ocop_sync.errors import AuthenticationError, UnavailableError
from ocop_sync.marketplace.port import Account, Context
from tests.adapters.calls import Market, Open
from tests.adapters.traits import NAMES

at_both: Final = pytest.mark.parametrize("name", NAMES)


def reopen(market: Market, account: Account, context: Context) -> None:
    market.adapter = type(market.adapter)(account, context)


@at_both
async def test_good_credentials_pass_by_reading_alone(opened: Open, name: str) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    before = len(await market.log(0))

    await market.adapter.check()

    calls = (await market.log(0))[before:]
    assert 1 <= len(calls) <= 2
    assert all(call["status"] == 200 for call in calls)
    assert not [call for call in calls if call.get("applied")]


@at_both
async def test_wrong_credentials_are_refused(opened: Open, name: str) -> None:
    market = await opened(name)
    adapter = market.adapter
    reopen(market, adapter.account, replace(adapter.context, secrets=lambda _: "sai"))

    with pytest.raises(AuthenticationError):
        await market.adapter.check()


@at_both
async def test_a_marketplace_that_is_not_there_is_unreachable(
    opened: Open, name: str
) -> None:
    market = await opened(name)
    adapter = market.adapter
    gone = replace(adapter.account, base_url="http://127.0.0.1:9")
    reopen(market, gone, adapter.context)

    with pytest.raises(UnavailableError):
        await market.adapter.check()
