"""Which certificate of a product a person means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from catalog.commands.certify.doubts import RefusedActError
from catalog.model.certificate import Certificate
from catalog.model.decision import same_number


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


def find_one(
    history: Sequence[Certificate], which: Which, *, voided: bool = False
) -> int:
    """Return which of *history* a person means, of those that are *voided* or not.

    Raises:
        RefusedActError: None, or several; all are named.
    """
    meant = {n: each for n, each in enumerate(history) if each.voided is voided}
    found = [n for n, each in meant.items() if which.fits(each)]
    if len(found) == 1:
        return found[0]
    others = [each for each in history if each.voided is not voided]
    if not found and any(which.fits(each) for each in others):
        raise _not_voided() if voided else _is_voided()
    vi = "; ".join(_named(each, "không số") for each in meant.values())
    en = "; ".join(_named(each, "no number") for each in meant.values())
    raise RefusedActError(
        vi="ghi số (decision), năm (year) hoặc ngày (dated) của đúng một giấy chứng"
        f" nhận: {vi or '-'}",
        en=f"name exactly one certificate by its number, year or day: {en or '-'}",
    )


def only_name_of(history: Sequence[Certificate], place: int) -> Which | None:
    """Return the name that means the certificate at *place* and no other one.

    None if there is no such name: another one is of the same number, year and day.
    """
    certificate = history[place]
    which = Which(
        decision=certificate.decision,
        year=certificate.of_year,
        dated=certificate.decided_on,
    )
    meant = [
        n
        for n, each in enumerate(history)
        if each.voided is certificate.voided and which.fits(each)
    ]
    return which if meant == [place] else None


def _is_voided() -> RefusedActError:
    return RefusedActError(
        vi="giấy chứng nhận đó đã hủy bỏ vì ghi nhầm: xem lại các giấy của sản phẩm"
        " (`ocop-sync certificates show MÃ-SP`), khôi phục nếu hủy nhầm (`ocop-sync"
        " certificates restore MÃ-SP --decision SỐ --by TÊN --reason 'LÝ DO'`)",
        en="that certificate is voided already: see those of the product (`ocop-sync"
        " certificates show PRODUCT`), restore it if that was wrong (`ocop-sync"
        " certificates restore PRODUCT --decision NUMBER --by NAME --reason 'WHY'`)",
    )


def _not_voided() -> RefusedActError:
    return RefusedActError(
        vi="giấy chứng nhận đó không bị hủy bỏ, không có gì để khôi phục: xem các giấy"
        " của sản phẩm (`ocop-sync certificates show MÃ-SP`)",
        en="that certificate is not voided, and there is nothing to restore: see those"
        " of the product (`ocop-sync certificates show PRODUCT`)",
    )


def _named(certificate: Certificate, none: str) -> str:
    when = certificate.decided_on or certificate.of_year or "?"
    return f"{certificate.decision or none} ({when})"
