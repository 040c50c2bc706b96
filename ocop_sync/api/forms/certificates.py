"""The certificates of a product with their changes, as they are shown to staff."""

from typing import Any

from catalog.commands.certificate_history import (
    Amendment,
    CertificateHistory,
    CertificateState,
    HistoryLine,
)
from catalog.model.certificate import Evidence, YearMeans
from catalog.queries.certificates import ListedCertificate
from ocop_sync.api.typed.values import Date, Instant, Model


class CertificateLineForm(Model):
    """A certificate of a product, and what it is on a day."""

    stars: int | None
    """3, 4 or 5, or 1 or 2 for "takes part"; null if not stated."""
    evidence: Evidence
    """What stands behind it."""
    decision: str
    """The number of the decision, or empty."""
    body: str
    """Who decided: huyện, tỉnh, trung ương; empty if not known."""
    decided_on: Date | None
    """The day of the decision; null if not known."""
    year: int | None
    """The one year that a report names, where no day is known."""
    year_means: YearMeans
    """The meaning of that year."""
    revoked_by: str
    """The number of the revoking decision, or empty."""
    revoked_on: Date | None
    """The day from which it is revoked; null if it is not, or not known."""
    revocation_proposed: bool
    """A withdrawal was proposed, which is none."""
    potential_5: bool
    """Four stars that wait for the ministry to decide on five."""
    source: str
    """Where these facts come from."""
    voided_by: str
    """Who has said that it was entered by mistake; empty if nobody has."""
    voided_on: Date | None
    """When that was said; null if it was not."""
    void_reason: str
    """Why."""
    state: CertificateState
    """What it is on the day, by itself."""
    ends_on: Date | None
    """The last day of its term; null if not known."""


class ListedCertificateForm(CertificateLineForm):
    """A certificate of any product."""

    product: str
    """The product's code."""
    name: str
    """Its name."""


class AmendmentForm(Model):
    """A change of a known certificate, or one that was added."""

    at: Instant
    """When it was entered."""
    who: str
    """By whom: a person, or the import that brought it."""
    before: dict[str, str]
    """The changed fields, as they were; empty if it was added."""
    after: dict[str, str]
    """The same as it is since."""
    why: str
    """The words that came with the act; empty of a voiding, which has its own."""
    erased: bool
    """What may have told of a person is erased of it."""


class CertificateHistoryForm(Model):
    """The certificates of a product, and the changes of them."""

    as_of: Date
    """The day of the states: today in Vietnam."""
    product: str
    """The code of the product."""
    name: str
    """Its name."""
    certificates: tuple[CertificateLineForm, ...]
    """All of them, ended, revoked and voided ones included."""
    changes: tuple[AmendmentForm, ...]
    """Their changes, the earliest first."""


def certificates_form(found: CertificateHistory) -> CertificateHistoryForm:
    """Return the certificates of a product as they are shown."""
    return CertificateHistoryForm(
        as_of=found.as_of,
        product=found.product.id,
        name=found.product.name,
        certificates=tuple(map(_line_form, found.lines)),
        changes=tuple(map(_amendment_form, found.changes)),
    )


def listed_certificate_form(each: ListedCertificate) -> ListedCertificateForm:
    """Return a certificate of any product as it is shown."""
    return ListedCertificateForm(
        product=each.product_id, name=each.name, **_line_values(each.line)
    )


def _line_form(line: HistoryLine) -> CertificateLineForm:
    return CertificateLineForm(**_line_values(line))


def _line_values(line: HistoryLine) -> dict[str, Any]:
    of = line.certificate
    return {
        "stars": of.stars,
        "evidence": of.evidence,
        "decision": of.decision,
        "body": of.body,
        "decided_on": of.decided_on,
        "year": of.year,
        "year_means": of.year_means,
        "revoked_by": of.revoked_by,
        "revoked_on": of.revoked_on,
        "revocation_proposed": of.revocation_proposed,
        "potential_5": of.potential_5,
        "source": of.source,
        "voided_by": of.voided_by,
        "voided_on": of.voided_on,
        "void_reason": of.void_reason,
        "state": line.state,
        "ends_on": line.ends_on,
    }


def _amendment_form(change: Amendment) -> AmendmentForm:
    return AmendmentForm(
        at=change.at,
        who=change.who,
        before=dict(change.before),
        after=dict(change.after),
        why=change.why,
        erased=change.erased,
    )
