"""Turn rows into values.

Which rows are read is said in `catalog.db.reader`; the other way is in
`catalog.db.to_rows`. Equal papers, certificates and producers of one page share
one object: they are frozen, and a province attests them by the hundred.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.db.tables import DERIVED, certificate, product, variant
from catalog.model.certificate import Certificate, Evidence, YearMeans
from catalog.model.effect import Effect, EffectKind
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.producer import Address, Producer, ProducerKind
from catalog.model.product import Label, Picture, Product, Size, StockPolicy, Variant

Row = Sequence[Any]
"""A row as it was read: values in the order of the table."""

# Looking a member up by its value is several times faster than calling the
# enumeration, and this is done for every row of the catalog.
_FACTS = {fact.value: fact for fact in Fact}
_KINDS = {kind.value: kind for kind in PaperKind}
_PRODUCER_KINDS = {kind.value: kind for kind in ProducerKind}
_EVIDENCE = {evidence.value: evidence for evidence in Evidence}
_YEAR_MEANS = {means.value: means for means in YearMeans}
_POLICIES = {policy.value: policy for policy in StockPolicy}
_EFFECTS = {kind.value: kind for kind in EffectKind}
_NO_ADDRESS = Address()
_OF_PRODUCT = tuple(c.name for c in product.columns if c.name not in DERIVED)
_OF_LABEL = tuple((f"label_{name}", name) for name in Label.__struct_fields__)
_OF_CERTIFICATE = tuple(c.name for c in certificate.columns)[2:]
_OF_VARIANT = (*(column.name for column in variant.columns), "sold", "adjusted")
"""Names of what is read: columns are called as fields are, but for those of a label."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows that belong to some products, already values, by product id."""

    variants: Mapping[str, Sequence[Variant]]
    certificates: Mapping[str, Sequence[Certificate]]
    papers: Mapping[str, Sequence[Paper]]
    effects: Mapping[str, Sequence[Effect]]


@dataclass(slots=True)
class Producers:
    """Producers by id, kept from page to page as long as their rows are equal."""

    _known: dict[str, tuple[Row, Producer]] = field(default_factory=dict)

    def take(self, rows: Iterable[Row]) -> dict[str, Producer]:
        """Return the producers of *rows* by id."""
        return {row[0]: self._one(row) for row in rows}

    def _one(self, row: Row) -> Producer:
        facts = tuple(row)
        known = self._known.get(facts[0])
        if known is not None and known[0] == facts:
            return known[1]
        made = producer_of(facts)
        self._known[facts[0]] = (facts, made)
        return made


def producer_of(row: Row) -> Producer:
    """Return the producer of a row of the table `producer`."""
    (id_, name, kind, *places, consent, consent_by, consent_on) = row[:12]
    return Producer(
        id=id_,
        name=name,
        kind=_PRODUCER_KINDS[kind],
        certified_address=_address(*places[:3]),
        address=_address(*places[3:]),
        consent=_attested(consent, consent_by, consent_on),
        identity_ready=_attested(*row[12:]),
    )


def _address(text: str, old_code: str, code: str) -> Address:
    if not (text or old_code or code):
        return _NO_ADDRESS
    return Address(text=text, old_commune_code=old_code, commune_code=code)


def _attested(value: str, by: str, on: Any) -> Attested:
    fact = _FACTS[value]
    if fact is Fact.UNKNOWN and not by and on is None:
        return UNATTESTED
    return Attested(value=fact, by=by, on=on)


def variants_of(rows: Iterable[Row]) -> dict[str, list[Variant]]:
    """Return variants by product, in the order of *rows*."""
    found: defaultdict[str, list[Variant]] = defaultdict(list)
    for row in rows:
        values = dict(zip(_OF_VARIANT, row, strict=True))
        product_id = values.pop("product_id")
        found[product_id].append(Variant(**values))
    return found


def certificates_of(rows: Iterable[Row]) -> dict[str, list[Certificate]]:
    """Return certificates by product, in the order of *rows*."""
    found: defaultdict[str, list[Certificate]] = defaultdict(list)
    shared: dict[Row, Certificate] = {}
    for row in rows:
        facts = row[2:]  # without the product and its number
        made = shared.get(facts)
        if made is None:
            made = shared[facts] = certificate_of(facts)
        found[row[0]].append(made)
    return found


def certificate_of(facts: Row) -> Certificate:
    """Return the certificate of a row without the product and its number."""
    values = dict(zip(_OF_CERTIFICATE, facts, strict=True))
    evidence, means = values.pop("evidence"), values.pop("year_means")
    return Certificate(
        evidence=_EVIDENCE[evidence], year_means=_YEAR_MEANS[means], **values
    )


def papers_of(rows: Iterable[Row]) -> dict[str, list[Paper]]:
    """Return papers by product, in the order of *rows*."""
    found: defaultdict[str, list[Paper]] = defaultdict(list)
    shared: dict[Row, Paper] = {}
    for row in rows:
        facts = row[1:]
        made = shared.get(facts)
        if made is None:
            kind, value, by, on, expires_on, number, issued_on = facts
            made = Paper(
                kind=_KINDS[kind],
                held=_attested(value, by, on),
                # A change of before there were numbers, undone, holds none.
                number=number or "",
                issued_on=issued_on,
                expires_on=expires_on,
            )
            shared[facts] = made
        found[row[0]].append(made)
    return found


def effects_of(rows: Iterable[Row]) -> dict[str, list[Effect]]:
    """Return the effects of imports on buyers, by product."""
    found: defaultdict[str, list[Effect]] = defaultdict(list)
    for product_id, kind, key, import_id, confirmed_in in rows:
        effect = Effect(_EFFECTS[kind], key, import_id, confirmed_in is not None)
        found[product_id].append(effect)
    return found


def products_of(rows: Iterable[Row], parts: Parts) -> list[Product]:
    """Return the products of *rows*, each with its parts, in their order."""
    return [_product(row, parts) for row in rows]


def _product(row: Row, parts: Parts) -> Product:
    values = dict(zip(_OF_PRODUCT, row, strict=True))
    id_, pictures, pop = values["id"], values.pop("pictures"), values.pop
    label = Label(**{name: pop(column) for column, name in _OF_LABEL})
    return Product(
        certificates=tuple(parts.certificates.get(id_, ())),
        papers=tuple(parts.papers.get(id_, ())),
        label=label,
        pictures=_pictures(pictures) if pictures else (),
        variants=tuple(parts.variants.get(id_, ())),
        stock_policy=_POLICIES[values.pop("stock_policy")],
        effects=tuple(parts.effects.get(id_, ())),
        **values,
    )


def _pictures(lines: str) -> tuple[Picture, ...]:
    return tuple(
        [
            Picture(url=url, shows_ocop_mark=_FACTS[mark], size=_size(size))
            for mark, size, url in [line.split(" ", 2) for line in lines.split("\n")]
        ]
    )


def _size(text: str) -> Size | None:
    if text == "-":
        return None
    width, height = text.split("x")
    return Size(int(width), int(height))
