"""The invariants of every verdict, for any facts.

The facts are drawn from few days, so that ends, starts and revocations meet.
"""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.eligibility import Standing, Verdict, evaluate, load_rules
from catalog.model.certificate import Certificate, Evidence, YearMeans
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.gs1 import KNOWN_HOSTS
from catalog.model.paper import Paper, PaperKind
from catalog.model.producer import Producer
from catalog.model.product import Label, Picture, Product
from catalog.model.product_set import SETS
from catalog.values import replace
from tests.factories import make_producer, make_product

RULES = {
    name: load_rules(accept_published="p" in name, extend_rest_days="r" in name)
    for name in ("", "p", "r", "pr")
}
"""By the switches that are on: a drawn name is short to print."""

EXCEPTIONS = frozenset(
    {
        PaperKind.FOOD_SAFETY_EXEMPTION,
        PaperKind.QUALITY_SYSTEM,
        PaperKind.SUPPLEMENT_REGISTRATION,
        PaperKind.COSMETIC_NOTIFICATION,
    }
)
"""They count where they are attested; forgetting one may well block."""

days = st.dates(date(2019, 1, 1), date(2027, 12, 31))
instants = st.datetimes(
    datetime(2018, 1, 1),  # noqa: DTZ001  (made aware below)
    datetime(2028, 1, 1),  # noqa: DTZ001  (made aware below)
    timezones=st.just(UTC),
)
attested = st.sampled_from(Fact).map(lambda fact: Attested(value=fact))
certificates = st.builds(
    Certificate,
    stars=st.sampled_from([None, 2, 3, 4, 5]),
    evidence=st.sampled_from(Evidence),
    body=st.sampled_from(["", "huyện", "tỉnh", "trung ương"]),
    decided_on=st.none() | days,
    year=st.none() | st.integers(2018, 2026),
    year_means=st.sampled_from(YearMeans),
    revoked_by=st.sampled_from(["", "9/QĐ-MẪU"]),
    revoked_on=st.none() | days,
    revocation_proposed=st.booleans(),
)
papers = st.builds(
    Paper, kind=st.sampled_from(PaperKind), held=attested, expires_on=st.none() | days
)
products = st.builds(
    replace,
    st.just(make_product()),
    set_code=st.sampled_from(["", *SETS]),
    certificates=st.lists(certificates, max_size=3).map(tuple),
    papers=st.lists(papers, max_size=6).map(tuple),
    alcohol_percent=st.sampled_from([None, 29.5]),
    paused=st.booleans(),
)
producers = st.none() | st.builds(
    replace, st.just(make_producer()), consent=attested, identity_ready=attested
)
switches = st.sampled_from(tuple(RULES))


def essence(verdict: Verdict) -> object:
    """Return all of a verdict but when it changes."""
    return replace(verdict, changes_at=None)


@settings(max_examples=300, deadline=None)
@given(products, producers, instants, switches, st.lists(st.floats(0, 1), min_size=3))
def test_a_verdict_stands_until_the_instant_it_names(
    product: Product,
    producer: Producer | None,
    at: datetime,
    on: str,
    parts: list[float],
) -> None:
    verdict = evaluate(product, producer, at, RULES[on])
    until = verdict.changes_at or datetime(2060, 1, 1, tzinfo=UTC)
    last = until - timedelta(microseconds=1)

    assert until > at
    for later in (last, *(at + (last - at) * part for part in parts)):
        found = evaluate(product, producer, later, RULES[on])
        assert essence(found) == essence(verdict)
        assert found.changes_at == verdict.changes_at


PICTURES = tuple(Picture(url=url) for url in ("https://a.example/1", "http://10.0.0.1"))
PAGES = ("", "x", "https://b.example/2", f"https://{min(KNOWN_HOSTS)}/1")
described = st.builds(
    replace,
    products,
    pictures=st.lists(st.sampled_from(PICTURES), max_size=2).map(tuple),
    label=st.sampled_from([make_product().label, Label()]),
    trace_url=st.sampled_from(PAGES),
    undone_import=st.sampled_from([None, 7]),
)


@settings(max_examples=300, deadline=None)
@given(described, producers, instants, instants, switches)
def test_a_verdict_is_the_same_by_an_earlier_one(
    product: Product, producer: Producer | None, at: datetime, then: datetime, on: str
) -> None:
    earlier = evaluate(product, producer, then, RULES[on])

    found = evaluate(product, producer, at, RULES[on], earlier=earlier)

    assert found == evaluate(product, producer, at, RULES[on])


def forget(product: Product) -> Product:
    """Return *product* with all that is known against it unknown."""
    return replace(
        product,
        certificates=tuple(
            replace(each, decided_on=None, year=None, revoked_on=None, stars=4)
            for each in product.certificates
        ),
        papers=tuple(
            replace(each, held=UNATTESTED)
            for each in product.papers
            if each.held.value is not Fact.YES or each.expires_on
        ),
        paused=False,
    )


@settings(max_examples=300, deadline=None)
@given(products, instants, switches, st.booleans())
def test_what_is_unknown_takes_nothing_from_what_is_live(
    product: Product, at: datetime, on: str, has_producer: bool
) -> None:
    producer = make_producer(consent=UNATTESTED) if has_producer else None

    verdict = evaluate(forget(product), producer, at, RULES[on])

    assert verdict.standing in {Standing.UNKNOWN, Standing.OUT_OF_SCOPE}


def severity(verdict: Verdict) -> int:
    """Return how much is taken from what is live: 0 for nothing."""
    taken = [Standing.WITHOUT_CLAIM, Standing.NOT_LISTED, Standing.OUT_OF_SCOPE]
    return taken.index(verdict.standing) + 1 if verdict.standing in taken else 0


def forget_one(product: Product, which: int) -> Product:
    """Return *product* without one fact, picked by *which*."""
    certificates = list(product.certificates)
    kept = [paper for paper in product.papers if paper.kind in EXCEPTIONS]
    simple = [
        replace(product, set_code=""),
        replace(product, alcohol_percent=None),
        replace(product, papers=tuple(kept)),
    ]
    for place, each in enumerate(certificates):
        for less in (
            replace(each, decided_on=None, year=None),
            # What was revoked had been granted, whether its stars are stated or not.
            replace(each, stars=each.stars if each.revoked_on else None),
            replace(
                each, revoked_on=None, revoked_by="9/QĐ" if each.revoked_on else ""
            ),
        ):
            others = certificates[:place] + certificates[place + 1 :]
            simple.append(replace(product, certificates=(*others, less)))
    return simple[which % len(simple)]


@settings(max_examples=500, deadline=None)
@given(products, instants, switches, st.integers(0, 100))
def test_to_forget_a_fact_never_withdraws_a_product_or_its_claim(
    product: Product, at: datetime, on: str, which: int
) -> None:
    before = evaluate(product, make_producer(), at, RULES[on])
    after = evaluate(forget_one(product, which), make_producer(), at, RULES[on])

    assert severity(after) <= severity(before)


@settings(max_examples=300, deadline=None)
@given(products, instants, switches)
def test_the_order_of_certificates_and_papers_does_not_matter(
    product: Product, at: datetime, on: str
) -> None:
    turned = replace(
        product, certificates=product.certificates[::-1], papers=product.papers[::-1]
    )

    one = evaluate(product, make_producer(), at, RULES[on])
    other = evaluate(turned, make_producer(), at, RULES[on])

    assert (one.standing, one.certified, one.stars) == (
        other.standing,
        other.certified,
        other.stars,
    )
    assert one.changes_at == other.changes_at
    assert [(each.code, each.known) for each in one.reasons] == [
        (each.code, each.known) for each in other.reasons
    ]


@settings(max_examples=300, deadline=None)
@given(products, producers, instants, switches)
def test_stars_are_shown_only_where_a_certificate_surely_gives_them(
    product: Product, producer: Producer | None, at: datetime, on: str
) -> None:
    verdict = evaluate(product, producer, at, RULES[on])

    certificate = verdict.certificate
    assert (certificate is not None) is (verdict.certified is Fact.YES)
    assert verdict.stars == (certificate.stars if certificate else None)
    if verdict.standing is Standing.LISTED:
        assert certificate in product.certificates
        assert verdict.stars in {3, 4, 5}


@settings(max_examples=300, deadline=None)
@given(products, producers, instants, switches)
def test_every_reason_can_be_read(
    product: Product, producer: Producer | None, at: datetime, on: str
) -> None:
    verdict = evaluate(product, producer, at, RULES[on])

    for reason in verdict.reasons:
        for text in (reason.seen, reason.todo):
            assert text.vi
            assert text.en
            assert "{" not in text.vi + text.en
    assert (verdict.decisive is None) is (verdict.standing is Standing.LISTED)
