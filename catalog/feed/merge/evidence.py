"""The evidence behind a row's certificate: a whole decision, or less.

A decision is evidence once its number, its authority and its day are known. Less counts
as published, against any claim of the sheet; the authority is filled in where number
and day leave only one. Pure functions; the findings are reported by
`catalog.feed.merge.proofs`.
"""

from catalog.eligibility.authority import Bodies, authority_of
from catalog.feed.headings.column import ColumnPart
from catalog.feed.identify.recognition import position_of
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.rows.assignment import put
from catalog.feed.rows.reading import names_of
from catalog.model.certificate import Certificate, Evidence
from catalog.values import replace


def settle(said: RowDraft, bodies: Bodies) -> RowDraft:
    """Return a merged row, with the evidence of its certificate settled.

    A claim of evidence that the row does not support counts as not made.
    """
    if not names_of(said.given, ColumnPart.CERTIFICATE):
        return said
    history, given = said.product.certificates, said.given
    # The whole history of a new product is what this row says.
    place = 0 if said.known is None else position_of(history, given)
    if place is None:
        return said
    certificate = history[place]
    if not certificate.body:
        certificate = replace(certificate, body=authority_of(certificate, bodies))
    known = () if said.known is None else said.known.certificates
    before = known[place] if place < len(known) else None
    evidence = _evidence(certificate, before, given.get("evidence"))
    settled = certificate
    if certificate.evidence is not evidence:
        settled = replace(certificate, evidence=evidence)
    if given.get("evidence", evidence) is not evidence:
        given = {name: given[name] for name in given.keys() - {"evidence"}}
    if settled is history[place] and given is said.given:
        return replace(said, place=place)  # as of nearly every row
    certificates = (*history[:place], settled, *history[place + 1 :])
    product = put(said.product, {"certificates": certificates})
    is_about_it = bool(names_of(given, ColumnPart.CERTIFICATE))
    return replace(
        said, given=given, product=product, place=place if is_about_it else None
    )


def _evidence(
    certificate: Certificate, before: Certificate | None, said: object
) -> Evidence:
    """Return the evidence behind a certificate.

    Whoever completes a known decision has it, unless they say that it was only
    published.
    """
    if certificate.lacks or said is Evidence.PUBLISHED:
        return Evidence.PUBLISHED
    if before is not None and before.lacks:
        return Evidence.DECISION
    return certificate.evidence
