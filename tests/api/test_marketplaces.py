"""The marketplaces that are installed."""

from ocop_sync.marketplace.registry import mock_names
from tests.api.served import Served


async def test_installed_marketplaces_are_listed_with_their_accounts(
    served: Served,
) -> None:
    found = await served.get("/api/v1/marketplaces", "viewer")

    names = [each["name"] for each in found["marketplaces"]]
    assert names == sorted(names)
    simulated = {e["name"] for e in found["marketplaces"] if e["simulated"]}
    assert simulated == set(mock_names())


async def test_a_list_that_has_not_changed_is_answered_without_its_content(
    served: Served,
) -> None:
    first = await served.call("GET", "/api/v1/marketplaces", "viewer")
    known = {"If-None-Match": first.headers["ETag"]}

    again = await served.call("GET", "/api/v1/marketplaces", "viewer", headers=known)

    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
