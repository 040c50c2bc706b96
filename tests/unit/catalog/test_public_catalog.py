"""The shipped file of real products: facts with a source, and nothing more.

Nothing may ever be written about a real producer that no source states; these
tests read the file itself. The counts are those of the public reports.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO

import pytest

from catalog.eligibility import Rules, Standing, Verdict, evaluate, load_rules
from catalog.feed.write.csv_feed import write_csv
from catalog.fiction.demonstration import demonstration_values
from catalog.fiction.generate import generate
from catalog.model.certificate import Evidence, YearMeans
from catalog.model.fact import Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product
from catalog.places.commune import load_communes
from catalog.text import fold
from catalog.values import replace
from tests.imported import import_csv

FILE = files("catalog") / "data" / "quang_ninh_public.csv"
THEN = datetime(2024, 3, 1, 5, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
TODAY = date(2026, 11, 24)
ACCEPTING = load_rules(accept_published=True)


@cache
def public() -> tuple[Entry, ...]:
    return tuple(import_csv(BytesIO(FILE.read_bytes()), NOW))


@cache
def made_up() -> tuple[Entry, ...]:
    return tuple(generate(count=1000, seed=1, today=TODAY))


def row(product: Product) -> int:
    return int(product.id.removeprefix("QN-"))


def by_row(number: int) -> Product:
    return next(product for product, _ in public() if row(product) == number)


def verdicts(at: datetime, entries: Iterable[Entry], rules: Rules) -> list[Verdict]:
    return [evaluate(product, producer, at, rules) for product, producer in entries]


def attested() -> list[Entry]:
    """Attest papers and consent of all rows, as the demonstration does."""
    seen = Attested(value=Fact.YES, by="Phòng Mẫu", on=date(2024, 3, 1))
    papers = tuple(Paper(kind=kind, held=seen) for kind in sorted(PaperKind))
    return [
        (
            replace(product, papers=papers),
            producer and replace(producer, consent=seen, identity_ready=seen),
        )
        for product, producer in public()
    ]


def listed(at: datetime) -> set[int]:
    return {
        int(verdict.product_id.removeprefix("QN-"))
        for verdict in verdicts(at, attested(), ACCEPTING)
        if verdict.standing is Standing.LISTED
    }


def test_there_are_fifty_products() -> None:
    assert sorted(row(product) for product, _ in public()) == list(range(1, 51))


def test_each_product_and_certificate_names_its_source() -> None:
    for product, _ in public():
        assert product.source.startswith(("https://", "http://"))
        for certificate in product.certificates:
            assert certificate.source == product.source


def test_nothing_is_said_that_no_source_states() -> None:
    for product, producer in public():
        assert product == Product(
            id=product.id,
            name=product.name,
            producer_id=product.producer_id,
            set_code=product.set_code,
            certificates=product.certificates,
            source=product.source,
        )
        assert producer is None or producer == Producer(
            id=producer.id,
            name=producer.name,
            kind=producer.kind,
            certified_address=producer.certified_address,
            address=producer.address,
        )


def test_the_file_has_no_column_for_what_is_unknown() -> None:
    columns = set(FILE.read_text(encoding="utf-8-sig").partition("\n")[0].split(","))

    assert len(columns) == 19
    assert not columns & {"sku", "pack", "price_vnd", "on_hand", "consent"}
    assert not columns & {"revoked_by", "revoked_on", "alcohol_percent", "pictures"}
    assert not columns & {kind.value for kind in PaperKind}


def test_the_evidence_is_public_reports() -> None:
    certificates = [each for product, _ in public() for each in product.certificates]

    assert {each.evidence for each in certificates} == {Evidence.PUBLISHED}
    assert [each.decision for each in certificates if each.decided_on] == [
        "377/QĐ-BNN-VPĐP"
    ]


def test_a_proposed_withdrawal_is_not_a_revocation() -> None:
    proposed = {
        row(product)
        for product, _ in public()
        for each in product.certificates
        if each.revocation_proposed
    }

    assert proposed == set(range(22, 30))
    for product, _ in public():
        for each in product.certificates:
            assert each.revoked_by == ""
            assert each.revoked_on is None


@pytest.mark.parametrize(
    ("number", "stars", "year", "means"),
    [
        (1, 4, 2023, YearMeans.GRANTED),
        (16, 4, 2023, YearMeans.GRANTED),
        (18, 5, 2021, YearMeans.GRANTED),
        (21, 5, 2022, YearMeans.GRANTED),
        (22, 4, 2021, YearMeans.HELD),
        (26, 3, 2021, YearMeans.HELD),
        (46, 4, 2022, YearMeans.HELD),
    ],
)
def test_a_year_means_what_the_report_says(
    number: int, stars: int, year: int, means: YearMeans
) -> None:
    (certificate,) = by_row(number).certificates

    assert certificate.stars == stars
    assert certificate.year == year
    assert certificate.year_means is means


def test_the_history_of_the_one_known_decision_is_kept() -> None:
    before, after = sorted(
        by_row(17).certificates, key=lambda certificate: certificate.stars or 0
    )

    assert (before.stars, before.body, before.year) == (4, "tỉnh", 2023)
    assert (after.stars, after.body) == (5, "trung ương")
    assert after.decided_on == date(2025, 1, 17)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (THEN, {"certified": 18, "validity unknown": 12, "stars unstated": 20}),
        (
            NOW,
            {
                "certified": 1,
                "validity unknown": 16,
                "ended": 13,
                "stars unstated": 20,
            },
        ),
    ],
    ids=["march-2024", "november-2026"],
)
def test_the_counts_are_those_of_the_reports(
    at: datetime, expected: dict[str, int]
) -> None:
    found: Counter[str] = Counter()
    for verdict in verdicts(at, public(), ACCEPTING):
        if not verdict.stars_stated:
            found["stars unstated"] += 1
        elif verdict.validity_unknown:
            found["validity unknown"] += 1
        else:
            found["certified" if verdict.certified is Fact.YES else "ended"] += 1

    assert found == expected


def test_the_one_that_is_certified_today_has_five_stars_until_2028() -> None:
    certified = [
        (verdict.stars, verdict.claim_ends_on)
        for verdict in verdicts(NOW, public(), ACCEPTING)
        if verdict.certified is Fact.YES
    ]

    assert certified == [(5, date(2028, 1, 17))]


def test_eleven_could_go_live_in_march_2024_once_papers_are_attested() -> None:
    assert listed(THEN) == {1, 2, 6, 7, 8, 9, 11, 13, 14, 17, 21}


def test_one_could_go_live_today() -> None:
    assert listed(NOW) == {17}


def test_none_could_go_live_without_attested_papers() -> None:
    standings = {verdict.standing for verdict in verdicts(THEN, public(), ACCEPTING)}

    assert standings == {Standing.UNKNOWN, Standing.OUT_OF_SCOPE}


def test_none_is_certified_where_published_evidence_does_not_suffice() -> None:
    found = {verdict.certified for verdict in verdicts(THEN, attested(), load_rules())}

    assert Fact.YES not in found


def test_a_demonstration_makes_goods_of_rows_but_changes_no_verdict() -> None:
    shown = [
        (demonstration_values(product, 1, counted_at=THEN), producer)
        for product, producer in attested()
    ]
    standings = [each.standing for each in verdicts(THEN, shown, ACCEPTING)]

    assert standings == [
        each.standing for each in verdicts(THEN, attested(), ACCEPTING)
    ]
    assert sum(bool(product.variants) for product, _ in shown) == 48


def test_a_commune_is_entered_only_where_a_source_names_the_old_one() -> None:
    communes = load_communes()
    placed = {
        row(product): communes.became(producer.certified_address.old_commune_code)
        for product, producer in public()
        if producer is not None and producer.address.commune_code
    }

    (place,) = placed.pop(43)
    assert place.name == "Đặc khu Cô Tô"
    assert placed == {}


def test_no_remark_stands_in_a_name() -> None:
    names = [product.name for product, _ in public()]
    names += [producer.name for _, producer in public() if producer is not None]

    assert not [name for name in names if "excerpt" in name or "(name" in name]


def test_no_made_up_row_is_in_the_file_and_no_real_one_is_made_up() -> None:
    assert not [
        product.name
        for product, producer in public()
        if "mẫu" in f"{product.name} {producer.name if producer else ''}".casefold()
    ]
    for part in (0, 1):
        for key in ("id", "name"):
            real = {
                fold(getattr(entry[part], key)) for entry in public() if entry[part]
            }
            made = {
                fold(getattr(entry[part], key)) for entry in made_up() if entry[part]
            }
            assert not real & made


@pytest.mark.parametrize("count", [20, 267, 1000])
def test_a_made_up_catalog_passes_an_import_and_comes_back_whole(count: int) -> None:
    wanted = list(generate(count=count, seed=1, today=TODAY))
    feed = BytesIO()
    write_csv(wanted, feed)
    feed.seek(0)

    assert import_csv(feed, NOW) == wanted
