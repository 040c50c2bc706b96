"""Read all rows of a file before any is imported, and find contradictions.

The comparison itself is decided in `catalog.feed.compare.survey` and
`catalog.feed.compare.disagreements`. Here are the queries that they need: only
products of which several rows speak are loaded.
"""

from collections import defaultdict
from collections.abc import (
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.db.reader import get
from catalog.feed.compare.certificates import compare_certificates
from catalog.feed.compare.contradictions import Contradictions
from catalog.feed.compare.disagreements import (
    WHO,
    code_disagree,
    maker_disagree,
    names_disagree,
    pack_disagree,
    product_disagree,
    spelled_alike,
    who_disagree,
)
from catalog.feed.compare.implied_pack import with_implied_packs
from catalog.feed.compare.stated_form import answered_forms
from catalog.feed.compare.survey import Laid, RowStatement, Survey, loaded
from catalog.feed.headings.column import ColumnPart
from catalog.feed.identify.code_spelling import fold_code, fold_pack
from catalog.feed.identify.identity import Identities, fold_maker
from catalog.feed.identify.pack import find_variant
from catalog.feed.rows.reading import Reading, RowError, fold, names_of
from catalog.model.product import Product
from catalog.progress import Count, no_progress
from catalog.turns import in_turns

_TOLD = 250
"""So many rows are told of at once."""
_NAMES = {"name": fold, "ocop_code": fold_code}
"""Names of a product, with how they are compared."""


async def find_contradictions(
    conn: AsyncConnection,
    rows: Iterable[Reading],
    identities: Identities,
    progress: Count = no_progress,
) -> Contradictions:
    """Return the contradictions between *rows*."""
    seen = await _read(rows, identities, progress)
    found = Contradictions()
    products = seen.products()
    # Rows with one code first: the remaining ones fit to the code.
    await _compare_names(found, seen, seen.codes)
    for some in seen.codes_of_several():
        found.add(code_disagree([s for s in some if not found.whole(s.where)]))
    await _compare_names(found, seen, products)
    seen.join_names(found.whole)
    shared = {id_: some for id_, some in products.items() if len(some) > 1}
    async for id_ in in_turns([each for each in shared if each not in identities]):
        rows_of = loaded(shared[id_], _NAMES)
        for column, same in _NAMES.items():
            found.settle(spelled_alike(rows_of, column, same))
    for ids in chunks(sorted(shared)):
        known = await get(conn, [id_ for id_ in ids if id_ in identities])
        async for id_ in in_turns(ids):
            item = known[id_][0] if id_ in known else None
            _compare(found, _remaining(found, shared[id_]), item)
    async for id_, theirs in in_turns(seen.makers().items()):
        _compare_makers(found, seen, id_, theirs)
    # Last: such a row contradicts others all the same, as it does once they are stored
    # and it is asked by itself which of them it means.
    found.add(names_disagree(seen))
    return found


async def _compare_names(
    found: Contradictions, seen: Survey, products: Mapping[str, Sequence[Laid]]
) -> None:
    several = ((id_, some) for id_, some in products.items() if len(some) > 1)
    async for id_, some in in_turns(several):
        others, known = _remaining(found, some, WHO), id_ in seen.identities
        found.add(who_disagree(others, seen.maker_of, known=known))


async def _read(
    rows: Iterable[Reading], identities: Identities, progress: Count
) -> Survey:
    """Read all rows; other tasks go on meanwhile."""
    seen = Survey(identities)
    read = 0
    async for row, given, problems in in_turns(rows):
        other = row.other_province and not identities.knows_by_id(given)
        if given and not (problems or other):  # else it is left out for them
            seen.add(row, given)
        read += 1
        if read % _TOLD == 0:
            progress(_TOLD)
    progress(read % _TOLD)
    return seen


def _compare_makers(
    found: Contradictions, seen: Survey, id_: str, laid: Sequence[Laid]
) -> None:
    known = id_ in seen.identities.makers
    rows = loaded(laid)
    others = [row for row in rows if not found.whole(row.where)]
    found.add(maker_disagree(others, known=known))
    found.settle(answered_forms(rows))
    if not known:
        found.settle(spelled_alike(rows, "producer_name", fold_maker))


def _remaining(
    found: Contradictions, rows: Sequence[Laid], columns: Collection[str] | None = None
) -> list[RowStatement]:
    return loaded((row for row in rows if not found.whole(row.where)), columns)


def _compare(
    found: Contradictions, rows: Sequence[RowStatement], known: Product | None
) -> None:
    rows = list(with_implied_packs(rows, known, found))
    found.add(product_disagree(rows))
    for same, is_new in _by_pack(rows, known):
        found.add(pack_disagree(same))
        if is_new:
            found.settle(spelled_alike(same, "pack", fold_pack))
    history = () if known is None else known.certificates
    others = [row for row in rows if not found.whole(row.where)]
    compare_certificates(others, history, found)


def _by_pack(
    rows: Iterable[RowStatement], known: Product | None
) -> Iterator[tuple[list[RowStatement], bool]]:
    found: defaultdict[str, list[RowStatement]] = defaultdict(list)
    skus: dict[str, str] = {}
    for row in rows:
        given = row.given
        if not names_of(given, ColumnPart.VARIANT):
            continue
        pack = fold_pack(str(given.get("pack", "")))
        try:
            variant = None if known is None else find_variant(known, given)
        except RowError:
            continue  # it is asked about by itself
        sku = str(given.get("sku", "")) if variant is None else variant.sku
        if sku and "pack" in given:
            skus.setdefault(pack, sku)
        found[sku or f"pack {pack}"].append(row)
    for pack, sku in skus.items():
        found[sku] += found.pop(f"pack {pack}", [])
    stored = {each.sku for each in known.variants} if known else set()
    yield from ((same, key not in stored) for key, same in found.items())
