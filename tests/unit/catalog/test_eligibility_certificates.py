"""Rules E00 to E03: the decisions by certificates, their days and their stars.

Terms by themselves are in test_certificate.py; the days on which a verdict
changes are in test_eligibility_dates.py.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from catalog.eligibility import Rules, Standing, evaluate, load_rules
from catalog.eligibility.verdict import Text
from catalog.model.certificate import Certificate, Evidence, YearMeans
from catalog.model.fact import Fact
from catalog.values import replace
from tests.factories import AT, make_certificate, make_producer, make_product
from tests.unit.catalog.reading import deciding, remarks

C = make_certificate
NO_DAY = C(decided_on=None)
ENDED = C(decided_on=date(2021, 2, 28))
FROM_TOMORROW = C(decided_on=date(2024, 3, 2))
REVOKED = C(revoked_by="9/QĐ-MẪU", revoked_on=date(2024, 2, 1))
REPORT = C(decision="", body="", decided_on=None, evidence=Evidence.PUBLISHED)
OLD_REPORT = replace(REPORT, year=2019)
HELD = C(decided_on=None, year=2022, year_means=YearMeans.HELD)


@pytest.fixture(name="rules", scope="module")
def _rules() -> Rules:
    return load_rules()


@pytest.fixture(name="accepting", scope="module")
def _accepting() -> Rules:
    return load_rules(accept_published=True)


@pytest.mark.parametrize(
    ("code", "key", "certificates"),
    [
        pytest.param("E02", "ended", (ENDED,), id="ended yesterday"),
        pytest.param(
            "E02", "ended", (C(decided_on=None, year=2020), ENDED), id="all ended"
        ),
        pytest.param("E02", "ended", (OLD_REPORT, ENDED), id="a report proves nothing"),
        pytest.param("E02", "not_yet", (FROM_TOMORROW,), id="begins tomorrow"),
        pytest.param("E03", "revoked", (REVOKED,), id="revoked"),
        pytest.param(
            "E03",
            "revoked",
            (REVOKED, C(decided_on=date(2022, 1, 1))),
            id="only an older one is left",
        ),
        pytest.param(
            "E03", "revoked", (REVOKED, FROM_TOMORROW), id="replaced from tomorrow"
        ),
        pytest.param(
            "E03", "revoked", (REVOKED, C(stars=2)), id="replaced by two stars"
        ),
        pytest.param(
            "E03", "revoked", (REVOKED, replace(REVOKED)), id="the later one, too"
        ),
        pytest.param(
            "E03",
            "revoked",
            (C(decided_on=date(2022, 1, 1), revoked_by="8/QĐ-MẪU"), REVOKED),
            id="and an older one some day",
        ),
        pytest.param("E03", "revoked", (REVOKED, C()), id="another of that day"),
        pytest.param("E00", "few_stars", (C(stars=2), C(stars=1)), id="two stars"),
    ],
)
def test_what_is_known_of_certificates_stops_a_product(
    code: str, key: str, certificates: tuple[Certificate, ...], rules: Rules
) -> None:
    product = make_product(certificates=certificates)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [(code, key, True)]
    expected = {
        "E00": Standing.OUT_OF_SCOPE,
        "E02": Standing.WITHOUT_CLAIM,
        "E03": Standing.NOT_LISTED,
    }
    assert verdict.standing is expected[code]
    assert verdict.certified is Fact.NO


@pytest.mark.parametrize(
    ("code", "key", "certificates"),
    [
        pytest.param("E00", "no_stars", (), id="no certificate"),
        pytest.param("E00", "no_stars", (C(stars=None),), id="stars not stated"),
        pytest.param("E00", "no_stars", (C(stars=None), C(stars=2)), id="or only two"),
        pytest.param("E02", "incomplete", (NO_DAY,), id="no day"),
        pytest.param("E02", "incomplete", (NO_DAY, ENDED), id="no day, another ended"),
        pytest.param("E02", "incomplete", (C(decision=""),), id="no number"),
        pytest.param("E02", "incomplete", (C(decision="Đang trình"),), id="words"),
        pytest.param("E02", "incomplete", (C(stars=3, body=""),), id="no authority"),
        pytest.param("E02", "no_stars", (C(stars=None), ENDED), id="perhaps renewed"),
        pytest.param("E02", "incomplete", (C(decided_on=None, year=2022),), id="year"),
        pytest.param("E02", "incomplete", (HELD,), id="held in a year"),
        pytest.param(
            "E02", "published", (C(evidence=Evidence.PUBLISHED),), id="a report only"
        ),
        pytest.param(
            "E02",
            "published",
            (OLD_REPORT, C(stars=None, decided_on=date(2020, 1, 1))),
            id="a report, and a decision without stars",
        ),
        pytest.param("E02", "published", (OLD_REPORT,), id="ended, by a report"),
        pytest.param(
            "E03", "no_day", (C(revoked_by="9/QĐ-MẪU"),), id="revoked some day"
        ),
        pytest.param(
            "E03",
            "no_day",
            (C(revoked_by="9/QĐ-MẪU"), C(decided_on=date(2022, 1, 1))),
            id="revoked some day, an older one left",
        ),
        pytest.param(
            "E03",
            "no_day",
            (REVOKED, C(decided_on=date(2024, 2, 15), revoked_by="8/QĐ-MẪU")),
            id="what replaced it, revoked some day",
        ),
        pytest.param(
            "E03",
            "replaced_perhaps",
            (REVOKED, C(decided_on=date(2024, 2, 15), evidence=Evidence.PUBLISHED)),
            id="replaced, by a report",
        ),
        pytest.param(
            "E03",
            "replaced_perhaps",
            (replace(REVOKED, decided_on=None), C(decided_on=REVOKED.revoked_on)),
            id="granted on the day of the revocation",
        ),
        pytest.param(
            "E03",
            "replaced_perhaps",
            (REVOKED, C(decided_on=None, year=2024)),
            id="replaced this year",
        ),
        pytest.param(
            "E03", "replaced_perhaps", (REVOKED, NO_DAY), id="replaced some day"
        ),
        pytest.param(
            "E03",
            "replaced_perhaps",
            (replace(REVOKED, decided_on=None), C()),
            id="of two, which is older is not known",
        ),
        pytest.param(
            "E03",
            "replaced_perhaps",
            (REVOKED, C(stars=None, decided_on=date(2024, 2, 15))),
            id="replaced by some stars",
        ),
    ],
)
def test_what_is_unknown_of_certificates_withdraws_nothing(
    code: str, key: str, certificates: tuple[Certificate, ...], rules: Rules
) -> None:
    product = make_product(certificates=certificates)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [(code, key, False)]
    assert verdict.standing is Standing.UNKNOWN
    assert verdict.certified is Fact.UNKNOWN
    assert verdict.validity_unknown is (code != "E00")


def test_what_has_ended_is_certified_no_more_whenever_it_was_revoked(
    rules: Rules,
) -> None:
    product = make_product(certificates=(replace(ENDED, revoked_by="9/QĐ-MẪU"),))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.certified is Fact.NO
    assert verdict.standing is Standing.WITHOUT_CLAIM
    assert deciding(verdict) == [("E03", "no_day", False), ("E02", "ended", True)]


@pytest.mark.parametrize(
    "certificates",
    [
        pytest.param((C(decided_on=date(2021, 3, 1)),), id="last day"),
        pytest.param((C(decided_on=date(2024, 3, 1)),), id="first day"),
        pytest.param((ENDED, C()), id="renewed"),
        pytest.param((NO_DAY, C()), id="another of unknown day"),
        pytest.param((OLD_REPORT, C()), id="reported, then decided"),
        pytest.param((REVOKED, C(decided_on=date(2024, 3, 1))), id="replaced today"),
        pytest.param(
            (REVOKED, C(decided_on=date(2023, 12, 1), decision="2/QĐ-MẪU")),
            id="replaced before",
        ),
        pytest.param((replace(REVOKED, revoked_on=date(2024, 3, 2)),), id="tomorrow"),
        pytest.param(
            (
                C(revoked_by="9/QĐ-MẪU"),
                C(decided_on=date(2023, 12, 1), decision="2/QĐ-MẪU"),
            ),
            id="replaced, revoked some day",
        ),
        pytest.param(
            (replace(REVOKED, decided_on=None, revoked_on=date(2023, 1, 1)), C()),
            id="granted after the revocation",
        ),
        pytest.param(
            (C(stars=2, revoked_by="9/QĐ", revoked_on=AT.date()), C()), id="only two"
        ),
        pytest.param(
            (C(revocation_proposed=True, decided_on=date(2020, 1, 1)), C()),
            id="renewed despite a proposal",
        ),
        pytest.param(
            (
                replace(REVOKED, revocation_proposed=True),
                C(decided_on=date(2024, 3, 1)),
            ),
            id="replaced, proposed before it was revoked",
        ),
        pytest.param((C(stars=3, body=" Huyện"),), id="body in another case"),
        pytest.param(
            (C(body="huyện", decided_on=date(2021, 3, 1), stars=None), C()),
            id="stars not stated",
        ),
    ],
)
def test_a_certificate_in_force_is_enough(
    certificates: tuple[Certificate, ...], rules: Rules
) -> None:
    product = make_product(certificates=certificates)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.reasons == ()
    assert verdict.standing is Standing.LISTED
    assert verdict.certified is Fact.YES


@pytest.mark.parametrize(
    "certificate",
    [
        pytest.param(replace(REPORT, year=2022), id="a report"),
        pytest.param(C(decided_on=None, year=2022), id="surely, by its year"),
        pytest.param(C(stars=3, body=""), id="body not known"),
        pytest.param(C(body="huyện", decided_on=None, year=2022), id="no day"),
        pytest.param(C(decision=""), id="no number"),
    ],
)
def test_a_published_report_is_enough_only_where_it_is_accepted(
    certificate: Certificate, rules: Rules, accepting: Rules
) -> None:
    product = make_product(certificates=(certificate,))

    verdict = evaluate(product, make_producer(), AT, accepting)

    assert verdict.standing is Standing.LISTED
    assert verdict.stars == certificate.stars
    assert (verdict.claim_ends_on is None) is (certificate.decided_on is None)
    assert evaluate(product, make_producer(), AT, rules).certified is Fact.UNKNOWN


@pytest.mark.parametrize(
    ("key", "certificates"),
    [
        pytest.param("no_day", (NO_DAY,), id="no day"),
        pytest.param("no_day", (NO_DAY, ENDED), id="no day, another ended"),
        pytest.param("year_only", (C(decided_on=None, year=2021),), id="year"),
        pytest.param("year_only", (HELD,), id="held in a year"),
    ],
)
def test_an_accepted_report_of_an_unknown_day_withdraws_nothing(
    key: str, certificates: tuple[Certificate, ...], accepting: Rules
) -> None:
    product = make_product(certificates=certificates)

    verdict = evaluate(product, make_producer(), AT, accepting)

    assert deciding(verdict) == [("E02", key, False)]
    assert verdict.validity_unknown


@pytest.mark.parametrize(
    "certificate",
    [
        replace(ENDED, decision=""),
        replace(ENDED, body=""),
        replace(ENDED, evidence=Evidence.PUBLISHED),
    ],
)
def test_a_stated_day_ends_a_claim_whatever_else_lacks(
    certificate: Certificate, rules: Rules
) -> None:
    product = make_product(certificates=(certificate,))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.standing is Standing.WITHOUT_CLAIM
    assert verdict.certified is Fact.NO


@pytest.mark.parametrize(
    ("day", "stars", "body", "right"),
    [
        (date(2019, 8, 20), 3, "huyện", True),
        (date(2019, 8, 21), 3, "huyện", False),
        (date(2023, 2, 23), 3, "tỉnh", True),
        (date(2023, 2, 24), 3, "tỉnh", False),
        (date(2025, 7, 5), 3, "huyện", True),
        (date(2025, 7, 6), 3, "huyện", False),
        (date(2025, 7, 6), 4, "tỉnh", True),
        (date(2023, 3, 1), 5, "tỉnh", False),
        (date(2023, 3, 1), 5, "trung ương", True),
    ],
)
def test_the_right_body_is_that_of_the_day_of_the_decision(
    day: date, stars: int, body: str, right: bool, rules: Rules
) -> None:
    certificate = C(decided_on=day, stars=stars, body=body)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    verdict = evaluate(
        make_product(certificates=(certificate,)), make_producer(), at, rules
    )

    found = [each for each in remarks(verdict) if each[0] == "E01"]
    assert found == ([] if right else [("E01", "other_body", True)])


def test_another_body_is_named_with_the_right_one(rules: Rules) -> None:
    certificate = C(decided_on=date(2023, 3, 1), stars=5, body="tỉnh")
    at = datetime(2023, 3, 1, 12, tzinfo=UTC)

    verdict = evaluate(
        make_product(certificates=(certificate,)), make_producer(), at, rules
    )

    (seen,) = (each.seen for each in verdict.reasons if each.code == "E01")
    for words in ("5 sao", "cấp tỉnh", "01/03/2023", "cấp trung ương"):
        assert words in seen.vi
    for words in ("5 stars", "level tỉnh", "2023-03-01", "level trung ương"):
        assert words in seen.en


def test_a_proposed_withdrawal_is_a_warning(rules: Rules) -> None:
    product = make_product(certificates=(C(revocation_proposed=True),))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert remarks(verdict) == [("E03", "proposed", True)]
    assert verdict.standing is Standing.LISTED


@pytest.mark.parametrize(("was", "stars"), [(4, 3), (3, 4)])
def test_the_certificate_in_force_is_the_latest(
    was: int, stars: int, rules: Rules
) -> None:
    before = C(stars=was, decided_on=date(2022, 1, 1))
    now = C(stars=stars, body="huyện", decided_on=date(2024, 1, 1))
    coming = C(stars=5, decided_on=date(2025, 1, 1))

    product = make_product(certificates=(now, coming, before))
    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.certificate == now
    assert verdict.stars == stars
    assert verdict.claim_ends_on == date(2027, 1, 1)


def test_of_two_certificates_of_one_day_the_lower_is_claimed(rules: Rules) -> None:
    product = make_product(certificates=(C(stars=5), C(stars=4)))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.stars == 4


OLDER = C(decided_on=date(2022, 1, 1))


@pytest.mark.parametrize(
    "certificates",
    [
        pytest.param((NO_DAY,), id="of unknown day"),
        pytest.param((REVOKED, OLDER), id="revoked, an older one left"),
        pytest.param(
            (C(revoked_by="9/QĐ-MẪU"), OLDER), id="revoked some day, an older one left"
        ),
    ],
)
def test_nothing_in_force_shows_no_stars(
    certificates: tuple[Certificate, ...], rules: Rules
) -> None:
    product = make_product(certificates=certificates)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert (verdict.stars, verdict.certificate, verdict.claim_ends_on) == (None,) * 3


@pytest.mark.parametrize(
    ("certificate", "shown"),
    [
        pytest.param(REVOKED, "9/QĐ-MẪU", id="revoking decision"),
        pytest.param(replace(REVOKED, revoked_by=""), "số -;", id="of unknown number"),
        pytest.param(C(decided_on=None), "001/QĐ-MẪU", id="decision"),
        pytest.param(C(decided_on=None, decision=""), "chưa rõ số", id="no number"),
        pytest.param(replace(OLD_REPORT, decision=""), "năm 2019", id="year"),
    ],
)
def test_a_reason_names_the_decision_or_the_year(
    certificate: Certificate, shown: str, rules: Rules
) -> None:
    product = make_product(certificates=(certificate,))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert shown in verdict.reasons[0].seen.vi


@pytest.mark.parametrize("year", [0, 2, 9899, 9996, 9999, 20233])
def test_a_slip_of_the_pen_in_a_year_stops_nobody(year: int, rules: Rules) -> None:
    day = date(min(max(year, 1), 9999), 12, 31)
    slips = (C(decided_on=day), C(decided_on=None, year=year), HELD)

    verdict = evaluate(make_product(certificates=slips), make_producer(), AT, rules)

    assert verdict.certified is not Fact.YES


NUMBER = Text("001/QĐ-MẪU", "001/QĐ-MẪU")
OF_2023 = Text("năm 2023", "of 2023")
NO_NUMBER = Text("chưa rõ số quyết định", "of unknown number")


@pytest.mark.parametrize(
    ("certificates", "key", "details"),
    [
        (
            (replace(REPORT, year=2023),),
            "published",
            {"certificate": OF_2023},
        ),
        (
            (C(evidence=Evidence.PUBLISHED),),
            "published",
            {"certificate": NUMBER},
        ),
        (
            (C(decision=""),),
            "incomplete",
            {"certificate": NO_NUMBER, "lacking": (Text("số", "number"),)},
        ),
        (
            (C(body="", decided_on=None),),
            "incomplete",
            {
                "certificate": NUMBER,
                "lacking": (Text("cơ quan", "authority"), Text("ngày", "day")),
            },
        ),
        (
            (ENDED, C(stars=None)),
            "no_stars",
            {"certificate": NUMBER},
        ),
        ((ENDED,), "ended", {"day": date(2024, 2, 28)}),
        (
            (C(decided_on=date(2024, 4, 1)), FROM_TOMORROW),
            "not_yet",
            {"day": date(2024, 3, 2)},
        ),
        ((REVOKED,), "revoked", {"number": "9/QĐ-MẪU", "day": date(2024, 2, 1)}),
        (
            (replace(REVOKED, revoked_by=""),),
            "revoked",
            {"number": "-", "day": date(2024, 2, 1)},
        ),
        ((C(revoked_by="8/QĐ-MẪU"),), "no_day", {"number": "8/QĐ-MẪU"}),
        (
            (REVOKED, C(decided_on=None, year=2024)),
            "replaced_perhaps",
            {"number": "9/QĐ-MẪU", "day": date(2024, 2, 1)},
        ),
        ((C(revocation_proposed=True),), "proposed", {"certificate": NUMBER}),
    ],
)
def test_a_reason_names_the_certificate_and_the_day_that_it_is_about(
    certificates: tuple[Certificate, ...],
    key: str,
    details: dict[str, object],
    rules: Rules,
) -> None:
    verdict = evaluate(
        make_product(certificates=certificates), make_producer(), AT, rules
    )

    found = [dict(reason.details) for reason in verdict.reasons if reason.key == key]
    assert found == [details]


@pytest.mark.parametrize(
    ("certificate", "key", "details"),
    [
        (NO_DAY, "no_day", {"certificate": NUMBER}),
        (
            C(decided_on=None, year=2021),
            "year_only",
            {"year": 2021, "last": date(2024, 12, 31)},
        ),
    ],
)
def test_a_reason_of_an_accepted_report_names_what_is_not_known(
    certificate: Certificate, key: str, details: dict[str, object], accepting: Rules
) -> None:
    verdict = evaluate(
        make_product(certificates=(certificate,)), make_producer(), AT, accepting
    )

    found = [dict(reason.details) for reason in verdict.reasons if reason.key == key]
    assert found == [details]


# Certificates that were entered by mistake

VOID: dict[str, Any] = {
    "voided_by": "Bà Mẫu",
    "voided_on": date(2024, 2, 20),
    "void_reason": "ghi nhầm sản phẩm",
}
VOIDED = C(stars=5, decision="5/QĐ-MẪU", **VOID)


@pytest.mark.parametrize(
    ("others", "decided"),
    [
        pytest.param(
            (), [("E00", "no_stars", False), ("E02", "voided", True)], id="alone"
        ),
        pytest.param((ENDED,), [("E02", "voided", True)], id="beside an ended one"),
        pytest.param(
            (C(stars=None, decided_on=date(2023, 1, 1)),),
            [("E00", "no_stars", False)],
            id="beside one of unknown stars",
        ),
        pytest.param((REVOKED,), [("E03", "revoked", True)], id="a revoked one"),
        pytest.param((C(),), [], id="beside a valid one"),
    ],
)
def test_a_voided_certificate_counts_as_if_it_had_never_been_there(
    others: tuple[Certificate, ...], decided: list[tuple[str, str, bool]], rules: Rules
) -> None:
    for certificates in ((VOIDED, *others), (*others, VOIDED)):
        product = make_product(certificates=certificates)

        verdict = evaluate(product, make_producer(), AT, rules)

        assert deciding(verdict) == decided
        without = replace(product, certificates=others)
        beside = evaluate(without, make_producer(), AT, rules)
        assert (verdict.stars, verdict.certificate) == (
            beside.stars,
            beside.certificate,
        )
        assert verdict.claim_ends_on == beside.claim_ends_on


def test_a_product_whose_only_certificate_was_voided_loses_its_claim(
    rules: Rules,
) -> None:
    product = make_product(certificates=(VOIDED,))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.standing is Standing.WITHOUT_CLAIM
    assert (verdict.certified, verdict.stars_stated) == (Fact.NO, False)
    reason = verdict.decisive
    assert reason is not None
    assert "5/QĐ-MẪU" in reason.seen.vi
    assert "20/02/2024" in reason.seen.vi


def test_a_revocation_of_a_voided_certificate_counts_for_nothing(rules: Rules) -> None:
    product = make_product(certificates=(replace(REVOKED, **VOID), C()))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.standing is Standing.LISTED


def test_once_a_voided_certificate_would_have_ended_the_end_is_the_reason(
    rules: Rules,
) -> None:
    ended = C(decided_on=date(2020, 5, 10))
    product = make_product(certificates=(VOIDED, ended))
    day = datetime(2026, 5, 10, 17, tzinfo=UTC)

    before = evaluate(product, make_producer(), day - timedelta(seconds=1), rules)
    after = evaluate(product, make_producer(), day, rules)

    assert deciding(before)[0] == ("E02", "voided", True)
    assert deciding(after)[0] == ("E02", "ended", True)
    assert before.changes_at is not None
    assert before.changes_at <= day


def test_two_stars_that_were_voided_are_no_reason(rules: Rules) -> None:
    product = make_product(certificates=(replace(VOIDED, stars=2),))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [("E00", "no_stars", False)]


# Decisions of a day to come


@pytest.mark.parametrize(
    ("others", "decided", "stars"),
    [
        pytest.param((C(),), [], 4, id="beside a valid one"),
        pytest.param((ENDED,), [("E02", "ended", True)], None, id="an ended one"),
        pytest.param(
            (OLD_REPORT,), [("E02", "published", False)], None, id="a report that ended"
        ),
        pytest.param((REVOKED,), [("E03", "revoked", True)], None, id="a revoked one"),
    ],
)
def test_a_decision_of_a_day_to_come_is_said_and_changes_nothing_before(
    others: tuple[Certificate, ...],
    decided: list[tuple[str, str, bool]],
    stars: int | None,
    rules: Rules,
) -> None:
    coming = replace(FROM_TOMORROW, stars=5, decision="6/QĐ-MẪU")
    for certificates in ((coming, *others), (*others, coming)):
        product = make_product(certificates=certificates)

        verdict = evaluate(product, make_producer(), AT, rules)
        tomorrow = evaluate(product, make_producer(), AT + timedelta(days=1), rules)

        assert deciding(verdict) == decided
        assert verdict.stars == stars
        assert ("E02", "ahead", True) in remarks(verdict)
        assert verdict.changes_at == datetime(2024, 3, 1, 17, tzinfo=UTC)
        assert (deciding(tomorrow), tomorrow.stars) == ([], 5)
        assert ("E02", "ahead", True) not in remarks(tomorrow)


def test_a_reason_names_the_decision_of_a_day_to_come(rules: Rules) -> None:
    coming = replace(FROM_TOMORROW, decision="6/QĐ-MẪU")
    product = make_product(certificates=(C(), coming))

    (reason,) = evaluate(product, make_producer(), AT, rules).reasons

    assert "6/QĐ-MẪU" in reason.seen.vi
    assert "02/03/2024" in reason.seen.vi


def test_decisions_of_days_to_come_alone_are_not_valid_yet(rules: Rules) -> None:
    later = C(decided_on=date(2024, 3, 9), decision="2/QĐ-MẪU")
    for certificates in ((FROM_TOMORROW,), (later, FROM_TOMORROW)):
        product = make_product(certificates=certificates)

        verdict = evaluate(product, make_producer(), AT, rules)

        assert deciding(verdict) == [("E02", "not_yet", True)]
        assert remarks(verdict) == []
        assert verdict.changes_at == datetime(2024, 3, 1, 17, tzinfo=UTC)


# One decision with two days


@pytest.mark.parametrize(
    ("other", "said"),
    [
        pytest.param({"decided_on": date(2023, 8, 1)}, True, id="two days"),
        pytest.param(
            {"decided_on": date(2023, 8, 1), "decision": "01 / qđ-mẫu"},
            True,
            id="spelled otherwise",
        ),
        pytest.param({"decided_on": date(2022, 8, 1)}, False, id="two years"),
        pytest.param(
            {"decided_on": date(2023, 8, 1), "body": "huyện"},
            False,
            id="two authorities",
        ),
        pytest.param(
            {"decided_on": date(2023, 8, 1), "decision": "2/QĐ-MẪU"},
            False,
            id="two numbers",
        ),
        pytest.param(
            {"decided_on": date(2023, 8, 1), **VOID}, False, id="one was voided"
        ),
    ],
)
def test_one_decision_that_is_known_with_two_days_is_said(
    other: dict[str, Any], said: bool, rules: Rules
) -> None:
    product = make_product(certificates=(C(), C(**other)))

    verdict = evaluate(product, make_producer(), AT, rules)

    assert (("E02", "twice", True) in remarks(verdict)) is said
    assert verdict.standing is Standing.LISTED
    if said:
        (reason,) = verdict.reasons
        assert "10/05/2023, 01/08/2023" in reason.seen.vi
