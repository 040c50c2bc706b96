"""The made-up catalog: every trouble is there, alone, and nothing looks real.

The meaning of a trouble is asked of the rules themselves. That no real row is in it is
covered in `test_public_catalog`; the command line elsewhere.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import chain, islice, pairwise

import pytest

from catalog.eligibility import Outcome, Standing, evaluate, load_rules
from catalog.fiction.generate import TRACE_HOST, generate
from catalog.fiction.tables import TABLES
from catalog.fiction.trouble import OF_PRODUCER, Trouble, troubles
from catalog.model.certificate import Evidence
from catalog.model.fact import Fact
from catalog.model.product import Entry, Product
from catalog.model.product_set import SETS, Sector
from catalog.places.commune import load_communes
from catalog.vietnam_time import day_in_vietnam, start_of

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
PROVINCE = 267
FACTS = load_rules(trace_hosts=[TRACE_HOST])
REPORTS = load_rules(accept_published=True, trace_hosts=[TRACE_HOST])


@cache
def entries(
    count: int = PROVINCE, seed: int = 1, today: date = TODAY
) -> tuple[Entry, ...]:
    return tuple(generate(count=count, seed=seed, today=today))


def of_trouble(trouble: Trouble, today: date = TODAY) -> list[Entry]:
    found = zip(entries(today=today), troubles(count=PROVINCE, seed=1), strict=True)
    return [entry for entry, its in found if its is trouble]


def days_left(product: Product) -> int:
    ends = evaluate(product, None, NOON, FACTS).claim_ends_on
    assert ends is not None
    return (ends - TODAY).days


def test_the_same_seed_and_day_give_the_same_catalog() -> None:
    again = tuple(generate(count=PROVINCE, seed=7, today=TODAY))

    assert entries(seed=7) == again
    assert entries(seed=7) != entries(seed=8)
    assert entries(20) == entries()[:20]


def test_it_is_a_stream_of_any_length() -> None:
    endless = generate(count=10**12, seed=1, today=TODAY)

    assert tuple(islice(endless, PROVINCE)) == entries()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_province_has_every_trouble(seed: int) -> None:
    assert set(troubles(count=PROVINCE, seed=seed)) == set(Trouble)
    assert len(entries(seed=seed)) == PROVINCE


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_products_have_the_main_troubles(seed: int) -> None:
    assert set(troubles(count=20, seed=seed)) == {
        Trouble.NONE,
        Trouble.ENDED,
        Trouble.ENDING_IN_30,
        Trouble.REVOKED,
        Trouble.PAPER_MISSING,
        Trouble.PAPER_UNKNOWN,
        Trouble.ALCOHOL,
        Trouble.ALCOHOL_UNLICENSED,
        Trouble.SERVICE,
        Trouble.SPLIT_COMMUNE,
        Trouble.CONSENT_UNKNOWN,
        Trouble.TWIN,
        Trouble.CLAIM_IN_TEXT,
        Trouble.PICTURE_MARKED,
        Trouble.NO_PRICE,
        Trouble.STOCK_ZERO,
        Trouble.SEVERAL_VARIANTS,
    }


@pytest.mark.parametrize(("count", "share"), [(20, 0.75), (267, 0.74), (5340, 0.74)])
def test_about_three_of_four_are_listable(count: int, share: float) -> None:
    listable = 0
    for product, producer in generate(count=count, seed=3, today=TODAY):
        verdict = evaluate(product, producer, NOON, REPORTS)
        stopped = any(
            reason.known and reason.outcome is not Outcome.WARN
            for reason in verdict.reasons
        )
        listable += verdict.certified is Fact.YES and not stopped

    assert listable / count == pytest.approx(share, abs=0.005)


STOPPED: dict[Trouble, tuple[Standing, str, bool]] = {
    Trouble.ENDED: (Standing.WITHOUT_CLAIM, "E02", True),
    Trouble.REVOKED: (Standing.NOT_LISTED, "E03", True),
    Trouble.PUBLISHED_ONLY: (Standing.UNKNOWN, "E02", False),
    Trouble.VALIDITY_UNKNOWN: (Standing.UNKNOWN, "E02", False),
    Trouble.STARS_UNSTATED: (Standing.UNKNOWN, "E00", False),
    Trouble.BELOW_THREE_STARS: (Standing.OUT_OF_SCOPE, "E00", True),
    Trouble.PAPER_MISSING: (Standing.NOT_LISTED, "E04", True),
    Trouble.PAPER_UNKNOWN: (Standing.UNKNOWN, "E04", False),
    Trouble.PAPER_EXPIRED: (Standing.NOT_LISTED, "E04", True),
    Trouble.DECLARATION_MISSING: (Standing.NOT_LISTED, "E05", True),
    Trouble.ALCOHOL_UNLICENSED: (Standing.NOT_LISTED, "E08", True),
    Trouble.ALCOHOL_LICENCE_UNKNOWN: (Standing.UNKNOWN, "E08", False),
    Trouble.ALCOHOL_STRENGTH_UNKNOWN: (Standing.UNKNOWN, "E08", False),
    Trouble.PHARMACY_MISSING: (Standing.NOT_LISTED, "E12", True),
    Trouble.SERVICE: (Standing.OUT_OF_SCOPE, "E00", True),
    Trouble.ORNAMENTAL: (Standing.OUT_OF_SCOPE, "E09", True),
    Trouble.NO_PRODUCER: (Standing.UNKNOWN, "E11", False),
    Trouble.CONSENT_REFUSED: (Standing.NOT_LISTED, "E11", True),
    Trouble.CONSENT_UNKNOWN: (Standing.UNKNOWN, "E11", False),
    Trouble.PAUSED: (Standing.NOT_LISTED, "E15", True),
}


@pytest.mark.parametrize("trouble", STOPPED)
def test_a_trouble_stops_its_product_by_its_own_rule(trouble: Trouble) -> None:
    standing, code, known = STOPPED[trouble]

    for product, producer in of_trouble(trouble):
        verdict = evaluate(product, producer, NOON, FACTS)
        assert verdict.standing is standing
        assert verdict.decisive is not None
        assert (verdict.decisive.code, verdict.decisive.known) == (code, known)
        assert {each.code for each in verdict.reasons if each.known} <= {code, "E14"}


@pytest.mark.parametrize("today", [date(2023, 3, 31), TODAY, date(2028, 2, 29)])
@pytest.mark.parametrize("trouble", set(Trouble) - STOPPED.keys())
def test_every_other_product_is_listed(trouble: Trouble, today: date) -> None:
    found = of_trouble(trouble, today)

    assert found
    for product, producer in found:
        verdict = evaluate(product, producer, start_of(today), FACTS)
        assert verdict.standing is Standing.LISTED


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.BODY_DOUBTFUL, "E01"),
        (Trouble.WITHDRAWAL_PROPOSED, "E03"),
        (Trouble.LABEL_INCOMPLETE, "E06"),
        (Trouble.IDENTITY_NOT_READY, "E10"),
    ],
)
def test_a_doubt_is_a_warning(trouble: Trouble, code: str) -> None:
    for product, producer in of_trouble(trouble):
        reasons = evaluate(product, producer, NOON, FACTS).reasons
        assert [reason.code for reason in reasons] == [code]


def test_a_product_without_trouble_gives_nothing_to_remark() -> None:
    for product, producer in of_trouble(Trouble.NONE):
        assert evaluate(product, producer, NOON, FACTS).reasons == ()


def marks(product: Product) -> set[Fact]:
    return {picture.shows_ocop_mark for picture in product.pictures}


LOOKS: dict[Trouble, Callable[[Product], bool]] = {
    Trouble.ENDING_IN_30: lambda product: 0 < days_left(product) <= 30,
    Trouble.ENDING_IN_90: lambda product: 30 < days_left(product) <= 90,
    Trouble.PUBLISHED_ONLY: lambda product: (
        [each.evidence for each in product.certificates] == [Evidence.PUBLISHED]
    ),
    Trouble.REASSESSED: lambda product: (
        len({each.stars for each in product.certificates}) == 2
    ),
    Trouble.POTENTIAL_5: lambda product: product.certificates[0].potential_5,
    Trouble.ALCOHOL: lambda product: (
        SETS[product.set_code].alcohol and product.alcohol_percent is not None
    ),
    Trouble.MEDICINE: lambda product: product.set_code == "III.1",
    Trouble.CRAFT: lambda product: SETS[product.set_code].sector is Sector.CRAFT,
    Trouble.HERBAL: lambda product: product.set_code in {"III.2", "III.3"},
    Trouble.SERVICE: lambda product: product.set_code == "VI",
    Trouble.CLAIM_IN_NAME: lambda product: "OCOP" in product.name,
    Trouble.PICTURE_MARKED: lambda product: marks(product) == {Fact.YES},
    Trouble.PICTURE_UNKNOWN: lambda product: marks(product) == {Fact.UNKNOWN},
    Trouble.NO_PICTURE: lambda product: not product.pictures,
    Trouble.NO_PRICE: lambda product: (
        [each.price_vnd for each in product.variants] == [None]
    ),
    Trouble.STOCK_ZERO: lambda product: (
        [each.on_hand for each in product.variants] == [0]
    ),
    Trouble.NEVER_COUNTED: lambda product: (
        [(each.on_hand, each.counted_at) for each in product.variants] == [(None, None)]
    ),
    Trouble.SEVERAL_VARIANTS: lambda product: len(product.variants) > 1,
}


@pytest.mark.parametrize("trouble", LOOKS)
def test_a_trouble_shows_in_the_facts(trouble: Trouble) -> None:
    found = [product for product, _ in of_trouble(trouble)]

    assert found
    assert all(LOOKS[trouble](product) for product in found)


CLAIM = re.compile(r"OCOP|\b(3|4|5|ba|bốn|năm) sao\b|★|MẪU-\d+/|\d\d/\d\d/\d{4}")


def test_a_text_claims_ocop_only_where_that_is_its_trouble() -> None:
    claiming = [
        trouble
        for (product, _), trouble in zip(
            entries(), troubles(count=PROVINCE, seed=1), strict=True
        )
        if CLAIM.search(product.description)
    ]

    assert Counter(claiming) == {
        Trouble.CLAIM_IN_TEXT: 6,
        Trouble.CLAIM_IN_NAME: 1,  # a text that begins with its product's name
    }


def test_a_twin_has_the_name_of_another_producer_s_product() -> None:
    found = list(zip(entries(), troubles(count=PROVINCE, seed=1), strict=True))
    names = Counter(product.name for product, _ in entries())

    for (namesake, _), (twin, trouble) in pairwise(found):
        if trouble is Trouble.TWIN:
            assert twin[0].name == namesake[0].name
            assert twin[0].set_code == namesake[0].set_code
            assert twin[0].producer_id != namesake[0].producer_id
    assert sorted(names.values())[-5:] == [1, 2, 2, 2, 2]


def test_nobody_picks_the_new_commune_of_a_split_one() -> None:
    communes = load_communes()

    for _, producer in of_trouble(Trouble.SPLIT_COMMUNE):
        assert producer is not None
        old = producer.certified_address.old_commune_code
        assert len(communes.became(old)) > 1
        assert producer.address.commune_code == ""
        assert communes.place(producer.address) is None


def test_every_other_producer_lies_in_a_commune_of_today() -> None:
    communes = load_communes()
    split = {producer for _, producer in of_trouble(Trouble.SPLIT_COMMUNE)}

    for _, producer in entries():
        if producer is not None and producer not in split:
            place = communes.place(producer.address)
            assert place is not None
            assert place.code == producer.address.commune_code
            assert place.name in producer.address.text


def test_a_producer_is_the_same_wherever_it_stands() -> None:
    found: dict[str, set[object]] = {}
    for product, producer in entries(1000):
        assert product.producer_id == (producer.id if producer else None)
        if producer is not None:
            found.setdefault(producer.id, set()).add(producer)

    assert all(len(same) == 1 for same in found.values())


@pytest.mark.parametrize(("count", "makers"), [(20, 16), (267, 215), (2670, 2150)])
def test_there_are_four_producers_for_five_products(count: int, makers: int) -> None:
    found = {product.producer_id for product, _ in entries(count)} - {None}

    assert len(found) == makers


def test_producers_can_be_few_and_keep_their_troubles() -> None:
    limited = list(generate(count=2670, seed=1, today=TODAY, producers=215))
    wanted = Counter(troubles(count=2670, seed=1))

    found = Counter(
        producer.consent.value for _, producer in limited if producer is not None
    )

    assert len({product.producer_id for product, _ in limited} - {None}) == 215
    assert found[Fact.NO] == wanted[Trouble.CONSENT_REFUSED]
    assert found[Fact.UNKNOWN] == wanted[Trouble.CONSENT_UNKNOWN]


def test_a_twin_is_another_producer_s_even_where_there_are_few() -> None:
    limited = generate(count=2670, seed=1, today=TODAY, producers=5)

    twins = [
        (one.producer_id, other.producer_id)
        for (one, _), (other, _) in pairwise(limited)
        if one.name == other.name
    ]

    assert len(twins) == Counter(troubles(count=2670, seed=1))[Trouble.TWIN]
    assert all(one != other for one, other in twins)


def test_a_producer_s_trouble_is_of_its_own_product_only() -> None:
    consents = Counter(
        producer.consent.value for _, producer in entries() if producer is not None
    )

    assert consents[Fact.NO] == 4
    assert consents[Fact.UNKNOWN] == 6


def test_nothing_looks_real() -> None:
    for product, producer in entries():
        assert re.fullmatch(r"MAU-\d{5}", product.id)
        assert re.fullmatch(r"\D+ mẫu \d{3}", product.name)
        assert "không có thật" in product.description
        assert "không có thật" in product.source
        for certificate in product.certificates:
            assert certificate.decision == "" or certificate.decision.startswith("MẪU-")
            assert certificate.revoked_by == "" or certificate.revoked_by.startswith(
                "MẪU-"
            )
        for address in (product.trace_url, *(each.url for each in product.pictures)):
            assert address.split("/")[2].endswith(".example")
        if producer is not None:
            assert re.fullmatch(r"MAU-CS-\d{4}", producer.id)
            assert re.fullmatch(r"Cơ sở Mẫu \d{3}", producer.name)
            assert producer.address.text.startswith("Thôn Mẫu ")


def test_nothing_is_dated_after_the_day() -> None:
    for product, producer in entries():
        held = [paper.held for paper in product.papers]
        if producer is not None:
            held += [producer.consent, producer.identity_ready]
        assert all(each.on is None or each.on < TODAY for each in held)
        assert all(
            each.decided_on is None or each.decided_on < TODAY
            for each in product.certificates
        )
        assert all(
            each.counted_at is None or day_in_vietnam(each.counted_at) < TODAY
            for each in product.variants
        )


def test_dates_move_with_the_day() -> None:
    later = TODAY + timedelta(days=500)
    noon = NOON + timedelta(days=500)

    for trouble in (Trouble.ENDED, Trouble.ENDING_IN_30):
        for product, producer in of_trouble(trouble, later):
            verdict = evaluate(product, producer, noon, FACTS)
            ended = verdict.standing is Standing.WITHOUT_CLAIM
            assert ended is (trouble is Trouble.ENDED)


def test_skus_belong_to_their_product_and_are_never_twice() -> None:
    skus = [
        (variant.sku, product.id)
        for product, _ in entries(1000)
        for variant in product.variants
    ]

    assert len({sku for sku, _ in skus}) == len(skus)
    assert all(sku.rpartition("-")[0] == id_ for sku, id_ in skus)


def test_troubles_of_producers_are_named() -> None:
    assert {Trouble.CONSENT_REFUSED, Trouble.SPLIT_COMMUNE} <= OF_PRODUCER


@pytest.mark.parametrize("name", ["days_left", "missing_papers", "reported"])
def test_a_table_names_troubles_alone(name: str) -> None:
    assert TABLES[name].keys() <= set(Trouble)


def test_goods_name_troubles_alone_and_kinds_that_there_are() -> None:
    assert set(chain(*TABLES["goods"].values())) <= set(Trouble)
    assert TABLES["goods"].keys() <= TABLES["kinds"].keys()


def test_one_decision_has_one_authority() -> None:
    bodies: dict[str, set[str]] = {}
    for product, _ in entries():
        for certificate in product.certificates:
            bodies.setdefault(certificate.decision, set()).add(certificate.body)
    bodies.pop("")

    assert {number for number, each in bodies.items() if len(each) > 1} == set()
