"""Papers that a product needs before it may be sold online."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from catalog.model.fact import Attested


class PaperKind(StrEnum):
    """The subject that a paper proves.

    Which law asks for it stands in the rules' file.
    """

    FOOD_SAFETY = "food_safety"
    FOOD_SAFETY_EXEMPTION = "food_safety_exemption"
    QUALITY_SYSTEM = "quality_system"
    """HACCP, ISO 22000 or GMP: stands in for the food-safety certificate."""
    DECLARATION = "declaration"
    """Self-declaration or registration of the product."""
    ALCOHOL_LICENCE = "alcohol_licence"
    AGE_GATE = "age_gate"
    PHARMACY_LICENCE = "pharmacy_licence"
    COSMETIC_NOTIFICATION = "cosmetic_notification"
    SUPPLEMENT_REGISTRATION = "supplement_registration"
    ADVERTISING_APPROVAL = "advertising_approval"


class Paper(Struct, frozen=True, kw_only=True):
    """One paper of one product, as attested.

    Attributes:
        kind: The subject that it proves.
        held: Whether the producer holds it, and who has seen it.
        number: Its number, as written on it; "" if not known. That of a declaration
            often holds the name of whoever declares, which may be a person's.
        issued_on: The day of its issue, in Vietnam; None if not known.
        expires_on: Its last day, in Vietnam; None if it has no end, or the end
            is not known.
    """

    kind: PaperKind
    held: Attested
    number: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
