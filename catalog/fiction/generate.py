"""Make up a catalog: plainly fictitious products with every trouble there is.

For trying the service out and for measuring it. Names, producers, decisions and papers
are marked "mẫu" and no row is real; the real products that ship are in
`catalog/data/quang_ninh_public.csv`. The troubles, and their shares, are decided in
`catalog.fiction.trouble`.
"""

from collections.abc import Iterator
from datetime import date
from random import Random

from catalog.fiction.chance import chance
from catalog.fiction.evidence import SOURCE, make_certificates, make_papers
from catalog.fiction.kind import FictionKind, choose_kind, name_of
from catalog.fiction.maker import Makers
from catalog.fiction.offer import describe, make_label, make_pictures, make_variants
from catalog.fiction.trouble import Trouble, troubles
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product, StockPolicy
from catalog.model.product_set import SETS
from catalog.places.commune import Communes, load_communes
from catalog.values import replace

TRACE_HOST = "truyxuat.example"
"""Where the traceability pages would be, if they were any."""


def generate(
    *,
    count: int,
    seed: int,
    today: date,
    producers: int | None = None,
    communes: Communes | None = None,
    settled: bool = False,
    trace_host: str = TRACE_HOST,
) -> Iterator[Entry]:
    """Yield *count* made-up products, each with its producer.

    A stream: nothing of it is kept. The same arguments give the same entries, and a
    smaller *count* gives the first of them. Dates follow *today*, so that past terms
    stay past, and near ends stay near.

    Args:
        count: How many products.
        seed: Any number; another one gives other products.
        today: The day, in Vietnam, around which all dates lie.
        producers: How many producers there are at most; about four for five
            products if None. Below 215 some troubles of producers may be
            missing.
        communes: Those of the province where all this is; Quảng Ninh's if None.
        settled: A person has already said which new commune each split one is, so that
            an import has nothing to ask.
        trace_host: Where traceability pages are; "" for none.
    """
    makers = Makers(seed, producers, communes or load_communes(), settled=settled)
    for index, trouble in enumerate(troubles(count=count, seed=seed)):
        number = makers.of_product(index)
        producer = None if number is None else makers.make(number, today)
        product = _make_product(index, trouble, makers, today, producer)
        page = f"https://{trace_host}/mau/{product.id}" if trace_host else ""
        yield replace(product, trace_url=page), producer


def _make_product(
    index: int, trouble: Trouble, makers: Makers, today: date, producer: Producer | None
) -> Product:
    seed, province = makers.seed, makers.communes.province_name
    random = chance(seed, index)
    kind, name = _what_it_is(index, trouble, seed)
    certificates = make_certificates(trouble, today, random)
    id_ = f"MAU-{index + 1:05}"
    variants = make_variants(trouble, kind, id_, today, random)
    return Product(
        id=id_,
        name=name,
        producer_id=producer.id if producer else None,
        set_code=kind.set_code,
        certificates=certificates,
        papers=make_papers(trouble, kind.set_code, today, random),
        label=make_label(trouble, province),
        alcohol_percent=_strength(trouble, kind, random),
        description=describe(trouble, name, kind.set_code, certificates[-1], random),
        pictures=make_pictures(trouble, id_, random),
        variants=variants,
        stock_policy=random.choices(tuple(StockPolicy), (95, 5))[0],
        paused=trouble is Trouble.PAUSED,
        source=SOURCE,
    )


def _what_it_is(index: int, trouble: Trouble, seed: int) -> tuple[FictionKind, str]:
    """Return the kind and name of a product; a twin's are those of its namesake."""
    if trouble is Trouble.TWIN:
        return _what_it_is(index - 1, Trouble.NONE, seed)
    kind, noun = choose_kind(trouble, chance(seed, index, "kind"))
    return kind, name_of(noun, index + 1, trouble)


def _strength(trouble: Trouble, kind: FictionKind, random: Random) -> float | None:
    """Return the strength of an alcoholic drink, in percent by volume."""
    if not SETS[kind.set_code].alcohol or trouble is Trouble.ALCOHOL_STRENGTH_UNKNOWN:
        return None
    return random.randrange(10, 90) / 2
