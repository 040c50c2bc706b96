"""The rules that look at neither certificates nor papers, and verdicts as a whole.

Certificates: test_eligibility_certificates.py. Papers: test_eligibility_papers.py.
Days: test_eligibility_dates.py. Invariants: test_eligibility_properties.py.
"""

from datetime import UTC, date, datetime

import pytest

from catalog.eligibility import (
    Outcome,
    Rules,
    Standing,
    Text,
    evaluate,
    load_rules,
)
from catalog.model.certificate import Certificate
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.paper import PaperKind
from catalog.model.producer import Address, Producer
from catalog.model.product import Label, Product
from catalog.model.product_set import SETS
from catalog.values import replace
from tests.factories import (
    AT,
    NOT_SO,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
    make_variant,
)
from tests.unit.catalog.reading import deciding, remarks

LATE = datetime(2026, 7, 2, 5, tzinfo=UTC)
"""Every rule is in force by then."""

NEW = make_certificate(decided_on=date(2025, 8, 1))


@pytest.fixture(name="rules", scope="module")
def _rules() -> Rules:
    return load_rules()


def reasons_seen(product: Product, at: datetime, rules: Rules) -> list[Text]:
    """Return what each reason says that it saw."""
    return [r.seen for r in evaluate(product, make_producer(), at, rules).reasons]


def named(what: str, seen: Text) -> bool:
    """Say whether *what* stands in both languages."""
    return what in seen.vi and what in seen.en


@pytest.mark.parametrize(
    ("at", "certificates"),
    [
        pytest.param(AT, (make_certificate(),), id="early"),
        pytest.param(LATE, (make_certificate(), NEW), id="late"),
    ],
)
def test_a_product_that_meets_every_rule_is_listed_without_a_remark(
    at: datetime, certificates: tuple[Certificate, ...], rules: Rules
) -> None:
    product = make_product(certificates=certificates)

    verdict = evaluate(product, make_producer(), at, rules)

    assert verdict.reasons == ()
    assert verdict.standing is Standing.LISTED
    assert verdict.decisive is None
    assert verdict.product_id == product.id


@pytest.mark.parametrize(
    ("product", "producer", "found", "standing"),
    [
        pytest.param(
            make_product(set_code="VI"),
            make_producer(),
            ("E00", "service", True),
            Standing.OUT_OF_SCOPE,
            id="service",
        ),
        *(
            pytest.param(
                make_product(set_code=unknown),
                make_producer(),
                ("E00", "no_set", False),
                Standing.UNKNOWN,
                id=f"set {unknown!r}",
            )
            for unknown in ("", "IX.9")
        ),
        *(
            pytest.param(
                make_product(set_code=alive),
                make_producer(),
                ("E09", "alive", True),
                Standing.OUT_OF_SCOPE,
                id=alive,
            )
            for alive in ("V.1", "V.2", "V.3")
        ),
        pytest.param(
            make_product(),
            None,
            ("E11", "no_producer", False),
            Standing.UNKNOWN,
            id="no producer",
        ),
        pytest.param(
            make_product(),
            make_producer(consent=NOT_SO),
            ("E11", "refused", True),
            Standing.NOT_LISTED,
            id="no consent",
        ),
        pytest.param(
            make_product(),
            make_producer(consent=UNATTESTED),
            ("E11", "not_asked", False),
            Standing.UNKNOWN,
            id="consent not asked",
        ),
        pytest.param(
            make_product(paused=True),
            make_producer(),
            ("E15", "paused", True),
            Standing.NOT_LISTED,
            id="paused",
        ),
    ],
)
def test_a_rule_stops_what_nothing_else_stops(
    product: Product,
    producer: Producer | None,
    found: tuple[str, str, bool],
    standing: Standing,
    rules: Rules,
) -> None:
    verdict = evaluate(product, producer, AT, rules)

    assert deciding(verdict) == [found]
    assert verdict.standing is standing
    assert verdict.decisive is not None
    assert verdict.decisive.code == found[0]


LABEL = make_product().label


@pytest.mark.parametrize(
    ("label", "producer", "lacking"),
    [
        pytest.param(
            replace(LABEL, origin=""), make_producer(), "xuất xứ", id="origin"
        ),
        pytest.param(replace(LABEL, dates=""), make_producer(), "hạn", id="dates"),
        pytest.param(
            LABEL,
            make_producer(address=Address(), certified_address=Address()),
            "địa chỉ",
            id="address",
        ),
    ],
)
def test_what_a_label_lacks_is_named(
    label: Label, producer: Producer, lacking: str, rules: Rules
) -> None:
    verdict = evaluate(make_product(label=label), producer, AT, rules)

    assert remarks(verdict) == [("E06", "lacking", False)]
    assert lacking in verdict.reasons[0].seen.vi
    assert verdict.standing is Standing.LISTED


def test_an_empty_label_is_told_field_by_field(rules: Rules) -> None:
    product = make_product(label=Label(), variants=(make_variant(net_quantity=""),))
    nowhere = make_producer(address=Address(), certified_address=Address())

    (reason,) = evaluate(product, nowhere, AT, rules).reasons

    assert reason.seen.vi.partition(": ")[2] == (
        "xuất xứ, định lượng, ngày sản xuất, hạn sử dụng, thành phần, "
        "thông tin cảnh báo, hướng dẫn sử dụng, bảo quản, tên và địa chỉ cơ sở"
    )
    assert reason.seen.en.partition(": ")[2] == (
        "origin, net quantity, dates, ingredients, "
        "warnings, use and storage, maker and address"
    )


@pytest.mark.parametrize(
    ("of_product", "of_packs", "lacking"),
    [
        pytest.param("", ["500 g", "1 kg"], "", id="known of each"),
        pytest.param("", ["500 g", ""], "net quantity of each pack", id="of one"),
        pytest.param(
            "500 g", ["", ""], "net quantity of each pack", id="of the product"
        ),
        pytest.param("500 g", [], "", id="no packs"),
        pytest.param("", ["", ""], "net quantity", id="of none"),
    ],
)
def test_a_net_quantity_is_needed_of_each_pack(
    of_product: str, of_packs: list[str], lacking: str, rules: Rules
) -> None:
    packs = tuple(
        make_variant(sku=f"SP-00001-{n}", pack=f"Gói {n}", net_quantity=said, gtin="")
        for n, said in enumerate(of_packs, start=1)
    )
    label = replace(LABEL, net_quantity=of_product)

    verdict = evaluate(
        make_product(label=label, variants=packs), make_producer(), AT, rules
    )

    told = [r.seen.en.partition(": ")[2] for r in verdict.reasons if r.code == "E06"]
    assert told == ([lacking] if lacking else [])


@pytest.mark.parametrize("lacking", ["address", "certified_address"])
def test_one_address_of_two_is_enough(lacking: str, rules: Rules) -> None:
    producer = make_producer(**{lacking: Address()})

    assert evaluate(make_product(), producer, AT, rules).reasons == ()


@pytest.mark.parametrize(
    ("differences", "found"),
    [
        pytest.param({"trace_url": ""}, [], id="GTIN only"),
        pytest.param({"variants": (make_variant(gtin=""),)}, [], id="page only"),
        pytest.param(
            {"trace_url": "", "variants": (make_variant(gtin=""),)},
            [("E07", "no_code", False)],
            id="neither",
        ),
        pytest.param(
            {"variants": (make_variant(), make_variant(gtin="2000000000016"))},
            [("E07", "bad_gtin", True)],
            id="wrong check digit",
        ),
        pytest.param(
            {"trace_url": "mau.example/1"}, [("E07", "bad_page", True)], id="no address"
        ),
        pytest.param(
            {"trace_url": "http://qn.check.net.vn/1"},
            [("E07", "bad_page", True)],
            id="not https",
        ),
        pytest.param(
            {"trace_url": "https://khac.example/1"},
            [("E07", "unknown_host", True)],
            id="unknown host",
        ),
        pytest.param(
            {
                "trace_url": "https://khac.example/1",
                "variants": (make_variant(gtin="2000000000016"),),
            },
            [("E07", "bad_gtin", True), ("E07", "unknown_host", True)],
            id="both",
        ),
    ],
)
def test_a_traceability_code_is_well_formed(
    differences: dict[str, object], found: list[tuple[str, str, bool]], rules: Rules
) -> None:
    product = make_product(certificates=(NEW,), **differences)

    verdict = evaluate(product, make_producer(), LATE, rules)

    assert remarks(verdict) == found
    assert verdict.standing is Standing.LISTED


def test_what_is_wrong_with_a_code_names_the_code(rules: Rules) -> None:
    product = make_product(
        certificates=(NEW,),
        trace_url="https://khac.example/1",
        variants=(
            make_variant(gtin="2000000000016"),
            make_variant(gtin="2000000000023"),
        ),
    )
    no_address = replace(product, trace_url="mau.example/1")

    seen = reasons_seen(product, LATE, rules)

    assert len(seen) == 3
    assert named("2000000000016", seen[0])
    assert named("2000000000023", seen[1])
    assert named("khac.example", seen[2])
    assert named("mau.example/1", reasons_seen(no_address, LATE, rules)[2])


def test_a_page_at_an_unknown_host_is_to_be_opened(rules: Rules) -> None:
    product = make_product(certificates=(NEW,), trace_url="https://khac.example/1")

    (reason,) = evaluate(product, make_producer(), LATE, rules).reasons

    assert named("https://khac.example/1", reason.todo)
    assert named("khac.example", reason.seen)


def test_what_is_alive_is_named_in_both_languages(rules: Rules) -> None:
    (alive,) = reasons_seen(make_product(set_code="V.1"), AT, rules)

    assert SETS["V.1"].name in alive.vi
    assert SETS["V.1"].name_en in alive.en


def test_a_service_of_two_stars_is_told_both(rules: Rules) -> None:
    certificates = (make_certificate(stars=1), make_certificate(stars=2))
    product = make_product(set_code="VI", certificates=certificates)

    service, few_stars = reasons_seen(product, AT, rules)

    assert "dịch vụ" in service.vi
    assert "2 sao" in few_stars.vi
    assert "2 stars" in few_stars.en


def test_an_unknown_set_hides_no_unknown_stars(rules: Rules) -> None:
    product = make_product(set_code="", certificates=())

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict)[:2] == [
        ("E00", "no_set", False),
        ("E00", "no_stars", False),
    ]


def test_which_hosts_are_known_is_a_setting() -> None:
    product = make_product(certificates=(NEW,), trace_url="https://Khac.example/1")

    verdict = evaluate(
        product, make_producer(), LATE, load_rules(trace_hosts=["KHAC.example"])
    )

    assert remarks(verdict) == []
    assert verdict.trace_page == "https://Khac.example/1"


@pytest.mark.parametrize("at", [AT, LATE], ids=["before E07 applied", "since"])
def test_a_page_at_an_unknown_host_is_never_shown(at: datetime, rules: Rules) -> None:
    product = make_product(trace_url="https://khac.example/1")

    assert evaluate(product, make_producer(), at, rules).trace_page == ""
    known = evaluate(make_product(), make_producer(), at, rules)
    assert known.trace_page == make_product().trace_url


@pytest.mark.parametrize(
    ("ready", "found"),
    [
        (NOT_SO, ("E10", "not_ready", True)),
        (UNATTESTED, ("E10", "not_asked", False)),
    ],
)
def test_a_seller_that_cannot_be_identified_is_warned_of_since_july_2026(
    ready: Attested, found: tuple[str, str, bool], rules: Rules
) -> None:
    producer = make_producer(identity_ready=ready)
    product = make_product(certificates=(NEW,))

    now = evaluate(product, producer, LATE, rules)
    before = evaluate(product, producer, datetime(2026, 6, 30, 5, tzinfo=UTC), rules)

    assert remarks(now) == [found]
    assert now.standing is Standing.LISTED
    assert before.reasons == ()


def test_a_verdict_tells_all_reasons_the_strongest_first(rules: Rules) -> None:
    product = make_product(
        certificates=(make_certificate(decided_on=date(2020, 1, 1)),),
        papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),),
        label=Label(),
        paused=True,
    )

    verdict = evaluate(product, make_producer(consent=UNATTESTED), AT, rules)

    assert [(each.code, each.known) for each in verdict.reasons] == [
        ("E04", True),
        ("E05", False),
        ("E11", False),
        ("E15", True),
        ("E02", True),
        ("E06", False),
    ]
    assert verdict.standing is Standing.NOT_LISTED
    assert verdict.decisive == verdict.reasons[0]


def test_what_is_known_decides_although_something_stronger_is_not(
    rules: Rules,
) -> None:
    product = make_product(certificates=(), paused=True)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [("E00", "no_stars", False), ("E15", "paused", True)]
    assert verdict.standing is Standing.NOT_LISTED
    assert verdict.decisive is not None
    assert verdict.decisive.code == "E15"


def test_of_one_outcome_the_known_reason_decides(rules: Rules) -> None:
    product = make_product(papers=(), paused=True)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert [each.code for each in verdict.reasons] == ["E04", "E05", "E15"]
    assert verdict.decisive == verdict.reasons[2]


@pytest.mark.parametrize(("code", "shown"), [("IX.9", "IX.9"), ("", "-")])
def test_a_set_that_is_not_known_is_shown(code: str, shown: str, rules: Rules) -> None:
    verdict = evaluate(make_product(set_code=code), make_producer(), AT, rules)

    assert f": {shown})" in verdict.reasons[0].seen.vi


def test_a_service_counts_as_certified(rules: Rules) -> None:
    verdict = evaluate(make_product(set_code="VI"), make_producer(), AT, rules)

    assert verdict.certified is Fact.YES
    assert verdict.standing is Standing.OUT_OF_SCOPE


def test_a_reason_says_what_was_seen_and_what_to_do_in_both_languages(
    rules: Rules,
) -> None:
    ended = make_paper(PaperKind.FOOD_SAFETY, expires_on=date(2024, 2, 9))
    product = make_product(papers=(ended, make_paper(PaperKind.DECLARATION)))

    (reason,) = evaluate(product, make_producer(), AT, rules).reasons

    assert "09/02/2024" in reason.seen.vi
    assert "an toàn thực phẩm" in reason.seen.vi
    assert "2024-02-09" in reason.seen.en
    assert "food-safety certificate" in reason.seen.en
    assert "HACCP" in reason.todo.vi
    assert str(reason.seen) == f"{reason.seen.vi} / {reason.seen.en}"


def test_reasons_are_equal_if_they_say_the_same(rules: Rules) -> None:
    again = load_rules()
    product = make_product(paused=True)

    first = evaluate(product, make_producer(), AT, rules)
    second = evaluate(product, make_producer(), AT, again)

    assert first == second
    assert first.reasons[0].outcome is Outcome.BLOCK
