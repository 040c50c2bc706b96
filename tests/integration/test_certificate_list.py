"""The certificates of all products, chosen by what they are, page by page."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import CertificateState
from catalog.db.history import Author
from catalog.db.writer import save
from catalog.model.reach import Reach
from catalog.queries.certificates import (
    FIRST,
    ChosenCertificates,
    all_certificates,
    certificate_page,
)
from tests.catalog_database import NOW
from tests.certified import rules
from tests.factories import make_certificate
from tests.world import entry

pytestmark = pytest.mark.postgresql

TODAY = date(2024, 3, 1)
HELD: dict[int, Any] = {
    1: (make_certificate(decided_on=date(2019, 9, 1), stars=3), make_certificate()),
    2: (make_certificate(stars=5, body="trung ương", decision="3/QĐ-BNN"),),
    3: (make_certificate(revoked_by="9/QĐ-UBND", revoked_on=date(2024, 1, 1)),),
    4: (make_certificate(voided_by="Bà Mẫu", void_reason="nhầm"),),
    5: (make_certificate(decided_on=None, year=2021),),
}


async def keep(conn: AsyncConnection) -> None:
    """Save five products with these certificates."""
    entries = [entry(n, certificates=held) for n, held in HELD.items()]
    await save(conn, entries, by=Author("thử", NOW))


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        pytest.param({}, [(1, 0), (1, 1), (2, 0), (3, 0), (4, 0), (5, 0)], id="all"),
        pytest.param({"state": CertificateState.VALID}, [(1, 1), (2, 0)], id="valid"),
        pytest.param({"state": CertificateState.ENDED}, [(1, 0)], id="ended"),
        pytest.param({"state": CertificateState.REVOKED}, [(3, 0)], id="revoked"),
        pytest.param({"state": CertificateState.VOIDED}, [(4, 0)], id="voided"),
        pytest.param({"state": CertificateState.UNKNOWN}, [(5, 0)], id="unknown"),
        pytest.param({"stars": 5}, [(2, 0)], id="stars"),
        pytest.param({"body": "trung ương"}, [(2, 0)], id="level"),
        pytest.param({"decision": "03/qđ-bnn"}, [(2, 0)], id="granted by"),
        pytest.param({"decision": "9/QĐ-UBND"}, [(3, 0)], id="revoked by"),
        pytest.param({"ends_to": date(2022, 9, 1)}, [(1, 0)], id="ends by"),
        pytest.param(
            {"ends_from": date(2026, 5, 10), "stars": 4},
            [(1, 1), (3, 0), (4, 0)],
            id="ends from",
        ),
    ],
)
async def test_certificates_are_chosen_by_what_they_are(
    conn: AsyncConnection, chosen: dict[str, Any], found: list[tuple[int, int]]
) -> None:
    await keep(conn)
    rows = await all_certificates(
        conn,
        chosen=ChosenCertificates(**chosen),
        validity=rules().tables.validity,
        day=TODAY,
    )

    assert [(int(each.product_id[-5:]), each.place) async for each in rows] == found


@pytest.mark.parametrize("limit", [1, 2, 6])
async def test_pages_hold_all_of_them_once_within_a_reach(
    conn: AsyncConnection, limit: int
) -> None:
    await keep(conn)
    found, after = list[tuple[str, int]](), FIRST
    while True:
        page = await certificate_page(
            conn,
            after,
            chosen=ChosenCertificates(),
            validity=rules().tables.validity,
            day=TODAY,
            limit=limit,
            reach=Reach.of(["CS-0001", "CS-0003"]),
        )
        found += [(each.product_id, each.place) for each in page.rows]
        if page.last is None:
            break
        after = page.last

    assert found == [("SP-00001", 0), ("SP-00001", 1), ("SP-00003", 0)]
