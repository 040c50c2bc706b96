"""The figures that are reported to superiors, as of one instant.

They are the figures of the first page and of the API, by marketplace and by commune.
What ends and what claims in vain is asked of now alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from catalog.places.commune import load_communes
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import (
    DayCoverage,
    Dimension,
    coverage_on,
)
from ocop_sync.service.queries.coverage_outlook import claims_ended, ends_coming

AHEAD: Final = 90
"""Days within which certificates end that are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """What a report says.

    Attributes:
        unit: The province, by its full name.
        whole: The figures by marketplace.
        communes: The same by marketplace and commune.
        ending: How many certificates end within `AHEAD` days; None of a past day.
        faulty: Products that could not be evaluated for that.
        claims: How many listings claim what has ended; None of a past day.
        simulated: A figure is of a mock, or may be.
    """

    unit: str
    whole: DayCoverage
    communes: DayCoverage
    ending: int | None
    faulty: Sequence[str]
    claims: int | None
    simulated: bool

    @property
    def can_be_signed(self) -> bool:
        """Say whether somebody may sign it: there are figures, and all are real."""
        return bool(self.whole.cells) and not self.simulated


async def coverage_report(deployment: Deployment, day: date | None) -> CoverageReport:
    """Return the report of the end of *day*, or of now.

    Raises:
        QuestionError: The day has not come yet.
    """
    now = deployment.clock()
    async with deployment.database.read() as conn:
        whole = await coverage_on(conn, deployment, day, None, (), now)
        communes = await coverage_on(conn, deployment, day, Dimension.COMMUNE, (), now)
    ends = claims = None
    if day is None:
        ends = await ends_coming(deployment, (AHEAD,))
        claims = await claims_ended(deployment)
    return CoverageReport(
        unit=(deployment.communes or load_communes()).province,
        whole=whole,
        communes=communes,
        ending=None if ends is None else ends.within[AHEAD],
        faulty=() if ends is None else ends.faulty,
        claims=None if claims is None else len(claims.listings),
        simulated=whole.simulated or deployment.simulated,
    )
