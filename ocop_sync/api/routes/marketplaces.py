"""The marketplaces that are installed, as `ocop-sync marketplaces list` shows them."""

from typing import Final

from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.api.context import deployment_of
from ocop_sync.api.forms.marketplaces import MarketplaceList, marketplaces_form
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.service.queries.installed import installed_in

TAG: Final = "marketplaces"


@operation(
    "GET",
    "/api/v1/marketplaces",
    summary="The installed marketplaces",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_marketplaces(call: Call) -> MarketplaceList:
    """List the marketplaces that there are adapters for, with their features."""
    found = installed_in(deployment_of(call))
    return marketplaces_form(found, shows_why=False)


OPERATIONS: Final = (list_marketplaces,)
