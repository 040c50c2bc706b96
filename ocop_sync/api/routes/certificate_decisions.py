"""The department decides on certificates: one decision for one product or for many.

Each is taken for all of its products or for none. What takes from buyers, what is
doubtful, and what is for several products, is told first (409) with a token.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from catalog.commands.certify.acts import CertificateAct
from catalog.commands.certify.correction import Correction, Restoring, Voiding
from catalog.commands.certify.grant import Grant
from catalog.commands.certify.revocation import Revocation
from catalog.commands.certify.which import Which
from catalog.imports.answers import answer_authority
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.certificate_decisions import (
    CertificateDecisionForm,
    certificate_decision_form,
)
from ocop_sync.api.problems import CATALOG_REFUSED, CERTIFICATES_HELD
from ocop_sync.api.routes.accounts import Why
from ocop_sync.api.routes.certificates import TAG
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import WHOLE, Date, Identifier, Model, Number
from ocop_sync.service.decisions.certificates import (
    CertificateEntry,
    UndoEntry,
    decide_certificates,
    undo_certificates,
)

_MOST: Final = 500
_PROBLEMS: Final = (NOT_FOUND, CATALOG_REFUSED, CERTIFICATES_HELD)

Products = Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=_MOST)]
DecisionNumber = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Level = Literal["huyện", "tỉnh", "trung ương"]
Day = Annotated[Date, Field(ge=date(2000, 1, 1), le=date(2090, 12, 31))]
Stars = Annotated[int, Field(ge=3, le=5), WHOLE]
Year = Annotated[int, Field(ge=2000, le=2100), WHOLE]


class _ConfirmedForm(Model):
    token: Annotated[str, Field(max_length=64, pattern="^[0-9a-f]*$")] = ""
    """Confirms what it does, as a 409 has told it."""
    check: bool = False
    """Tell what it does, and enter nothing."""


class _DecidingForm(_ConfirmedForm):
    products: Products
    """Codes of the products."""


class CertificateUndoForm(_ConfirmedForm):
    """An act on certificates that is taken back."""

    act: Number
    """Its number in the audit."""
    reason: Why
    """Why; it is kept."""


class AuthorityForm(Model):
    """Who took a decision of which a sheet did not say it."""

    decision: DecisionNumber
    """Its number."""
    day: Day
    """Its day."""
    level: Level
    """Who has taken it."""


class AnsweredForm(Model):
    """The products whose certificates were completed."""

    products: tuple[str, ...]
    """Their codes; none if no certificate lacked just that."""


class GrantForm(_DecidingForm):
    """A decision that grants stars."""

    decision: DecisionNumber
    """Its number."""
    day: Day
    """Its day; a certificate is valid for 36 months from it."""
    stars: Stars
    """The stars."""
    level: Level | None = None
    """Who has decided; null if number, day and stars leave but one."""


class WhichForm(Model):
    """Which certificate of each product is meant, by what is known of it."""

    decision: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """The number of its decision; empty for one without a number."""
    year: Year | None = None
    """Its year, where the number is that of several."""
    dated: Day | None = None
    """Its day, where number and year are."""


class CorrectionForm(_DecidingForm):
    """What a certificate really says; what is left out was right."""

    which: WhichForm
    """The certificate, as it is known."""
    decision: DecisionNumber | None = None
    """Its number."""
    day: Day | None = None
    """Its day."""
    stars: Stars | None = None
    """Its stars."""
    level: Level | None = None
    """Who has decided."""
    revoked_by: DecisionNumber | None = None
    """The number of the decision that revokes it."""
    revoked_on: Day | None = None
    """The day from which it is revoked."""


class VoidingForm(_DecidingForm):
    """A certificate that should never have been, or one that should after all."""

    which: WhichForm
    """The certificate."""
    reason: Why
    """Why; it is kept with the certificate."""


class RevocationForm(_DecidingForm):
    """A decision that revokes the recognition of products."""

    decision: DecisionNumber
    """Its number."""
    day: Day
    """The day from which it holds."""
    level: Level | None = None
    """Who has decided, for the audit."""


@operation(
    "POST",
    "/api/v1/certificates/grant",
    summary="Grant stars by a decision",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def grant_certificates(call: Call, body: GrantForm) -> CertificateDecisionForm:
    """Add a certificate to each product, which has none in force on that day."""
    return await _decide(call, body, _granted(body, renews=False))


@operation(
    "POST",
    "/api/v1/certificates/reassess",
    summary="Re-assess products by a decision",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def reassess_certificates(call: Call, body: GrantForm) -> CertificateDecisionForm:
    """Add the later certificate of each product: its stars now, and a new term."""
    return await _decide(call, body, _granted(body, renews=True))


@operation(
    "POST",
    "/api/v1/certificates/correct",
    summary="Correct a slip in certificates",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def correct_certificates(
    call: Call, body: CorrectionForm
) -> CertificateDecisionForm:
    """Put right what was entered wrongly of a certificate; the history keeps both."""
    act = Correction(
        which=_which(body.which),
        decision=body.decision or "",
        day=body.day,
        stars=body.stars,
        body=body.level or "",
        revoked_by=body.revoked_by or "",
        revoked_on=body.revoked_on,
    )
    return await _decide(call, body, act)


@operation(
    "POST",
    "/api/v1/certificates/void",
    summary="Void certificates entered by mistake",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def void_certificates(call: Call, body: VoidingForm) -> CertificateDecisionForm:
    """Let a certificate count as if it had never been; it stays to be read."""
    act = Voiding(which=_which(body.which), reason=body.reason)
    return await _decide(call, body, act)


@operation(
    "POST",
    "/api/v1/certificates/restore",
    summary="Let voided certificates count again",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def restore_certificates(
    call: Call, body: VoidingForm
) -> CertificateDecisionForm:
    """Take a voiding back: the certificate was right after all."""
    act = Restoring(which=_which(body.which), reason=body.reason)
    return await _decide(call, body, act)


@operation(
    "POST",
    "/api/v1/certificates/revoke",
    summary="Revoke the recognition of products",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def revoke_certificates(
    call: Call, body: RevocationForm
) -> CertificateDecisionForm:
    """Revoke what is in force on the day; the next sync withdraws the listings."""
    act = Revocation(decision=body.decision, day=body.day, body=body.level or "")
    return await _decide(call, body, act)


@operation(
    "POST",
    "/api/v1/certificates/undo",
    summary="Take an act on certificates back",
    allowed=STAFF,
    tag=TAG,
    problems=_PROBLEMS,
    takes_key=True,
)
async def undo_certificate_act(
    call: Call, body: CertificateUndoForm
) -> CertificateDecisionForm:
    """Put back what an act changed, unless somebody has changed it since.

    A certificate that it added is voided, and stays to be read.
    """
    entry = UndoEntry(
        act=body.act,
        by=as_department(asker_of(call)),
        reason=body.reason,
        token=body.token,
        only_check=body.check,
    )
    return certificate_decision_form(
        await undo_certificates(deployment_of(call), entry)
    )


@operation(
    "POST",
    "/api/v1/certificates/authority",
    summary="Say who took a decision",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, CATALOG_REFUSED),
    takes_key=True,
)
async def answer_certificate_authority(call: Call, body: AuthorityForm) -> AnsweredForm:
    """Record who took a decision, for all certificates that lack only that.

    A certificate with another authority stays as it is.
    """
    deployment, by = deployment_of(call), as_department(asker_of(call))
    changed = await deployment.database.write(
        lambda conn: answer_authority(
            conn,
            body.decision,
            body.day,
            body.level,
            by=by,
            now=deployment.clock(),
        )
    )
    return AnsweredForm(products=tuple(changed))


OPERATIONS: Final = (
    grant_certificates,
    reassess_certificates,
    correct_certificates,
    void_certificates,
    restore_certificates,
    revoke_certificates,
    undo_certificate_act,
    answer_certificate_authority,
)


def _granted(body: GrantForm, *, renews: bool) -> Grant:
    return Grant(
        decision=body.decision,
        day=body.day,
        stars=body.stars,
        body=body.level or "",
        renews=renews,
    )


def _which(named: WhichForm) -> Which:
    return Which(decision=named.decision, year=named.year, dated=named.dated)


async def _decide(
    call: Call, body: _DecidingForm, act: CertificateAct
) -> CertificateDecisionForm:
    entry = CertificateEntry(
        act=act,
        products=body.products,
        by=as_department(asker_of(call)),
        token=body.token,
        only_check=body.check,
    )
    return certificate_decision_form(
        await decide_certificates(deployment_of(call), entry)
    )
