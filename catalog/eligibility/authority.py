"""Who took a decision, as far as its number and its day say so for certain.

Else somebody says it once for the decision, and all of its certificates follow.

Numbers name a ministry or a people's committee, but not of which level. The
dated table of who grants how many stars (rule E01) leaves one level of a
committee in most cases; where a district may have decided, nothing is guessed.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from catalog.eligibility.rule import Dated
from catalog.model.certificate import Certificate, Evidence
from catalog.model.decision import Office, read_number
from catalog.values import replace

Bodies = Dated[Mapping[int, str]]
"""Who grants how many stars, by the day of the decision."""

DecisionKey = tuple[str, date]
"""The key of one decision: the key of its number, and its day."""

BODY_ONLY: Final = ("body",)
"""The missing part of a certificate whose authority alone is not known."""
CENTRAL: Final = "trung ương"
PROVINCE: Final = "tỉnh"


def authority_of(certificate: Certificate, bodies: Bodies) -> str:
    """Return who must have decided, as rules name it; "" if that is not certain.

    Where districts grant the stars, a province may have finished a procedure that was
    begun before.
    """
    number, day = read_number(certificate.decision), certificate.decided_on
    if number is None or number.office is Office.OTHER:
        return ""
    if number.office is Office.CENTRAL:
        return CENTRAL
    granting = None if day is None else bodies.at(day)
    if granting is None or certificate.stars is None:
        return ""
    return PROVINCE if granting.get(certificate.stars) == PROVINCE else ""


def with_authority(
    certificate: Certificate, bodies: Mapping[DecisionKey, str]
) -> Certificate:
    """Return *certificate* with its authority, if only that lacks and is known."""
    key = key_of(certificate)
    if certificate.lacks != BODY_ONLY or key is None or key not in bodies:
        return certificate
    return replace(certificate, body=bodies[key], evidence=Evidence.DECISION)


def key_of(certificate: Certificate) -> DecisionKey | None:
    """Return the key of its decision; None if number or day is not known."""
    number, day = read_number(certificate.decision), certificate.decided_on
    return None if number is None or day is None else (number.key, day)
