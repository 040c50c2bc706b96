"""Our reference on a listing that is taken over: `Update` writes it, where it can."""

import pytest

from ocop_sync.marketplace.change import Update
from ocop_sync.marketplace.port import Applied, Refused
from tests.adapters.calls import Open
from tests.adapters.traits import names_with


@pytest.mark.parametrize("name", names_with("search"))
async def test_our_reference_is_written_where_the_marketplace_can(
    name: str, opened: Open
) -> None:
    market = await opened(name)
    ref = await market.bench.publish()
    change = Update(
        client_ref="SP-00009",
        ref=ref,
        listing=market.support.make_listing(client_ref="SP-00009", title="Tên mới"),
        fields=frozenset({"title", "client_ref"}),
    )

    (result,) = await market.adapter.update([change])

    found = await market.adapter.find(client_refs=["SP-00009"])
    shown = (await market.bench.shown(ref)).shown
    if market.adapter.capabilities.writes_reference:
        assert isinstance(result, Applied)
        assert [each.ref for each in found] == [ref]
        assert (shown.client_ref, shown.title) == ("SP-00009", "Tên mới")
    else:  # it is never asked to, and does no half of it
        assert isinstance(result, Refused)
        assert (found, shown.client_ref) == ([], "SP-00001")
        assert shown.title != "Tên mới"
