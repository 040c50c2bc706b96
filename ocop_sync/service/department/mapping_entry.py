"""Another mapping is put in force: what it takes is told first, with a token.

A product whose set has no category any more, or whose name, text or pictures the new
rules do not take, cannot be listed: it is held, and a listing of it that has to lose
its claim is withdrawn. Both mappings are held against the whole catalog before the
transaction that enters the new one, as that takes seconds; the token says whether the
same products were told.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from catalog.counted import counted
from catalog.db import reader
from catalog.eligibility import Text
from catalog.model.actor import Actor
from catalog.model.product import Entry
from ocop_sync.engine.terms import Found, Want
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.errors import ConfigurationError, HeldMappingError, StalePlanError
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.service.decisions.mappings import (
    InForce,
    adapter_in,
    mapping_of,
    replace_mapping,
)
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.queries.explain import verdict_of
from ocop_sync.store.listings import records


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingEntry:
    """A mapping that somebody puts in force.

    Attributes:
        marketplace: Of which marketplace.
        new: The mapping; None for the adapter's own.
        by: Who.
        token: Confirms what it takes; "" if nothing is confirmed.
    """

    marketplace: str
    new: ListingMapping | None
    by: Actor
    token: str = ""


class _Taken(NamedTuple):
    """A product that can be listed no more.

    Attributes:
        product_id: Which one.
        is_live: A listing of it is on sale, as far as is known.
        is_withdrawn: That listing goes.
    """

    product_id: str
    is_live: bool
    is_withdrawn: bool


def _whatever(version: str) -> None:
    """Take any version that is there."""


async def enter_mapping(
    deployment: Deployment,
    entry: MappingEntry,
    ensure_seen: Callable[[str], None] = _whatever,
) -> Sequence[str] | None:
    """Put a mapping in force, from the next run on.

    Args:
        deployment: As settings have it.
        entry: The mapping.
        ensure_seen: Called with the version of what is in force: raises if another
            one was seen.

    Returns:
        As of `replace_mapping`.

    Raises:
        HeldMappingError: Products can be listed no more, and the token does not confirm
            just these.
        StalePlanError: Another mapping has come into force meanwhile.
        ConfigurationError: There is no such marketplace.
        PlanError: Who decides is not named.
    """
    adapter = adapter_in(deployment, entry.marketplace)
    told: str | None = None
    try:
        before = await mapping_of(deployment.database, entry.marketplace, adapter)
    except ConfigurationError:
        pass  # what cannot be read is left behind: no run goes by it
    else:
        ensure_seen(before.version)
        await ensure_meant(deployment, entry, before)
        told = before.version

    def ensure_told(version: str) -> None:
        ensure_seen(version)
        if told is not None and version != told:
            message = (
                "bảng quy đổi vừa được thay, hãy xem lại"
                " / another mapping has come into force: look again"
            )
            raise StalePlanError(message)

    return await replace_mapping(
        deployment.database,
        entry.marketplace,
        entry.new,
        by=entry.by,
        clock=deployment.clock,
        adapter=adapter,
        ensure_seen=ensure_told,
    )


async def ensure_meant(
    deployment: Deployment, entry: MappingEntry, before: InForce
) -> None:
    """See to it that whoever decides was told which products are held.

    Args:
        deployment: As settings have it.
        entry: The mapping; without a token, what it takes is told in any case.
        before: What is in force.

    Raises:
        HeldMappingError: As of `enter_mapping`.
    """
    sites = [each for each in deployment.sites if each.name == entry.marketplace]
    after = entry.new or before.own
    if not sites or after == before.mapping:
        return
    old, new = sites[0].mapped(before.mapping), sites[0].mapped(after)
    taken = await _taken(deployment, old, new)
    if not taken:
        return
    values = (before.version, after.model_dump_json(), [e.product_id for e in taken])
    token = blake2b(repr(values).encode(), digest_size=6).hexdigest()
    if entry.token != token:
        raise HeldMappingError([(e.vi, e.en) for e in _effects(taken)], token)


def _effects(taken: Sequence[_Taken]) -> Iterator[Text]:
    live = [each for each in taken if each.is_live]
    gone = sum(each.is_withdrawn for each in live)
    first = ", ".join(each.product_id for each in taken[:3])
    more = f" +{len(taken) - 3}" if len(taken) > 3 else ""  # noqa: PLR2004
    yield Text(
        f"{len(taken)} sản phẩm không đăng được nữa, bị giữ lại: {first}{more}",
        f"{counted(len(taken), 'product')} can be listed no more, held from now on:"
        f" {first}{more}",
    )
    if stay := len(live) - gone:
        yield Text(
            f"{stay} tin đang bán giữ nguyên nội dung, không sửa được nữa",
            f"{counted(stay, 'listing')} on sale with content that is not put right",
        )
    if gone:
        yield Text(
            f"{gone} tin đang bán bị gỡ", f"{counted(gone, 'listing')} withdrawn"
        )


async def _taken(deployment: Deployment, old: Site, new: Site) -> list[_Taken]:
    """Return the products that could be listed by *old* and cannot by *new*, by id."""
    found: list[_Taken] = []
    async with deployment.database.read() as conn:
        async for page in reader.pages(conn):
            lost = await asyncio.to_thread(_lost, deployment, page, old, new)
            if not lost:
                continue
            known = await records.load(conn, new.name, list(lost))
            for id_, is_withdrawn in lost.items():
                record = known.get(id_)
                is_live = record is not None and record.state.found is Found.LIVE
                found.append(_Taken(id_, is_live, is_withdrawn))
    return found


def _lost(
    deployment: Deployment, page: Sequence[Entry], old: Site, new: Site
) -> dict[str, bool]:
    """Return the products of a page that *new* takes, and whether it withdraws them."""
    found, now = dict[str, bool](), deployment.clock()
    for entry in page:
        product = entry[0]
        verdict = verdict_of(entry, now, deployment.rules)
        marketplaces = deployment.marketplaces_of(product.producer_id)
        if verdict is None or new.name not in marketplaces:
            continue
        draft = draft_wanted(product, verdict)
        before = draft.at(old.conditions, marketplaces).want
        after = draft.at(new.conditions, marketplaces).want
        if before in (Want.LISTED, Want.WITHOUT_CLAIM) and after is not before:
            found[product.id] = after is Want.NOT_LISTED
    return found
