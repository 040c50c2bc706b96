"""A decision grants stars, for the first time or after a re-assessment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

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
    in_force_on,
)
from catalog.eligibility.authority import authority_of
from catalog.eligibility.verdict import Text
from catalog.feed.identify.recognition import shown
from catalog.model.certificate import Certificate
from catalog.model.product import Product
from catalog.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A decision grants stars.

    Attributes:
        decision: Its number.
        day: Its day.
        stars: 3, 4 or 5.
        body: Who has decided; "" if number, day and stars leave but one.
        renews: It re-assesses a product that had stars: other ones, and a new term.
        reason: Why it is entered; "" for no more than that it was decided.
    """

    decision: str
    day: date
    stars: int
    body: str = ""
    renews: bool = False
    reason: str = ""

    takes: bool = field(default=False, init=False)
    needs_reason: bool = field(default=False, init=False)

    @property
    def kind(self) -> str:
        """Return its name in the audit."""
        return "reassess_certificate" if self.renews else "grant_certificate"

    @property
    def decided(self) -> tuple[str, date]:
        """Return number and day of the decision."""
        return self.decision, self.day

    @property
    def refs(self) -> Mapping[str, str]:
        """Return what the audit keeps of it, by name."""
        found = {"decision": self.decision, "day": self.day.isoformat()}
        found["stars"] = str(self.stars)
        return {**found, "authority": self.body} if self.body else found

    @property
    def words(self) -> Text:
        """Return what it does, as a person is told."""
        of_vi = (
            f"{self.stars} sao theo quyết định {self.decision} ngày {vi_day(self.day)}"
        )
        of_en = f"{self.stars} stars by decision {self.decision} of {self.day}"
        if self.renews:
            return Text(f"đánh giá lại: {of_vi}", f"re-assessed: {of_en}")
        return Text(f"cấp {of_vi}", f"granted: {of_en}")

    def apply(self, product: Product, ground: Ground) -> Applied:
        """Add the certificate to those of *product*."""
        new = self._certificate(ground)
        _refuse_known(product, new)
        held = counting(product.certificates)
        if self.renews:
            self._refuse_nothing_to_renew(held, ground)
        elif current := in_force_on(self.day, held, ground.validity):
            raise RefusedActError(
                vi=f"ngày {vi_day(self.day)} đang có giấy chứng nhận còn hạn"
                f" ({shown(current)}): đánh giá lại thì dùng certificates reassess, ghi"
                " nhầm thì certificates correct",
                en=f"a certificate is in force on {self.day} ({shown(current)}): for a"
                " re-assessment use certificates reassess, for a slip certificates"
                " correct",
            )
        doubts = [*doubts_of_decision(new, ground), *doubts_beside(new, held, ground)]
        return Applied((*product.certificates, new), doubts)

    def _certificate(self, ground: Ground) -> Certificate:
        new = Certificate(
            stars=read_stars(self.stars),
            decision=read_decision(self.decision),
            body=self.body,
            decided_on=self.day,
        )
        body = self.body or authority_of(new, ground.tables.bodies)
        return replace(new, body=read_level(body))

    def _refuse_nothing_to_renew(
        self, held: Sequence[Certificate], ground: Ground
    ) -> None:
        if not held:
            raise RefusedActError(
                vi="chưa có giấy chứng nhận nào để đánh giá lại: dùng certificates"
                " grant",
                en="it has no certificate to re-assess: use certificates grant",
            )
        for each in held:
            term = ground.validity.of(each)
            if term is not None and term.granted_from >= self.day:
                raise RefusedActError(
                    vi=f"đã có quyết định ra sau hoặc cùng ngày ({shown(each)}):"
                    f" đánh giá lại phải sau ngày đó, đang ghi {vi_day(self.day)}",
                    en=f"there is one decided on that day or later ({shown(each)}): a"
                    f" re-assessment comes after it, and {self.day} does not",
                )


def _refuse_known(product: Product, new: Certificate) -> None:
    for each in product.certificates:
        if each.may_be(new) and each.voided:
            raise RefusedActError(
                vi=f"đã có {shown(each)}, đang hủy bỏ vì ghi nhầm: khôi phục bằng"
                " certificates restore",
                en=f"there is {shown(each)}, which is voided: certificates restore"
                " takes it back",
            )
        if each.may_be(new):
            raise RefusedActError(
                vi=f"đã có quyết định này ({shown(each)}): ghi sai thì đính chính"
                " (certificates correct)",
                en=f"this decision is there already ({shown(each)}): a slip is"
                " corrected (certificates correct)",
            )
