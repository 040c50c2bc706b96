"""Producers: the firms, cooperatives, groups and households behind products."""

from enum import StrEnum

from msgspec import Struct

from catalog.model.fact import UNATTESTED, Attested


class ProducerKind(StrEnum):
    """Legal form, as the OCOP dossier names it."""

    FIRM = "DN"
    COOPERATIVE = "HTX"
    GROUP = "THT"
    HOUSEHOLD = "HO"
    UNKNOWN = ""


class Address(Struct, frozen=True, kw_only=True):
    """Where a producer is, under the division of land of one time.

    Attributes:
        text: The address as written, without reading anything into it.
        old_commune_code: Commune before 1 July 2025, five digits, or "".
        commune_code: Commune since 1 July 2025, five digits, or "".
    """

    text: str = ""
    old_commune_code: str = ""
    commune_code: str = ""


_NOWHERE = Address()


class Producer(Struct, frozen=True, kw_only=True):
    """Who makes and sells a product.

    It holds no telephone number, tax code or identity number: nothing here
    needs one, and a household's tax code is a personal identity number.

    Attributes:
        id: Minted once by the catalog, such as "CS-0001".
        name: Name of the firm, cooperative or household business, NFC.
        kind: Legal form.
        certified_address: As on the certificate; never rewritten when
            communes change.
        address: As of now.
        consent: Consent to be listed on its behalf and to the use of its data
            (Law 91/2025/QH15).
        identity_ready: Ready for a marketplace's check of the seller's
            identity (Law 122/2025/QH15).
    """

    id: str
    name: str
    kind: ProducerKind = ProducerKind.UNKNOWN
    certified_address: Address = _NOWHERE
    address: Address = _NOWHERE
    consent: Attested = UNATTESTED
    identity_ready: Attested = UNATTESTED
