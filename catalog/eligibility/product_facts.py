"""The facts of one product on one day, as the rules ask for them.

Three-valued throughout: a missing fact stays unknown and is never taken for no. Nothing
is decided here but one thing: which certificate is in force.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from catalog.eligibility.rule import Tables
from catalog.model.certificate import Certificate, Term, Validity
from catalog.model.fact import Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.producer import Producer
from catalog.model.product import Product
from catalog.model.product_set import SETS, ProductSet

_DAY: Final = timedelta(days=1)


class HeldCertificate(NamedTuple):
    """A certificate, its term, and whether it is in force on the day.

    Attributes:
        certificate: The certificate.
        term: The days on which it may be valid; None if nothing is known.
        enough: Whether the evidence behind it is enough.
        within: Whether the day lies within its term.
        revoked: Whether it is revoked on the day and nothing replaced it.
        in_force: Whether it gives the product 3 to 5 stars on the day.
    """

    certificate: Certificate
    term: Term | None
    enough: bool
    within: Fact
    revoked: Fact
    in_force: Fact


class ProductFacts(NamedTuple):  # thrice as quick to make as a frozen dataclass
    """A product, its producer and a day, with the conclusions from certificates.

    Attributes:
        product: The product.
        producer: Its producer, if known.
        day: The day in Vietnam.
        tables: The dated tables.
        product_set: Its set; None if not known.
        certificates: Its certificates, without those that were voided.
        held: Those of them that state 3 to 5 stars, or no number of them.
        voided: The certificate that would give it stars on the day, had it not
            been voided; or one of those that it had, where it has no other.
        stars_stated: Whether one of them states 3 to 5 stars.
        certified: Whether it holds valid 3 to 5 stars on the day.
        revoked: Whether its stars were revoked, and none granted since.
        current: The latest certificate that is surely in force.
        papers: Whether an unexpired paper is held, by kind.
    """

    product: Product
    producer: Producer | None
    day: date
    tables: Tables
    product_set: ProductSet | None
    certificates: tuple[Certificate, ...]
    held: tuple[HeldCertificate, ...]
    voided: Certificate | None
    stars_stated: bool
    certified: Fact
    revoked: Fact
    current: HeldCertificate | None
    papers: Mapping[PaperKind, Fact]

    def paper(self, kind: PaperKind) -> Fact:
        """Say whether an unexpired paper of that kind is held."""
        return self.papers.get(kind, Fact.UNKNOWN)

    def last_ended(self, kinds: Iterable[PaperKind]) -> tuple[date, PaperKind] | None:
        """Return the last day and kind of the attested paper that ended last."""
        ended = (
            (paper.expires_on, paper.kind)
            for paper in self.product.papers
            if paper.kind in kinds
            and paper.expires_on is not None
            and paper.expires_on < self.day
            and paper.held.value is Fact.YES
        )
        return max(ended, default=None)

    def next_boundary(self) -> date | None:
        """Return the next day from which one of these facts may differ."""
        product, day = self.product, self.day
        coming = [paper.expires_on for paper in product.papers if paper.expires_on]
        coming = [last + _DAY for last in coming if day <= last < date.max]
        for held in self.held:
            if held.term is not None:
                coming += held.term.boundaries
            if held.certificate.revoked_on is not None:
                coming.append(held.certificate.revoked_on)
        if len(self.certificates) < len(product.certificates):
            coming += self._boundaries_of_voided()
        return min((each for each in coming if each > day), default=None)

    def _boundaries_of_voided(self) -> Iterator[date]:
        """Yield the days from which another voided certificate may be the reason."""
        for each in self.product.certificates:
            if each.voided and (term := self.tables.validity.of(each)) is not None:
                yield from term.boundaries
                if each.revoked_on is not None:
                    yield each.revoked_on


def facts_of(
    product: Product,
    producer: Producer | None,
    day: date,
    tables: Tables,
    *,
    accept_published: bool,
) -> ProductFacts:
    """Work out the facts of *product* on *day*."""
    certificates = product.certificates
    if any(each.voided for each in certificates):
        certificates = tuple([each for each in certificates if not each.voided])
    held = _held(certificates, day, tables, accept_published=accept_published)
    revoked = any_of(each.revoked for each in held)
    in_force = any_of(each.in_force for each in held)
    certified = in_force if revoked is Fact.NO else all_of(in_force, negate(revoked))
    voided = None
    if len(certificates) < len(product.certificates):
        voided = _voided(product, day, tables.validity, is_only=not certificates)
    if not certificates:
        # Named as OCOP, its stars never stated; or by mistake, as a person stated.
        certified = Fact.UNKNOWN if voided is None else Fact.NO
    return ProductFacts(
        product,
        producer,
        day,
        tables,
        SETS.get(product.set_code),
        certificates,
        held,
        voided,
        any(each.certificate.stars is not None for each in held),
        certified,
        revoked,
        _latest(held) if certified is Fact.YES else None,
        _papers_on(product.papers, day),
    )


def any_of(facts: Iterable[Fact]) -> Fact:
    """Return yes if any is; else unknown if any is; else no."""
    found = Fact.NO
    for fact in facts:
        if fact is Fact.YES:
            return fact
        if fact is Fact.UNKNOWN:
            found = fact
    return found


def all_of(*facts: Fact) -> Fact:
    """Return no if any is; else unknown if any is; else yes."""
    if Fact.NO in facts:
        return Fact.NO
    return Fact.UNKNOWN if Fact.UNKNOWN in facts else Fact.YES


def negate(fact: Fact) -> Fact:
    """Return the opposite; unknown stays unknown."""
    if fact is Fact.UNKNOWN:
        return fact
    return Fact.NO if fact is Fact.YES else Fact.YES


def paper_on(paper: Paper, day: date) -> Fact:
    """Say whether *paper* is held and has not ended.

    The end of a paper that nobody has attested says nothing.
    """
    ended = paper.expires_on is not None and paper.expires_on < day
    return Fact.NO if ended and paper.held.value is Fact.YES else paper.held.value


def _papers_on(papers: Sequence[Paper], day: date) -> dict[PaperKind, Fact]:
    """Say by kind whether a paper is held that has not ended."""
    facts: dict[PaperKind, Fact] = {}
    for paper in papers:
        fact = paper_on(paper, day)
        before = facts.get(paper.kind, fact)
        facts[paper.kind] = fact if before is fact else any_of((before, fact))
    return facts


def _held(
    certificates: Sequence[Certificate],
    day: date,
    tables: Tables,
    *,
    accept_published: bool,
) -> tuple[HeldCertificate, ...]:
    """Look at each certificate that may have granted 3 to 5 stars."""
    starred = [each for each in certificates if each.starred is not Fact.NO]
    trusted = accept_published or any(
        # A decision of a day to come proves nothing before it.
        each.proven and each.stars is not None and _decided_by(each, day)
        for each in starred
    )
    held = tuple(
        _look(
            each,
            tables.validity.of(each),
            day,
            enough=accept_published or each.proven,
            trusted=trusted,
        )
        for each in starred
    )
    if all(each.revoked is Fact.NO for each in held):
        return held
    return tuple(
        each._replace(revoked=_still_revoked(each, held, day)) for each in held
    )


def _decided_by(certificate: Certificate, day: date) -> bool:
    return certificate.decided_on is not None and certificate.decided_on <= day


def _voided(
    product: Product, day: date, validity: Validity, *, is_only: bool
) -> Certificate | None:
    """Return the voided certificate for want of which there are no stars.

    If it *is_only*, as all its certificates are voided, any of them is.
    """
    starred = [
        each
        for each in product.certificates
        if each.voided and each.starred is not Fact.NO
    ]
    found = [
        each
        for each in starred
        if is_only
        or (
            (term := validity.of(each)) is not None
            and term.valid_on(day) is not Fact.NO
            and each.revoked_by_day(day) is not Fact.YES
        )
    ]
    return max(found, key=lambda each: each.decided_on or date.min, default=None)


def _look(
    certificate: Certificate,
    term: Term | None,
    day: date,
    *,
    enough: bool,
    trusted: bool,
) -> HeldCertificate:
    """Return the worth of *certificate* on *day*, by itself.

    A report that is not evidence *enough* cannot show that a term has ended,
    unless it names the day, or there is something *trusted* beside it.
    """
    within = Fact.UNKNOWN if term is None else term.valid_on(day)
    revoked = certificate.revoked_by_day(day)
    in_force = all_of(within, negate(revoked), certificate.starred)
    trusted = trusted or certificate.decided_on is not None
    if not enough and not (trusted and in_force is Fact.NO):
        in_force = Fact.UNKNOWN
    return HeldCertificate(certificate, term, enough, within, revoked, in_force)


def _still_revoked(
    held: HeldCertificate, others: Sequence[HeldCertificate], day: date
) -> Fact:
    """Say whether *held* is revoked and no stars were granted after it.

    A revoked certificate had been granted, so its stars need not be stated.
    """
    if held.revoked is Fact.NO:
        return Fact.NO
    later = any_of(
        _granted_after(other, held, day) for other in others if other is not held
    )
    return all_of(held.revoked, negate(later))


def _granted_after(other: HeldCertificate, revoked: HeldCertificate, day: date) -> Fact:
    """Say whether *other* granted stars after *revoked*, and by *day*."""
    if other.revoked is Fact.YES:
        return Fact.NO  # its own revocation is looked at by itself
    if other.term is None:
        return Fact.UNKNOWN
    later = (
        Fact.UNKNOWN if revoked.term is None else other.term.granted_after(revoked.term)
    )
    revoked_on = revoked.certificate.revoked_on
    if revoked_on is not None and other.term.granted_from > revoked_on:
        later = Fact.YES
    sure = Fact.YES if other.enough else Fact.UNKNOWN
    return all_of(later, other.term.granted_by(day), other.certificate.starred, sure)


def _latest(held: tuple[HeldCertificate, ...]) -> HeldCertificate:
    """Return the certificate in force, of which there is one, that was granted last.

    Of two on one day the one with fewer stars: a claim must not be too high.
    """
    in_force = [each for each in held if each.in_force is Fact.YES]
    if len(in_force) == 1:
        return in_force[0]
    return max(
        in_force,
        key=lambda each: (
            each.term.granted_from if each.term else date.min,
            -(each.certificate.stars or 0),
            each.certificate.body,
            each.certificate.decision,
        ),
    )
