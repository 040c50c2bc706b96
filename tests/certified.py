"""Decide on certificates, as a person does who has read what it takes from buyers."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import named_product
from catalog.commands.certify.acts import CertificateAct
from catalog.commands.certify.correction import Correction, Restoring, Voiding
from catalog.commands.certify.decide import carry_out, plan_act
from catalog.commands.certify.revocation import Revocation
from catalog.commands.certify.which import Which
from catalog.eligibility import Rules, load_rules
from catalog.errors import CatalogError
from catalog.model.actor import Actor
from catalog.model.product import Product


@cache
def rules() -> Rules:
    """Return the rules that come with the project."""
    return load_rules()


async def decide(
    conn: AsyncConnection,
    act: CertificateAct,
    codes: Collection[str],
    *,
    by: Actor,
    now: datetime,
) -> Sequence[str]:
    """Carry *act* out, confirmed; return the products that it is about, sorted."""
    planned = await plan_act(conn, act, codes, rules=rules(), by=by, now=now)
    before = {each.id for each in (*planned.changed, *planned.said_again)}
    await carry_out(conn, planned, by=by, now=now, confirmed=True)
    return sorted(before)


async def correct_day(
    conn: AsyncConnection,
    code: str,
    which: Which,
    day: date,
    *,
    by: Actor,
    now: datetime,
) -> Product:
    """Correct the day of a decision; return the product as it is now."""
    await decide(conn, Correction(which=which, day=day), [code], by=by, now=now)
    return await named_product(conn, code)


async def void(
    conn: AsyncConnection,
    code: str,
    which: Which,
    *,
    by: Actor,
    reason: str,
    now: datetime,
) -> Product:
    """Void a certificate that was entered by mistake; return the product then."""
    await decide(conn, Voiding(which=which, reason=reason), [code], by=by, now=now)
    return await named_product(conn, code)


async def restore(
    conn: AsyncConnection,
    code: str,
    which: Which,
    *,
    by: Actor,
    reason: str,
    now: datetime,
) -> Product:
    """Let a voided certificate count again; return the product then."""
    await decide(conn, Restoring(which=which, reason=reason), [code], by=by, now=now)
    return await named_product(conn, code)


async def revoke(
    conn: AsyncConnection,
    codes: Collection[str],
    decision: str,
    day: date,
    *,
    by: Actor,
    now: datetime,
) -> Sequence[str]:
    """Revoke the recognition of products; return those that it is about, sorted."""
    act = Revocation(decision=decision, day=day)
    return await decide(conn, act, codes, by=by, now=now)


async def revoke_if_it_can_be(
    conn: AsyncConnection,
    codes: Collection[str],
    decision: str,
    day: date,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Revoke the recognition of products, if it can be; say whether it was."""
    with suppress(CatalogError):
        return bool(await revoke(conn, codes, decision, day, by=by, now=now))
    return False
