"""A decision revokes the recognition of products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from catalog.commands.certify.acts import Applied, read_decision, vi_day
from catalog.commands.certify.doubts import Ground, RefusedActError
from catalog.eligibility.verdict import Text
from catalog.feed.identify.recognition import shown
from catalog.model.certificate import Certificate
from catalog.model.decision import same_number
from catalog.model.fact import Fact
from catalog.model.product import Product
from catalog.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A decision revokes the recognition, from its day on.

    All certificates that are, or may be, within their term on that day are revoked: an
    earlier one must not stand in for the one taken away. Those that had ended, were
    decided later, or are revoked or voided already stay as they are.

    Attributes:
        decision: Its number.
        day: The day from which it holds.
        body: Who has decided, for the audit; "" if not said.
        reason: Why.
    """

    decision: str
    day: date
    body: str = ""
    reason: str = ""

    kind: str = field(default="revoke", init=False)
    takes: bool = field(default=True, init=False)
    needs_reason: bool = field(default=False, init=False)

    @property
    def decided(self) -> tuple[str, date]:
        """Return number and day of the decision."""
        return self.decision, self.day

    @property
    def refs(self) -> Mapping[str, str]:
        """Return what the audit keeps of it, by name."""
        found = {"decision": self.decision, "day": self.day.isoformat()}
        return {**found, "authority": self.body} if self.body else found

    @property
    def words(self) -> Text:
        """Return what it does, as a person is told."""
        return Text(
            f"thu hồi từ ngày {vi_day(self.day)} theo quyết định {self.decision}",
            f"revoked from {self.day} on by decision {self.decision}",
        )

    def apply(self, product: Product, ground: Ground) -> Applied:
        """Revoke the certificates of *product* that are in force on the day."""
        number = read_decision(self.decision)
        history = product.certificates
        revoked = tuple(self._revoked(each, number, ground) for each in history)
        if revoked == history and not any(self._is_mine(e, number) for e in history):
            raise self._nothing_to_revoke(history, ground)
        doubts = list[Text]()
        if self.day > ground.today:
            doubts.append(
                Text(
                    f"ngày thu hồi {vi_day(self.day)} chưa đến: đến ngày đó mới gỡ",
                    f"the revocation is of {self.day}, a day to come: nothing is"
                    " withdrawn before",
                )
            )
        return Applied(revoked, doubts)

    def _revoked(self, known: Certificate, number: str, ground: Ground) -> Certificate:
        lacks_day = known.revoked_on is None and same_number(known.revoked_by, number)
        if lacks_day and not known.voided:
            return replace(known, revoked_by=number, revoked_on=self.day)
        if known.revoked_by or known.revoked_on is not None or known.voided:
            return known
        term = ground.validity.of(known)
        if term is not None and term.valid_on(self.day) is Fact.NO:
            return known
        return replace(known, revoked_by=number, revoked_on=self.day)

    def _is_mine(self, known: Certificate, number: str) -> bool:
        """Say whether it is revoked by this very decision already."""
        is_same = same_number(known.revoked_by, number) if known.revoked_by else False
        return is_same and known.revoked_on == self.day and not known.voided

    def _nothing_to_revoke(
        self, history: Sequence[Certificate], ground: Ground
    ) -> RefusedActError:
        """Say why no certificate is revoked."""
        for each in history:
            if not each.voided and (each.revoked_by or each.revoked_on):
                on = vi_day(each.revoked_on) if each.revoked_on else "?"
                return RefusedActError(
                    vi=f"đã bị thu hồi theo quyết định {each.revoked_by or '?'} ngày"
                    f" {on}: ghi sai thì đính chính (certificates correct --revoked-by,"
                    " --revoked-on)",
                    en=f"revoked already by decision {each.revoked_by or '?'} of"
                    f" {each.revoked_on or '?'}: a slip is corrected (certificates"
                    " correct --revoked-by, --revoked-on)",
                )
        terms = [(e, ground.validity.of(e)) for e in history if not e.voided]
        for each, term in terms:
            if term is not None and self.day < term.granted_from:
                return RefusedActError(
                    vi=f"ngày thu hồi {vi_day(self.day)} trước ngày công nhận"
                    f" ({shown(each)})",
                    en=f"the revocation of {self.day} is before the recognition"
                    f" ({shown(each)})",
                )
        for each, term in terms:
            if term is not None:
                return RefusedActError(
                    vi=f"giấy chứng nhận ({shown(each)}) đã hết hạn ngày"
                    f" {vi_day(term.last)}, trước ngày thu hồi {vi_day(self.day)}",
                    en=f"the certificate ({shown(each)}) ended with {term.last}, before"
                    f" the revocation of {self.day}",
                )
        return RefusedActError(
            vi="không có giấy chứng nhận nào để thu hồi",
            en="it has no certificate to revoke",
        )
