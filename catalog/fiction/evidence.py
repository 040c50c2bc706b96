"""Certificates and papers of made-up products, dated around one day.

Every number of a decision begins with "MẪU-". One day has one decision of each
body, as a real decision recognises many products at once.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from catalog.fiction.tables import TABLES
from catalog.fiction.trouble import Trouble
from catalog.model.certificate import Certificate, Evidence, YearMeans
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.product_set import SETS, Sector
from catalog.values import replace
from catalog.vietnam_time import add_months

SOURCE: Final = "Dữ liệu mẫu, không có thật / made-up data"
"""Said of every made-up fact."""

INSPECTOR: Final = "Cán bộ Mẫu"
"""Who has seen the papers of made-up products."""

_THREE: Final = 3
_FIVE: Final = 5
_MONTHS: Final = 36
_DISTRICTS_GRANTED: Final = (date(2023, 2, 24), date(2025, 7, 5))
"""When three stars were the district's to grant: from Decision 148/QĐ-TTg of
2023 until the day before Decision 1489/QĐ-TTg of 2025."""

_OFFICES: Final = {"huyện": "QĐ-UBND-H", "tỉnh": "QĐ-UBND", "trung ương": "QĐ-BNN"}
"""How the numbers of decisions end: one day has one decision of each body."""

_NEEDS_FOOD_PAPERS: Final = frozenset({Sector.FOOD, Sector.DRINK, Sector.HERBAL})
_FOOD_PAPERS: Final = (
    PaperKind.FOOD_SAFETY,
    PaperKind.FOOD_SAFETY_EXEMPTION,
    PaperKind.QUALITY_SYSTEM,
)
_OF_SET: Final = {
    code: tuple(map(PaperKind, kinds))
    for code, kinds in TABLES["papers_of_set"].items()
}
_MEDICINES: Final = (
    (PaperKind.PHARMACY_LICENCE,),
    (PaperKind.SUPPLEMENT_REGISTRATION, PaperKind.ADVERTISING_APPROVAL),
)
"""Set III.1 holds medicines and supplements."""

_MISSING: Final[dict[str, list[str]]] = TABLES["missing_papers"]
_REPORTED: Final[dict[str, list[tuple[int, str]]]] = TABLES["reported"]
_DAYS_LEFT: Final[dict[str, tuple[int, int]]] = TABLES["days_left"]


def attest(value: Fact, today: date, random: Random) -> Attested:
    """Return *value* as seen by the inspector within the last year.

    Nobody has seen an unknown fact.
    """
    if value is Fact.UNKNOWN:
        return UNATTESTED
    seen = today - timedelta(days=random.randrange(1, 365))
    return Attested(value=value, by=INSPECTOR, on=seen)


def make_certificates(
    trouble: Trouble, today: date, random: Random
) -> tuple[Certificate, ...]:
    """Make the certificates of a product with *trouble*, the latest one last."""
    stars = random.choices((3, 4, 5), (75, 22, 3))[0]
    if trouble in _REPORTED:
        return (_published(trouble, stars, today, random),)
    decided_on = _decision_day(trouble, today, random)
    if trouble is Trouble.REASSESSED:
        before = add_months(decided_on, -random.randrange(34, 37))
        return decide(7 - min(stars, 4), before), decide(min(stars, 4), decided_on)
    return (_decided(trouble, stars, decided_on, today),)


def decide(stars: int, decided_on: date) -> Certificate:
    """Return the certificate of a made-up decision of that day."""
    body = _body(stars, decided_on)
    return Certificate(
        stars=stars,
        decision=f"MẪU-{number_of(decided_on)}/{_OFFICES[body]}",
        body=body,
        decided_on=decided_on,
        source=SOURCE,
    )


def number_of(day: date) -> int:
    """Return the number of the decisions of *day*: its place in the year."""
    return day.timetuple().tm_yday


def make_papers(
    trouble: Trouble, set_code: str, today: date, random: Random
) -> tuple[Paper, ...]:
    """Make the papers of a product of that set with *trouble*."""
    if trouble is Trouble.PAPER_UNKNOWN:
        return ()
    missing = _MISSING.get(trouble, ())
    return tuple(
        Paper(
            kind=kind,
            held=attest(Fact.NO if kind in missing else Fact.YES, today, random),
            expires_on=None
            if kind in missing
            else _expiry(kind, trouble, today, random),
        )
        for kind in sorted(_kinds(trouble, set_code, random))
    )


def _published(
    trouble: Trouble, stars: int, today: date, random: Random
) -> Certificate:
    if trouble is Trouble.STARS_UNSTATED:
        return Certificate(stars=None, evidence=Evidence.PUBLISHED, source=SOURCE)
    years_ago, means = random.choice(_REPORTED[trouble])
    return Certificate(
        stars=stars,
        evidence=Evidence.PUBLISHED,
        year=today.year - years_ago,
        year_means=YearMeans(means),
        source=SOURCE,
    )


def _decided(
    trouble: Trouble, stars: int, decided_on: date, today: date
) -> Certificate:
    """Return the certificate of a decision, with the effect of *trouble*."""
    if trouble is Trouble.BELOW_THREE_STARS:
        return decide(2, decided_on)
    if trouble is Trouble.POTENTIAL_5:
        return replace(decide(4, decided_on), potential_5=True)
    if trouble is Trouble.BODY_DOUBTFUL:
        number = f"MẪU-{number_of(decided_on)}/QĐ-TW"
        return replace(decide(3, decided_on), body="trung ương", decision=number)
    certificate = decide(stars, decided_on)
    if trouble is Trouble.REVOKED:
        revoked_on = today - (today - decided_on) // 4
        return replace(
            certificate,
            revoked_by=f"MẪU-{number_of(revoked_on)}/QĐ-UBND",
            revoked_on=revoked_on,
        )
    proposed = trouble is Trouble.WITHDRAWAL_PROPOSED
    return replace(certificate, revocation_proposed=proposed)


def _decision_day(trouble: Trouble, today: date, random: Random) -> date:
    """Return a day from which the term leaves as many days as *trouble* says."""
    if trouble in _DAYS_LEFT:
        days_left = random.randint(*_DAYS_LEFT[trouble])
    else:
        days_left = 100 + 30 * random.randrange(31)  # few days, many products on each
    return add_months(today + timedelta(days=days_left), -_MONTHS)


def _body(stars: int, decided_on: date) -> str:
    """Return who grants that many stars on that day."""
    if stars == _FIVE:
        return "trung ương"
    first, last = _DISTRICTS_GRANTED
    return "huyện" if stars <= _THREE and first <= decided_on <= last else "tỉnh"


def _kinds(trouble: Trouble, set_code: str, random: Random) -> Iterator[PaperKind]:
    """Yield the kinds of paper about which something is known."""
    if SETS[set_code].sector in _NEEDS_FOOD_PAPERS:
        yield from _food_papers(trouble, random)
        yield PaperKind.DECLARATION
    if trouble is Trouble.MEDICINE:
        yield from random.choice(_MEDICINES)
        return
    for kind in _OF_SET.get(set_code, ()):
        unknown = trouble is Trouble.ALCOHOL_LICENCE_UNKNOWN
        if not (unknown and kind is PaperKind.ALCOHOL_LICENCE):
            yield kind


def _food_papers(trouble: Trouble, random: Random) -> tuple[PaperKind, ...]:
    """Return all three kinds where none is held, else the one that is.

    An exemption stands in for the declaration of fresh produce, too.
    """
    if trouble is Trouble.PAPER_MISSING:
        return _FOOD_PAPERS
    if trouble in {Trouble.PAPER_EXPIRED, Trouble.DECLARATION_MISSING}:
        return (PaperKind.FOOD_SAFETY,)
    return (random.choices(_FOOD_PAPERS, (70, 15, 15))[0],)


def _expiry(
    kind: PaperKind, trouble: Trouble, today: date, random: Random
) -> date | None:
    """Return the last day of a paper that is held; None if it has no end."""
    if kind is PaperKind.FOOD_SAFETY and trouble is Trouble.PAPER_EXPIRED:
        return today - timedelta(days=random.randrange(5, 200))
    if kind in {PaperKind.FOOD_SAFETY, PaperKind.ALCOHOL_LICENCE}:
        return today + timedelta(days=random.randrange(200, 1000))
    return None
