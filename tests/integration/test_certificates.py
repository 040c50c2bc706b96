"""Certificates that people put right, and the history that tells of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import (
    Amendment,
    CertificateState,
    amendments_of,
    history_of,
    named_product,
)
from catalog.commands.certify.which import Which
from catalog.db import reader
from catalog.db.history import Author
from catalog.db.writer import save
from catalog.errors import AttestationError, CatalogError, NotInCatalogError
from catalog.feed.rows.row import ProblemKind
from catalog.imports.confirmation import Confirmation
from catalog.model.certificate import Certificate
from ocop_sync.store.db import schema
from ocop_sync.store.db.database import Database
from tests.catalog_database import NOW, import_rows
from tests.certified import correct_day, restore, revoke, rules, void
from tests.factories import make_certificate, make_producer, make_product, person
from tests.stored import load

TODAY = date(2026, 11, 24)
TEA = {"name": "Trà Mẫu", "producer_name": "Cơ sở Mẫu 001", "stars": 4}
DECIDED = {**TEA, "decision": "7/QĐ-UBND", "decided_on": "2024-04-03"}
SEVEN = Which(decision="7/QĐ-UBND")


async def keep(conn: AsyncConnection, *certificates: Certificate) -> None:
    """Save the one product with these certificates."""
    entry = (make_product(certificates=certificates), make_producer())
    await save(conn, [entry], by=Author("thử", NOW))


async def history(conn: AsyncConnection) -> tuple[Certificate, ...]:
    """Return the certificates of the one product."""
    return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0].certificates


async def changes(conn: AsyncConnection) -> list[Amendment]:
    """Return what was changed of them."""
    return list(await amendments_of(conn, "SP-00001"))


def seven(**differences: Any) -> Certificate:
    """Return the certificate of decision 7 of 2024."""
    day = date(2024, 4, 3)
    return make_certificate(
        **{"decision": "7/QĐ-UBND", "decided_on": day} | differences
    )


# The history


async def test_a_confirmed_correction_names_person_import_and_both_days(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, DECIDED, source="danh mục")
    later = {**DECIDED, "decided_on": "2024-06-01"}
    token = (await import_rows(conn, later, source="bảng mới")).token
    by, at = Confirmation(token=token, by=person("Bà Mẫu")), NOW + timedelta(hours=1)

    await import_rows(conn, later, source="bảng mới", confirmed=by, now=at)

    assert await changes(conn) == [
        Amendment(
            at,
            "Bà Mẫu (import bảng mới)",
            {"decided_on": "2024-04-03"},
            {"decided_on": "2024-06-01"},
        )
    ]


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        pytest.param({"stars": 3}, {"stars": "4"}, {"stars": "3"}, id="stars"),
        pytest.param(
            {"revoked_by": "9/QĐ-UBND", "revoked_on": "2026-01-10"},
            {},
            {"revoked_by": "9/QĐ-UBND", "revoked_on": "2026-01-10"},
            id="a revocation",
        ),
        pytest.param(
            {"decision": "71/QĐ-UBND", "decision_is": "đính chính"},
            {"decision": "7/QĐ-UBND"},
            {"decision": "71/QĐ-UBND"},
            id="a number",
        ),
    ],
)
async def test_whatever_a_sheet_changes_of_a_known_decision_is_kept(
    conn: AsyncConnection, said: dict[str, str], before: object, after: object
) -> None:
    await import_rows(conn, DECIDED)
    first = await changes(conn)

    await import_rows(conn, {**DECIDED, **said}, source="sau")

    assert first == []
    assert await changes(conn) == [Amendment(NOW, "import sau", before, after)]  # type: ignore[arg-type]


async def test_a_decision_that_joins_is_in_the_history_whole(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, DECIDED)
    await import_rows(
        conn, {**TEA, "decision": "8/QĐ-UBND", "decided_on": "2026-01-02"}
    )

    (added,) = await changes(conn)
    assert added.before == {}
    assert added.after["decision"] == "8/QĐ-UBND"
    assert (added.after["stars"], added.after["decided_on"]) == ("4", "2026-01-02")


async def test_a_revocation_by_a_person_is_in_the_history(
    conn: AsyncConnection,
) -> None:
    await keep(conn, seven())
    await revoke(conn, ["SP-00001"], "9/QĐ-UBND", TODAY, by=person("Bà Mẫu"), now=NOW)

    assert [(each.who, each.after) for each in await changes(conn)] == [
        ("Bà Mẫu", {"revoked_by": "9/QĐ-UBND", "revoked_on": "2026-11-24"})
    ]


@pytest.mark.parametrize(
    ("differences", "state", "ends_on"),
    [
        pytest.param({}, CertificateState.VALID, date(2027, 4, 3), id="valid"),
        pytest.param(
            {"decided_on": date(2023, 11, 23)},
            CertificateState.ENDED,
            date(2026, 11, 23),
            id="ended yesterday",
        ),
        pytest.param(
            {"decided_on": date(2026, 11, 25)},
            CertificateState.NOT_YET,
            date(2029, 11, 25),
            id="tomorrow",
        ),
        pytest.param(
            {"revoked_on": TODAY},
            CertificateState.REVOKED,
            date(2027, 4, 3),
            id="revoked",
        ),
        pytest.param(
            {"revoked_by": "9/QĐ"},
            CertificateState.UNKNOWN,
            date(2027, 4, 3),
            id="revoked on an unknown day",
        ),
        pytest.param(
            {"voided_by": "Bà Mẫu"},
            CertificateState.VOIDED,
            date(2027, 4, 3),
            id="voided",
        ),
        pytest.param(
            {"decided_on": None, "year": 2023},
            CertificateState.UNKNOWN,
            None,
            id="only a year",
        ),
        pytest.param(
            {"decided_on": None}, CertificateState.UNKNOWN, None, id="nothing known"
        ),
    ],
)
def test_each_certificate_is_shown_as_what_it_is(
    differences: dict[str, Any], state: CertificateState, ends_on: date | None
) -> None:
    item = make_product(certificates=(seven(**differences),))

    (line,) = history_of(item, rules().tables.validity, TODAY)

    assert (line.state, line.ends_on) == (state, ends_on)


async def test_a_product_is_named_by_its_id_or_an_sku(conn: AsyncConnection) -> None:
    await keep(conn, seven())

    for code in ("SP-00001", "SP-00001-1"):
        assert (await named_product(conn, code)).id == "SP-00001"
    with pytest.raises(NotInCatalogError):
        await named_product(conn, "SP-00002")


# Corrections by a person


async def test_a_person_corrects_the_day_of_a_decision_also_its_year(
    conn: AsyncConnection,
) -> None:
    await keep(conn, seven())
    before = await reader.current_revision(conn)
    day = date(2023, 4, 3)

    await correct_day(conn, "SP-00001-1", SEVEN, day, by=person("Bà Mẫu"), now=NOW)

    assert [each.decided_on for each in await history(conn)] == [day]
    assert await reader.current_revision(conn) == before + 1
    assert await changes(conn) == [
        Amendment(
            NOW, "Bà Mẫu", {"decided_on": "2024-04-03"}, {"decided_on": "2023-04-03"}
        )
    ]


async def test_a_sheet_that_was_asked_about_agrees_with_a_correction(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, DECIDED)
    later = {**DECIDED, "decided_on": "2023-04-03"}
    asked = await import_rows(conn, later)

    day = date(2023, 4, 3)
    await correct_day(conn, "SP-00001", SEVEN, day, by=person("Bà Mẫu"), now=NOW)
    again = await import_rows(conn, later)

    assert len(asked.problems) == 1
    assert (again.problems, again.changed) == ([], [])


@pytest.mark.parametrize(
    ("which", "day"),
    [
        pytest.param(Which(decision="8/QĐ-UBND"), TODAY, id="no such number"),
        pytest.param(SEVEN, TODAY, id="two years of one number"),
        pytest.param(Which(), TODAY, id="none without a number"),
        pytest.param(
            Which(decision="7/QĐ-UBND", year=2021), date(2024, 6, 1), id="a second one"
        ),
    ],
)
async def test_a_correction_that_is_not_clear_changes_nothing(
    conn: AsyncConnection, which: Which, day: date
) -> None:
    known = (seven(), seven(decided_on=date(2021, 4, 3)))
    await keep(conn, *known)

    with pytest.raises(CatalogError, match="7/QĐ-UBND"):
        await correct_day(conn, "SP-00001", which, day, by=person("Bà Mẫu"), now=NOW)

    assert await history(conn) == known


async def test_nobody_corrects_nothing(conn: AsyncConnection) -> None:
    await keep(conn, seven())

    with pytest.raises(AttestationError):
        await correct_day(conn, "SP-00001", SEVEN, TODAY, by=person(" "), now=NOW)


# Certificates that were entered by mistake


async def test_a_person_voids_a_certificate_and_restores_it(
    conn: AsyncConnection,
) -> None:
    other = make_certificate(decision="8/QĐ-UBND", decided_on=date(2021, 1, 2))
    await keep(conn, other, seven())
    before = await reader.current_revision(conn)

    await void(conn, "SP-00001", SEVEN, by=person("Bà Mẫu"), reason="nhầm", now=NOW)
    voided = await history(conn)
    await restore(conn, "SP-00001", SEVEN, by=person("Ông Mẫu"), reason="đúng", now=NOW)

    said = {"voided_by": "Bà Mẫu", "void_reason": "nhầm"}
    assert voided == (other, seven(**said, voided_on=TODAY))
    assert await history(conn) == (other, seven())
    assert await reader.current_revision(conn) == before + 2
    words = {**said, "voided_on": "2026-11-24"}
    assert await changes(conn) == [
        Amendment(NOW, "Bà Mẫu", {}, words),
        Amendment(NOW, "Ông Mẫu", words, {}, "đúng"),
    ]


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(Which(decision="9/QĐ-UBND"), id="no such number"),
        pytest.param(Which(decision="7/QĐ-UBND", year=2023), id="no such year"),
        pytest.param(Which(), id="none without a number"),
    ],
)
async def test_what_is_not_there_is_not_voided(
    conn: AsyncConnection, which: Which
) -> None:
    await keep(conn, seven())

    with pytest.raises(CatalogError, match="7/QĐ-UBND"):
        await void(conn, "SP-00001", which, by=person("Bà Mẫu"), reason="nhầm", now=NOW)
    with pytest.raises(CatalogError, match="không bị hủy bỏ"):
        await restore(
            conn, "SP-00001", SEVEN, by=person("Bà Mẫu"), reason="đúng", now=NOW
        )


async def test_what_is_voided_already_is_said_to_be(conn: AsyncConnection) -> None:
    await keep(conn, seven())
    said = {"by": person("Bà Mẫu"), "reason": "nhầm", "now": NOW}
    await void(conn, "SP-00001", SEVEN, **said)  # type: ignore[arg-type]

    with pytest.raises(CatalogError, match="đã hủy bỏ"):
        await void(conn, "SP-00001", SEVEN, **said)  # type: ignore[arg-type]


async def test_a_row_that_voids_what_is_nearly_known_is_not_asked_for_a_correction(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, DECIDED)
    said = {"decision": "8/QĐ-UBND", "voided_by": "Bà Mẫu", "void_reason": "nhầm"}

    report = await import_rows(conn, {**DECIDED, **said})

    (problem,) = report.problems
    assert (problem.column, problem.kind) == ("voided_by", ProblemKind.QUESTION)
    assert "đính chính" not in problem.vi
    assert [each.voided for each in await history(conn)] == [False]


@pytest.mark.parametrize(("by", "reason"), [(" ", "nhầm"), ("Bà Mẫu", "")])
async def test_nobody_voids_anything_without_a_reason(
    conn: AsyncConnection, by: str, reason: str
) -> None:
    await keep(conn, seven())

    with pytest.raises(AttestationError):
        await void(conn, "SP-00001", SEVEN, by=person(by), reason=reason, now=NOW)


async def test_a_voided_certificate_is_neither_revoked_nor_corrected(
    conn: AsyncConnection,
) -> None:
    await keep(conn, seven())
    await void(conn, "SP-00001", SEVEN, by=person("Bà Mẫu"), reason="nhầm", now=NOW)

    with pytest.raises(CatalogError):
        await revoke(conn, ["SP-00001"], "9/QĐ", TODAY, by=person("Bà Mẫu"), now=NOW)
    with pytest.raises(CatalogError):
        await correct_day(conn, "SP-00001", SEVEN, TODAY, by=person("Bà Mẫu"), now=NOW)


async def test_a_sheet_does_not_bring_a_voided_certificate_back(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, DECIDED)
    await void(conn, "SP-00001", SEVEN, by=person("Bà Mẫu"), reason="nhầm", now=NOW)
    voided = await history(conn)

    for day in ("2024-04-03", "2024-06-01"):
        row = {**DECIDED, "decided_on": day, "origin": f"Mẫu {day}"}
        report = await import_rows(conn, row, row)

        (problem,) = report.problems
        assert problem.kind is ProblemKind.QUESTION
        assert "(Bà Mẫu, 24/11/2026: nhầm)" in problem.vi
        assert "(Bà Mẫu, 2026-11-24: nhầm)" in problem.en
        assert report.changed == ["SP-00001"]
    assert await history(conn) == voided


async def test_a_sheet_voids_and_restores(conn: AsyncConnection) -> None:
    await import_rows(conn, DECIDED)
    said = {"voided_by": "Bà Mẫu", "void_reason": "nhầm"}

    report = await import_rows(conn, {**DECIDED, **said})
    voided = (await history(conn))[0]
    later = NOW + timedelta(days=3)
    again = await import_rows(conn, {**DECIDED, **said}, now=later)
    await import_rows(conn, {**DECIDED, "voided_by": "XÓA"})

    assert (report.problems, report.changed) == ([], ["SP-00001"])
    assert (voided.voided_by, voided.voided_on, voided.void_reason) == (
        "Bà Mẫu",
        TODAY,
        "nhầm",
    )
    assert (again.problems, again.changed) == ([], [])
    assert not (await history(conn))[0].voided
    assert (await history(conn))[0].void_reason == ""


@pytest.mark.parametrize(
    ("said", "column"),
    [
        pytest.param({"voided_by": "Bà Mẫu"}, "void_reason", id="no reason"),
        pytest.param({"void_reason": "nhầm"}, "voided_by", id="nobody"),
        pytest.param({"voided_on": "2026-01-02"}, "void_reason", id="a day alone"),
    ],
)
async def test_a_void_without_person_or_reason_is_refused(
    conn: AsyncConnection, said: dict[str, str], column: str
) -> None:
    await import_rows(conn, DECIDED)

    report = await import_rows(conn, {**DECIDED, **said})

    assert [(each.column, each.kind) for each in report.problems] == [
        (column, ProblemKind.WRONG)
    ]
    assert not (await history(conn))[0].voided


async def test_a_void_that_meets_no_certificate_is_said(conn: AsyncConnection) -> None:
    await import_rows(conn, DECIDED)
    said = {"voided_by": "Bà Mẫu", "void_reason": "nhầm", "origin": "Mẫu"}

    report = await import_rows(conn, {**DECIDED, "decision": "9/QĐ-UBND", **said})
    other_day = {**DECIDED, "decision": "9/QĐ-UBND", "decided_on": "2020-01-02"}
    wrong = await import_rows(conn, {**other_day, **said})

    assert [each.kind for each in (*report.problems, *wrong.problems)] == [
        ProblemKind.QUESTION
    ] * 2
    assert wrong.problems[0].column == "voided_by"
    assert len(await history(conn)) == 1


async def test_rows_of_packs_beside_the_one_that_voids_say_nothing(
    conn: AsyncConnection,
) -> None:
    packs = [{**DECIDED, "pack": f"Hộp {n} g"} for n in (50, 90)]
    await import_rows(conn, *packs)
    said = {"voided_by": "Bà Mẫu", "void_reason": "nhầm"}

    for one, other in (packs, packs[::-1]):
        report = await import_rows(conn, {**one, **said}, other)

        assert report.problems == []
        assert [each.voided for each in await history(conn)] == [True]


async def test_no_certificate_of_an_older_database_is_voided(url: str) -> None:
    await load(url)
    await schema.upgrade(url)

    database = Database(url)
    async with database.read() as conn:
        found = [entry async for page in reader.pages(conn) for entry in page]
    await database.close()
    certificates = [each for item, _ in found for each in item.certificates]
    assert certificates
    assert {(c.voided_by, c.voided_on, c.void_reason) for c in certificates} == {
        ("", None, "")
    }


async def test_of_two_days_of_one_decision_the_wrong_one_is_voided(
    conn: AsyncConnection,
) -> None:
    wrong = seven(decided_on=date(2024, 6, 1))
    await keep(conn, seven(), wrong)

    with pytest.raises(CatalogError, match="dated"):
        await void(conn, "SP-00001", SEVEN, by=person("Bà Mẫu"), reason="nhầm", now=NOW)
    which = replace(SEVEN, dated=date(2024, 6, 1))
    await void(conn, "SP-00001", which, by=person("Bà Mẫu"), reason="nhầm", now=NOW)

    assert [each.voided for each in await history(conn)] == [False, True]
