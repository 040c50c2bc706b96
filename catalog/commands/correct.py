"""Corrections by people in the certificates of a named product.

Functions over a connection in a transaction of the caller; none of them commits. The
values before, with the author and time of each change, are kept in the history
(`catalog.db.history`). Revocations are in `catalog.commands.update`: they end a
certificate that was right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import named_product
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.history import Author
from catalog.db.imports import lift_effects
from catalog.db.writer import lock, save
from catalog.errors import CatalogError
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.certificate import Certificate, Evidence
from catalog.model.decision import same_number
from catalog.model.effect import EffectKind
from catalog.model.product import Product
from catalog.vietnam_time import day_in_vietnam


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """The name by which a person means one certificate of a product.

    Attributes:
        decision: Number of its decision; "" for one without a number.
        year: Year of its decision; None where the number is enough.
        dated: Its day, where number and year are those of another one, too.
    """

    decision: str = ""
    year: int | None = None
    dated: date | None = None

    def fits(self, certificate: Certificate) -> bool:
        """Say whether it names *certificate*."""
        if bool(certificate.decision) is not bool(self.decision):
            return False
        if self.decision and not same_number(certificate.decision, self.decision):
            return False
        if self.dated is not None and certificate.decided_on != self.dated:
            return False
        return self.year is None or certificate.of_year == self.year


async def correct_day(
    conn: AsyncConnection,
    code: str,
    which: Which,
    day: date,
    *,
    by: Actor,
    now: datetime,
) -> Product:
    """Correct the day of a decision; return the product as it is now.

    *code* is the id of the product, or one of its SKUs.

    Raises:
        NotInCatalogError: There is no such product.
        AttestationError: It is not said who.
        CatalogError: No certificate is meant, or several, or it would be the
            same as another one.
    """
    who = _named(by.name)
    await lock(conn)
    product = await named_product(conn, code)
    place = find_one(product.certificates, which)
    known = product.certificates[place]
    corrected = replace(known, decided_on=day)
    if known.lacks and not corrected.lacks:
        corrected = replace(corrected, evidence=Evidence.DECISION)
    _refuse_a_second_one(product, place, corrected)
    done = _act("correct_certificate", product, known, by=by, now=now)
    return await _keep(conn, product, place, corrected, who=who, done=done)


async def void(
    conn: AsyncConnection,
    code: str,
    which: Which,
    *,
    by: Actor,
    reason: str,
    now: datetime,
) -> Product:
    """Record that a certificate was entered by mistake; return the product then.

    It counts as if it had never been there, and stays to be read. A decision that ends
    a valid certificate is a revocation (`catalog.commands.update.revoke`).

    Raises:
        NotInCatalogError: There is no such product.
        AttestationError: The person or the reason is missing.
        CatalogError: No certificate is meant, or several.
    """
    who, why = _named(by.name), _named(reason)
    await lock(conn)
    product = await named_product(conn, code)
    place = find_one(product.certificates, which)
    known = product.certificates[place]
    voided = replace(
        known,
        voided_by=who,
        voided_on=day_in_vietnam(now),
        void_reason=why,
    )
    done = _act("void_certificate", product, known, by=by, now=now, reason=why)
    return await _keep(conn, product, place, voided, who=who, done=done)


async def restore(
    conn: AsyncConnection,
    code: str,
    which: Which,
    *,
    by: Actor,
    reason: str,
    now: datetime,
) -> Product:
    """Record that a certificate was right after all; as `void` otherwise.

    Raises:
        NotInCatalogError: There is no such product.
        AttestationError: The person or the reason is missing.
        CatalogError: No voided certificate is meant, or several, or it would be
            the same as another one.
    """
    who, why = _named(by.name), _named(reason)
    await lock(conn)
    product = await named_product(conn, code)
    place = find_one(product.certificates, which, voided=True)
    restored = replace(
        product.certificates[place], voided_by="", voided_on=None, void_reason=""
    )
    _refuse_a_second_one(product, place, restored)
    done = _act("restore_certificate", product, restored, by=by, now=now, reason=why)
    return await _keep(conn, product, place, restored, who=who, done=done)


def find_one(
    history: Sequence[Certificate], which: Which, *, voided: bool = False
) -> int:
    """Return which of *history* a person means, of those that are *voided* or not.

    Raises:
        CatalogError: None, or several; all are named.
    """
    meant = {n: each for n, each in enumerate(history) if each.voided is voided}
    found = [n for n, each in meant.items() if which.fits(each)]
    if len(found) == 1:
        return found[0]
    others = [each for each in history if each.voided is not voided]
    if not found and any(which.fits(each) for each in others):
        raise CatalogError(_NOT_VOIDED if voided else _VOIDED)
    some = "; ".join(map(_called, meant.values())) or "-"
    message = (
        f"ghi số (--decision), năm (--year) hoặc ngày (--dated) của đúng một giấy chứng"
        f" nhận: {some} / name exactly one certificate by its number, year or day"
    )
    raise CatalogError(message)


_VOIDED: Final = (
    "giấy chứng nhận đó đã hủy bỏ vì ghi nhầm; xem `ocop-sync certificates show MÃ-SP`,"
    " khôi phục bằng `ocop-sync certificates restore MÃ-SP --decision SỐ --by TÊN"
    " --reason 'LÝ DO'` / that certificate is voided already: see it with the first"
    " command, take it back with the second"
)
_NOT_VOIDED: Final = (
    "giấy chứng nhận đó không bị hủy bỏ, không có gì để khôi phục; xem `ocop-sync"
    " certificates show MÃ-SP` / that certificate is not voided: there is nothing to"
    " restore, see that command"
)


async def _keep(
    conn: AsyncConnection,
    product: Product,
    place: int,
    certificate: Certificate,
    *,
    who: str,
    done: Act,
) -> Product:
    history = list(product.certificates)
    history[place] = certificate
    changed = replace(product, certificates=tuple(history))
    # A person stands for the end now, not a sheet.
    ends = [each for each in product.effects if each.kind is EffectKind.ENDED]
    await lift_effects(conn, [(product.id, each.kind, each.key) for each in ends])
    author = Author(who, done.at, await record_act(conn, done))
    await save(conn, [(changed, None)], by=author)
    return changed


def _act(
    kind: str,
    product: Product,
    certificate: Certificate,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> Act:
    refs = {"decision": certificate.decision}
    subjects = [product.id]
    return Act(by=by, kind=kind, at=now, subjects=subjects, refs=refs, reason=reason)


def _refuse_a_second_one(
    product: Product, place: int, certificate: Certificate
) -> None:
    """Raise `CatalogError` if another certificate is of the same decision.

    One that was voided counts as well: it can be restored.
    """
    others = [each for n, each in enumerate(product.certificates) if n != place]
    if twin := next((each for each in others if each.may_be(certificate)), None):
        message = (
            f"{product.id}: đã có quyết định {twin.decision} năm {twin.of_year} / there"
            " is one with this number and year already"
        )
        raise CatalogError(message)


def _called(certificate: Certificate) -> str:
    number = certificate.decision or "không số / no number"
    return f"{number} ({certificate.decided_on or certificate.of_year or '?'})"


def _named(text: str) -> str:
    return required(text, "phải ghi tên người và lý do / say who, and why")
