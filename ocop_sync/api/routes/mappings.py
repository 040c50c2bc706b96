"""How products are shown at a marketplace: seen by staff, set by admins."""

from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import ADMINS, STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.mappings import (
    MappingForm,
    MappingInForceForm,
    mapping_form,
)
from ocop_sync.api.problems import MAPPING_HELD, NOT_TAKEN, STALE_PLAN
from ocop_sync.api.routes.policies import MarketplacePath
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import FieldProblem, ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Model
from ocop_sync.marketplace.mapping import ListingMapping, check_mapping
from ocop_sync.service.decisions.mappings import adapter_in, mapping_of
from ocop_sync.service.department.mapping_entry import MappingEntry, enter_mapping

TAG: Final = "mappings"


@operation(
    "GET",
    "/api/v1/marketplaces/{marketplace}/mapping",
    summary="The mapping of a marketplace",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_mapping(call: Call, path: MarketplacePath) -> Answer[MappingInForceForm]:
    """Return the mapping in force: categories, and rules for texts and pictures."""
    ensure_whole(asker_of(call))
    return await _in_force(call, path.marketplace)


class ConfirmQuery(Model):
    """Whether it is meant."""

    confirm: Annotated[str, Field(max_length=64, pattern=r"^[0-9a-f]*$")] = ""
    """The token that was told; empty the first time."""


@operation(
    "PUT",
    "/api/v1/marketplaces/{marketplace}/mapping",
    summary="Put another mapping in force",
    allowed=ADMINS,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_FOUND, NOT_TAKEN, MAPPING_HELD, STALE_PLAN),
)
async def put_mapping(
    call: Call, path: MarketplacePath, query: ConfirmQuery, body: MappingForm
) -> Answer[MappingInForceForm]:
    """Replace the mapping whole, from the next run on; a plan shows what it changes.

    Where products can be listed no more by it, that is told first (409) with a token.
    """
    ensure_whole(asker_of(call))
    if body.marketplace != path.marketplace:
        vi, en = "bảng quy đổi của sàn khác", "the mapping is of another marketplace"
        wrong = FieldProblem("body", "/marketplace", "other_marketplace", vi, en)
        raise ProblemError(NOT_TAKEN, vi=vi, en=en, errors=[wrong])
    return await _replace(call, path.marketplace, _mapping_in(body), query.confirm)


@operation(
    "DELETE",
    "/api/v1/marketplaces/{marketplace}/mapping",
    summary="Go back to the mapping that ships with the program",
    allowed=ADMINS,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_FOUND, MAPPING_HELD, STALE_PLAN),
)
async def reset_mapping(
    call: Call, path: MarketplacePath, query: ConfirmQuery
) -> Answer[MappingInForceForm]:
    """Go back to the mapping that ships, from the next run on; it is answered.

    Where products can be listed no more by it, that is told first (409) with a token.
    """
    ensure_whole(asker_of(call))
    return await _replace(call, path.marketplace, None, query.confirm)


OPERATIONS: Final = (get_mapping, put_mapping, reset_mapping)


def _mapping_in(body: MappingForm) -> ListingMapping:
    return check_mapping(
        body.model_dump(), marketplace=body.marketplace, where=body.marketplace
    )


async def _replace(
    call: Call, name: str, new: ListingMapping | None, token: str
) -> Answer[MappingInForceForm]:
    entry = MappingEntry(
        marketplace=name, new=new, by=asker_of(call).actor, token=token
    )
    await enter_mapping(deployment_of(call), entry, call.ensure_match)
    return await _in_force(call, name)


async def _in_force(call: Call, name: str) -> Answer[MappingInForceForm]:
    deployment = deployment_of(call)
    found = await mapping_of(deployment.database, name, adapter_in(deployment, name))
    return Answer(value=mapping_form(found), version=found.version)
