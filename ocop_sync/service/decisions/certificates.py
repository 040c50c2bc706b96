"""The department decides on certificates: each act is one entry of the audit.

An act is upon all of its products or upon none. What takes from buyers, what is
doubtful, and what is upon several products, is not entered until whoever asks has been
told all that it does, and says by a token that it is meant. The token is of the
certificates before and after: once any of them has changed, it confirms nothing. So
confirmed, it passes outside the budget for removals, as a confirmed import does.
"""

from asyncio import to_thread
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certify.acts import CertificateAct
from catalog.commands.certify.decide import (
    PlannedAct,
    ProductChange,
    carry_out,
    end_of,
    plan_act,
    some_of,
)
from catalog.commands.certify.undoing import undoing_of
from catalog.counted import counted
from catalog.eligibility import Text
from catalog.model.actor import Actor
from ocop_sync.engine.wanted.catalog_part import proven_stars
from ocop_sync.errors import HeldCertificatesError
from ocop_sync.service.decisions.certificate_effects import (
    ListingEffect,
    effects_of,
    listing_effect,
    takes,
)
from ocop_sync.service.deployment import Deployment

_SHOWN: Final = 20
"""Doubts that are told, where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateEntry:
    """An act that somebody enters.

    Attributes:
        act: The act.
        products: Codes of the products, or SKUs of theirs.
        by: Who.
        token: Confirms what it does; "" if that is not confirmed.
        only_check: Tell what it does, and enter nothing.
    """

    act: CertificateAct
    products: Collection[str]
    by: Actor
    token: str = ""
    only_check: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoEntry:
    """An act that somebody takes back.

    Attributes:
        act: Its number in the audit.
        by: Who.
        reason: Why.
        token: As of `CertificateEntry`, and so the next.
        only_check: Tell what it does, and enter nothing.
    """

    act: int
    by: Actor
    reason: str
    token: str = ""
    only_check: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedProduct:
    """A product on whose certificates was decided.

    Attributes:
        product_id: Its code.
        name: Its name.
        changed: Its certificates became others.
        listings: What becomes of its listings.
        stars: The stars that count, before and since; 0 for none.
        ends_on: The last day of its certificates, before and since; "" if none is
            known.
    """

    product_id: str
    name: str
    changed: bool
    listings: ListingEffect
    stars: tuple[int, int]
    ends_on: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDecision:
    """What came of an act.

    Attributes:
        kind: The act, as the audit names it.
        act: Its number in the audit; None if nothing was entered.
        products: The products, by code.
        effects: What it does.
        doubts: What was asked.
        token: Confirms it, where that is needed; "" where it is not.
    """

    kind: str
    act: int | None
    products: Sequence[DecidedProduct]
    effects: Sequence[Text]
    doubts: Sequence[Text]
    token: str


async def decide_certificates(
    deployment: Deployment, entry: CertificateEntry
) -> CertificateDecision:
    """Carry an act on certificates out, upon all of its products or none.

    Raises:
        HeldCertificatesError: It has to be confirmed, and the token does not do that.
        NotInCatalogError: There is no such product.
        CatalogError: It cannot be, upon at least one of them.
    """
    now = deployment.clock()

    return await deployment.database.write(
        lambda conn: _decide(conn, deployment, entry, now)
    )


async def undo_certificates(
    deployment: Deployment, entry: UndoEntry
) -> CertificateDecision:
    """Take an act on certificates back, upon all of its products or none.

    Raises:
        HeldCertificatesError: It has to be confirmed, and the token does not do that.
        CatalogError: There is no such act, or a certificate has changed since.
    """
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> CertificateDecision:
        act = await undoing_of(conn, entry.act, entry.reason)
        undoing = CertificateEntry(
            act=act,
            products=list(act.changes),
            by=entry.by,
            token=entry.token,
            only_check=entry.only_check,
        )
        return await _decide(conn, deployment, undoing, now)

    return await deployment.database.write(store)


async def _decide(
    conn: AsyncConnection,
    deployment: Deployment,
    entry: CertificateEntry,
    now: datetime,
) -> CertificateDecision:
    planned = await plan_act(
        conn,
        entry.act,
        entry.products,
        rules=deployment.rules,
        by=entry.by,
        now=now,
    )
    listings = await to_thread(_listings, planned)
    effects = await effects_of(conn, deployment, planned, listings)
    doubts = _doubts(planned)
    token = _token(planned, listings) if _asks(planned, listings) else ""
    number = None
    if not entry.only_check:
        if token and entry.token != token:
            raise HeldCertificatesError(_pairs(effects), _pairs(doubts), token)
        number = await carry_out(
            conn, planned, by=entry.by, now=now, confirmed=bool(token)
        )
    return CertificateDecision(
        kind=entry.act.kind,
        act=number,
        products=[_decided(each, planned, listings) for each in planned.products],
        effects=effects,
        doubts=doubts,
        token=token,
    )


def _listings(planned: PlannedAct) -> dict[str, ListingEffect]:
    """Return what becomes of the listings of the products, by product."""
    found = {each.id: listing_effect(each) for each in planned.changed}
    return found | {e.id: ListingEffect.WITHDRAWN for e in planned.said_again}


def _asks(planned: PlannedAct, listings: Mapping[str, ListingEffect]) -> bool:
    changed = planned.changed
    if not (changed or planned.said_again):
        return False
    return (
        planned.act.takes
        or bool(planned.doubts)
        or len(changed) > 1
        or any(takes(each, listings[each.id]) for each in changed)
    )


def _doubts(planned: PlannedAct) -> list[Text]:
    """Return what is doubtful, with the products of which it is, if not of all."""
    found = []
    for told, ids in planned.doubts.items():
        if not ids or len(planned.products) == 1:
            found.append(told)
        else:
            named = some_of(ids)
            found.append(Text(f"{told.vi} ({named})", f"{told.en} ({named})"))
    if (more := len(found) - _SHOWN) > 0:
        rest = Text(
            f"… và {more} điều chưa chắc nữa", f"… and {counted(more, 'more doubt')}"
        )
        found = [*found[:_SHOWN], rest]
    return found


def _token(planned: PlannedAct, listings: Mapping[str, ListingEffect]) -> str:
    """Return the token of what a person reads: the certificates, and what they do."""
    of = [
        (each.id, each.before[0].certificates, each.after.certificates)
        for each in (*planned.changed, *planned.said_again)
    ]
    read = planned.act.kind, of, sorted(listings.items()), _pairs(_doubts(planned))
    return blake2b(repr(read).encode(), digest_size=6).hexdigest()


def _pairs(texts: Sequence[Text]) -> list[tuple[str, str]]:
    return [(each.vi, each.en) for each in texts]


def _decided(
    each: ProductChange, planned: PlannedAct, listings: Mapping[str, ListingEffect]
) -> DecidedProduct:
    ground = planned.ground
    return DecidedProduct(
        product_id=each.id,
        name=each.after.name,
        changed=each.changes,
        listings=listings.get(each.id, ListingEffect.NONE),
        stars=(proven_stars(each.was), proven_stars(each.will)),
        ends_on=(end_of(each.before[0], ground), end_of(each.after, ground)),
    )
