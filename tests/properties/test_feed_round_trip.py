"""A catalog that is exported and imported into an empty one is the same."""

import asyncio
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.db.reader import current_revision, pages
from catalog.db.writer import in_order
from catalog.feed.cells.cell import no_words
from catalog.feed.cells.stamp import Stamp
from catalog.feed.cells.value_words import read_body
from catalog.feed.headings.error_values import fault_of
from catalog.feed.identify.recognition import Doubt, Near, recognise
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.rows.reading import RowError
from catalog.feed.write.csv_feed import write_csv
from catalog.feed.write.json_feed import write_json
from catalog.feed.write.xlsx_feed import XlsxFeed
from catalog.imports.import_feed import import_feed
from catalog.model.certificate import Certificate, Evidence, YearMeans
from catalog.model.fact import Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.producer import Address, Producer, ProducerKind
from catalog.model.product import (
    Entry,
    Label,
    Picture,
    Product,
    Size,
    StockPolicy,
    Variant,
)
from catalog.model.product_set import SETS
from catalog.places.commune import load_communes
from catalog.queries.export import export_as
from catalog.spreadsheet.writing import write_workbook
from catalog.text import clean, clean_lines
from catalog.values import replace
from tests.catalog_database import NOW, open_catalog

COMMUNES = load_communes()

# Letters that bite: accents in two encodings, quotes, separators, formulas.
AWKWARD = st.sampled_from("aăâđ=+-@'\"\t\n\r;,\u0300\u00a0ẹ5 \u200b")
LETTERS = st.text(AWKWARD | st.characters()) | st.sampled_from(
    [
        "XÓA",
        "'xoa",
        "''Clear",
        "XÓA hết",
        "Bộ",
    ]  # look like words of `catalog.feed.headings.cell_commands`
)


def is_said(text: str) -> bool:
    """Say whether an import takes *text*: 0 and #NULL! are nothing that is said."""
    return (
        len(text) <= 100
        and no_words(text) is None
        and fault_of("name", text, None) is None
    )


line = LETTERS.map(clean).filter(is_said)
lines = LETTERS.map(clean_lines).filter(is_said)
name = line.filter(bool)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
counts = st.integers(0, 1_000_000_000)
facts = st.sampled_from(Fact)
attested = st.builds(Attested, value=facts, by=line, on=st.none() | days)
urls = st.integers(0, 99).map("https://mau.example/{}.jpg?a=b,c".format)
# An old commune and a present one agree, and a split one leaves nothing to be asked.
communes = st.sampled_from(
    [
        ("", ""),
        *(("", code) for code in COMMUNES.present),
        *((old, "") for old, new in COMMUNES.successors.items() if len(new) == 1),
        *((old, each) for old, new in COMMUNES.successors.items() for each in new),
    ]
)
addresses = st.builds(
    lambda text, codes: Address(
        text=text, old_commune_code=codes[0], commune_code=codes[1]
    ),
    line,
    communes,
)
papers = st.builds(
    Paper,
    kind=st.sampled_from(PaperKind),
    held=attested,
    number=st.sampled_from(["", "12/2024/ATTP", "01/CS Mẫu/2026"]),
    issued_on=st.none() | days,
    expires_on=st.none() | days,
)
# Who decided is held as it is read: "Bộ" is the centre, however it is written.
bodies = line.map(lambda said: read_body(said) or "")
# What is no number is never held as one.
numbers = st.sampled_from(["", "1/QĐ", "2/QĐ", "12/2021/qd-mẫu"])


def settled(each: Certificate) -> Certificate:
    """Return a certificate as an import leaves it, with nothing to be asked.

    Less than a whole decision is published; who took a decision is asked.
    """
    if each.lacks == ("body",):
        return replace(each, body="tỉnh")
    return replace(each, evidence=Evidence.PUBLISHED) if each.lacks else each


voids = st.fixed_dictionaries(
    {"voided_by": name, "voided_on": days, "void_reason": name}
)
granted = st.builds(
    Certificate,
    stars=st.none() | st.integers(1, 5),
    evidence=st.sampled_from(Evidence),
    decision=numbers,
    body=bodies,
    decided_on=st.none() | days,
    year=st.none() | st.integers(2000, 2100),
    year_means=st.sampled_from(YearMeans),
    revoked_by=numbers,
    revoked_on=st.none() | days,
    revocation_proposed=st.booleans(),
    potential_5=st.booleans(),
    source=line,
).map(settled)
certificates = st.builds(
    lambda certificate, void: replace(certificate, **void),
    granted,
    st.just({}) | voids,
)
instants = st.datetimes(datetime(2020, 1, 1), NOW.replace(tzinfo=None))  # noqa: DTZ001 (given a zone by the next line)
counted = st.tuples(counts, instants.map(lambda at: at.replace(tzinfo=UTC)))
sizes = st.builds(Size, st.integers(1, 99_999), st.integers(1, 99_999))
pictures = st.builds(Picture, url=urls, shows_ocop_mark=facts, size=st.none() | sizes)

# Each is made once: a strategy that is made for a draw is looked through for it anew.
maybe_counted = st.none() | counted
maybe_days = st.none() | days
prices = st.none() | st.integers(1_000, 9_999_999_999)
gtins = st.sampled_from(["", "2000000000015", "96385074"])
weights = st.none() | st.integers(1, 10_000_000)
some_certificates = st.lists(certificates, max_size=4)
some_papers = st.lists(papers, max_size=3, unique_by=lambda p: p.kind)
some_pictures = st.lists(pictures, max_size=3, unique_by=lambda p: p.url)
numbers_of_packs = st.integers(0, 12)
set_codes = st.sampled_from(["", *SETS])
alcohol = st.none() | st.integers(0, 10_000).map(lambda n: n / 100)
trace_urls = st.sampled_from(["", "http://mau.example/?q='=1"])
policies = st.sampled_from(StockPolicy)
kinds = st.sampled_from(ProducerKind)
yes_or_no = st.booleans()
numbers_of_makers, numbers_of_products = st.integers(1, 3), st.integers(1, 4)


@st.composite
def variants(draw: st.DrawFn, sku: str) -> Variant:
    """Draw a variant."""
    on_hand, counted_at = draw(maybe_counted) or (None, None)
    return Variant(
        sku=sku,
        pack=draw(line),
        price_vnd=draw(prices),
        on_hand=on_hand,
        counted_at=counted_at,
        reserved=draw(counts),
        buffer=draw(counts),
        gtin=draw(gtins),
        weight_g=draw(weights),
        net_quantity=draw(lines),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[Certificate, ...]:
    """Draw certificates of which no two are the same recognition.

    Some are nearly the same, such as a number in two years.
    """
    found: list[Certificate] = []
    for each in draw(some_certificates):
        said = {
            "decision": each.decision,
            "body": each.body,
            "decided_on": each.decided_on,
            "year": each.year,
            "voided_by": each.voided_by,
        }
        try:
            same = recognise(found, {k: v for k, v in said.items() if v})
        except RowError:  # it could be several of them
            continue
        voided = isinstance(same, Doubt) and same.near is Near.VOIDED
        if not (isinstance(same, int) or voided):
            found.append(each)
    return tuple(found)


@st.composite
def products(draw: st.DrawFn, number: int, makers: list[Producer]) -> Entry:
    """Draw a product with one of *makers*, or none."""
    id_ = f"SP-{number:05d}"
    maker = draw(st.sampled_from([None, *makers]))
    skus = [f"{id_}-{n}" for n in range(1, draw(numbers_of_packs) + 1)]
    item = Product(
        id=id_,
        name=draw(name),
        producer_id=None if maker is None else maker.id,
        set_code=draw(set_codes),
        ocop_code=draw(st.sampled_from(["", f"QN-{number}"])),
        certificates=draw(histories()),
        papers=tuple(draw(some_papers)),
        label=Label(**{field: draw(lines) for field in Label.__struct_fields__}),
        alcohol_percent=draw(alcohol),
        description=draw(lines),
        pictures=tuple(draw(some_pictures)),
        trace_url=draw(trace_urls),
        variants=tuple(draw(variants(sku)) for sku in skus),
        stock_policy=draw(policies),
        paused=draw(yes_or_no),
        source=draw(line),
        not_in_source_since=draw(maybe_days),
    )
    return in_order(item), maker


@st.composite
def catalogs(draw: st.DrawFn) -> list[Entry]:
    """Draw a small catalog."""
    makers = [
        Producer(
            id=f"CS-{number:04d}",
            name=draw(name),
            kind=draw(kinds),
            certified_address=draw(addresses),
            address=draw(addresses),
            consent=draw(attested),
            identity_ready=draw(attested),
        )
        for number in range(1, draw(numbers_of_makers))
    ]
    return [draw(products(n, makers)) for n in range(1, draw(numbers_of_products) + 1)]


def read_and_again(content: bytes, form: str) -> dict[str, Any]:
    """Import a file twice into an empty catalog and return what came of it.

    An export in the same *form* is part of that.
    """

    async def run() -> dict[str, Any]:
        async with open_catalog() as conn:
            feed, second = (open_feed(io.BytesIO(content)) for _ in range(2))
            report = await import_feed(conn, feed.rows, now=NOW, source="mẫu")
            revision = await current_revision(conn)
            again = await import_feed(conn, second.rows, now=NOW, source="mẫu")
            found = [entry async for page in pages(conn) for entry in page]
            export = io.BytesIO()
            await export_as(conn, f".{form}", export, Stamp(NOW))
            return {
                "problems": [*feed.problems, *report.problems, *again.problems],
                "stamp": feed.stamp,
                "entries": [(replace(p, revision=0), maker) for p, maker in found],
                "moved": await current_revision(conn) - revision,
                "export": export.getvalue(),
            }

    return asyncio.run(run())


def to_csv(entries: list[Entry], stream: BinaryIO) -> None:
    """Write *entries* as CSV."""
    write_csv(entries, stream, stamp=Stamp(NOW))


def to_json(entries: list[Entry], stream: BinaryIO) -> None:
    """Write *entries* as JSON."""
    write_json(entries, stream, stamp=Stamp(NOW))


def to_xlsx(entries: list[Entry], stream: BinaryIO) -> None:
    """Write *entries* as a workbook."""
    with write_workbook(stream) as writer:
        XlsxFeed(writer, stamp=Stamp(NOW)).write(entries)


def has_undated_revocation(entries: list[Entry]) -> bool:
    """Say whether a revoking decision lacks its day: of many such rows is asked."""
    return any(
        each.revoked_by and each.revoked_on is None
        for item, _ in entries
        for each in item.certificates
    )


def cells_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a feed; a workbook also holds when it was written."""
    return [dict(row.cells) for row in open_feed(io.BytesIO(content)).rows]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("write", "form"),
    [
        pytest.param(to_csv, "csv", id="csv"),
        pytest.param(to_json, "json", id="json"),
        pytest.param(to_xlsx, "xlsx", id="xlsx"),
    ],
)
@settings(max_examples=40, deadline=None)
@given(entries=catalogs())
def test_nothing_is_lost_on_the_way_out_and_in_again(
    write: Callable[[list[Entry], BinaryIO], None],
    form: str,
    entries: list[Entry],
) -> None:
    stream = io.BytesIO()
    write(entries, stream)

    came = read_and_again(stream.getvalue(), form)

    asked = {"revoked_by"} if has_undated_revocation(entries) else set()
    assert [each for each in came["problems"] if each.column not in asked] == []
    assert came["entries"] == entries
    assert came["moved"] == 0
    assert came["stamp"] == NOW
    written, export = stream.getvalue(), came["export"]
    if form == "xlsx":
        assert cells_of(export) == cells_of(written)
    else:
        assert export == written
