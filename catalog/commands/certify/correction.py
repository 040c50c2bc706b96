"""What was entered is put right: corrected, voided, or restored.

The history keeps the slip as well. A decision that ends a certificate that was right is
a revocation (`catalog.commands.certify.revocation`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from catalog.commands.certify.acts import (
    Applied,
    read_decision,
    read_level,
    read_stars,
    vi_day,
)
from catalog.commands.certify.doubts import (
    Ground,
    RefusedActError,
    counting,
    doubts_beside,
    doubts_of_decision,
)
from catalog.commands.certify.which import Which, find_one
from catalog.eligibility.verdict import Text
from catalog.errors import AttestationError
from catalog.model.certificate import Certificate, Evidence
from catalog.model.product import Product
from catalog.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A certificate was entered wrongly: what it really says.

    Attributes:
        which: Which one, by what is known of it.
        decision: Its number; "" if that was right. So are all others.
        day: Its day.
        stars: Its stars.
        body: Who has decided.
        revoked_by: Number of the decision that revokes it.
        revoked_on: The day from which it is revoked.
        reason: Why; "" for no more than that it was wrong.
    """

    which: Which
    decision: str = ""
    day: date | None = None
    stars: int | None = None
    body: str = ""
    revoked_by: str = ""
    revoked_on: date | None = None
    reason: str = ""

    kind: str = field(default="correct_certificate", init=False)
    takes: bool = field(default=False, init=False)
    needs_reason: bool = field(default=False, init=False)

    @property
    def decided(self) -> tuple[str, date] | None:
        """Return number and day as they really are; None if neither was wrong."""
        if self.day is None:
            return None
        return self.decision or self.which.decision, self.day

    @property
    def refs(self) -> Mapping[str, str]:
        """Return what the audit keeps of it, by name."""
        return {"decision": self.which.decision}

    @property
    def words(self) -> Text:
        """Return what it does, as a person is told."""
        number = self.which.decision
        vi = ", ".join(f"{name} {value}" for name, _, value in self._said(vi_day))
        en = ", ".join(f"{name} {value}" for _, name, value in self._said(str))
        return Text(
            f"đính chính giấy chứng nhận {number or 'không số'} thành {vi}",
            f"corrected, certificate {number or 'without a number'}: {en}",
        )

    def _said(self, shown_day: Callable[[date], str]) -> Iterator[tuple[str, str, str]]:
        """Yield what was wrong, in both languages, and what it really is."""
        said = (
            ("số", "number", self.decision),
            ("ngày", "day", self.day),
            ("hạng sao", "stars", self.stars),
            ("cấp", "level", self.body),
            ("số quyết định thu hồi", "revoking decision", self.revoked_by),
            ("ngày thu hồi", "day of revocation", self.revoked_on),
        )
        for vi, en, value in said:
            if value:
                yield (
                    vi,
                    en,
                    (shown_day(value) if isinstance(value, date) else str(value)),
                )

    def apply(self, product: Product, ground: Ground) -> Applied:
        """Put the certificate of *product* right."""
        if not self._values:
            raise AttestationError(_NOTHING_SAID)
        place = find_one(product.certificates, self.which)
        known = product.certificates[place]
        new = self._corrected(known)
        if new == known:
            return Applied(product.certificates)
        others = [each for n, each in enumerate(product.certificates) if n != place]
        _refuse_a_second_one(others, new)
        _refuse_early_revocation(new)
        doubts = list[Text]()
        if self.decision or self.day or self.stars or self.body:
            before = set(doubts_beside(known, counting(others), ground))
            beside = doubts_beside(new, counting(others), ground)
            doubts += doubts_of_decision(new, ground)
            doubts += [each for each in beside if each not in before]
        return Applied(_replaced(product, place, new), doubts)

    @property
    def _values(self) -> tuple[object, ...]:
        """Return what it says otherwise."""
        said = (self.decision, self.day, self.stars, self.body)
        return tuple(filter(None, (*said, self.revoked_by, self.revoked_on)))

    def _corrected(self, known: Certificate) -> Certificate:
        if (self.revoked_by or self.revoked_on) and not (
            known.revoked_by or known.revoked_on
        ):
            raise RefusedActError(
                vi="giấy chứng nhận đó không bị thu hồi: thu hồi bằng certificates"
                " revoke",
                en="that certificate is not revoked: revoke it by certificates revoke",
            )
        new = replace(
            known,
            decision=read_decision(self.decision) if self.decision else known.decision,
            decided_on=self.day or known.decided_on,
            stars=read_stars(self.stars) if self.stars else known.stars,
            body=read_level(self.body) if self.body else known.body,
            revoked_by=read_decision(self.revoked_by)
            if self.revoked_by
            else known.revoked_by,
            revoked_on=self.revoked_on or known.revoked_on,
        )
        whole = known.lacks and not new.lacks
        return replace(new, evidence=Evidence.DECISION) if whole else new


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiding:
    """A certificate should never have been: it counts as if it never was.

    It stays to be read. A decision that ends a valid one is a `Revocation`.
    """

    which: Which
    reason: str

    kind: str = field(default="void_certificate", init=False)
    takes: bool = field(default=True, init=False)
    needs_reason: bool = field(default=True, init=False)
    decided: None = field(default=None, init=False)

    @property
    def refs(self) -> Mapping[str, str]:
        """Return what the audit keeps of it, by name."""
        return {"decision": self.which.decision}

    @property
    def words(self) -> Text:
        """Return what it does, as a person is told."""
        number = self.which.decision
        return Text(
            f"hủy bỏ giấy chứng nhận {number or 'không số'} vì ghi nhầm",
            f"voided as entered by mistake: certificate {number or 'without a number'}",
        )

    def apply(self, product: Product, ground: Ground) -> Applied:
        """Void the certificate of *product*."""
        place = find_one(product.certificates, self.which)
        voided = replace(
            product.certificates[place],
            voided_by=ground.who,
            voided_on=ground.today,
            void_reason=self.reason,
        )
        return Applied(_replaced(product, place, voided))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """A voided certificate was right after all."""

    which: Which
    reason: str

    kind: str = field(default="restore_certificate", init=False)
    takes: bool = field(default=False, init=False)
    needs_reason: bool = field(default=True, init=False)
    decided: None = field(default=None, init=False)

    @property
    def refs(self) -> Mapping[str, str]:
        """Return what the audit keeps of it, by name."""
        return {"decision": self.which.decision}

    @property
    def words(self) -> Text:
        """Return what it does, as a person is told."""
        number = self.which.decision
        return Text(
            f"khôi phục giấy chứng nhận {number or 'không số'}",
            f"restored: certificate {number or 'without a number'}",
        )

    def apply(self, product: Product, ground: Ground) -> Applied:
        """Let the certificate of *product* count again."""
        del ground
        history = product.certificates
        place = find_one(history, self.which, voided=True)
        restored = replace(history[place], voided_by="", voided_on=None, void_reason="")
        _refuse_a_second_one([e for n, e in enumerate(history) if n != place], restored)
        return Applied(_replaced(product, place, restored))


_NOTHING_SAID: Final = (
    "chưa ghi đính chính gì: số, ngày, hạng sao, cấp, số hoặc ngày thu hồi / nothing is"
    " corrected: say its number, day, stars, level, or those of its revocation"
)


def _refuse_a_second_one(others: Sequence[Certificate], new: Certificate) -> None:
    """Raise `RefusedActError` if another certificate is of the same decision.

    One that was voided counts as well: it can be restored.
    """
    if twin := next((each for each in others if each.may_be(new)), None):
        raise RefusedActError(
            vi=f"đã có quyết định {twin.decision} năm {twin.of_year}",
            en=f"there is {twin.decision} of {twin.of_year}, of this number and year,"
            " already",
        )


def _refuse_early_revocation(new: Certificate) -> None:
    if new.revoked_on and new.decided_on and new.revoked_on < new.decided_on:
        raise RefusedActError(
            vi=f"ngày thu hồi {vi_day(new.revoked_on)} trước ngày quyết định công nhận"
            f" {vi_day(new.decided_on)}",
            en=f"the revocation of {new.revoked_on} is before the recognition of"
            f" {new.decided_on}",
        )


def _replaced(
    product: Product, place: int, certificate: Certificate
) -> tuple[Certificate, ...]:
    history = product.certificates
    return (*history[:place], certificate, *history[place + 1 :])
