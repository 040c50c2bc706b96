"""Rows that say something of a pack, and not of which.

Of a product with one pack they mean that one, whichever row comes first. Where the
file names several, a person says which.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from catalog.feed.compare.contradictions import WHOLE, Contradiction, Contradictions
from catalog.feed.compare.survey import RowStatement
from catalog.feed.headings.column import ColumnPart
from catalog.feed.identify.code_spelling import fold_pack
from catalog.feed.rows.reading import names_of
from catalog.model.product import Product

_SHOWN: Final = 5


def with_implied_packs(
    rows: Sequence[RowStatement], known: Product | None, found: Contradictions
) -> Iterator[RowStatement]:
    """Yield rows about one product, each with the pack that it means.

    The settled packs are noted in *found*, and the questions which pack is meant.
    """
    stored = () if known is None else known.variants
    said = [str(row.given["pack"]) for row in rows if "pack" in row.names]
    packs = {fold_pack(pack): pack for pack in sorted(said, key=_fullness)}
    packs |= {fold_pack(each.pack): each.pack for each in stored}
    silent = [row for row in rows if _is_silent(row)]
    if not silent or not packs or "" in packs:
        yield from rows
        return
    if len(packs) == 1:
        pack = next(iter(packs.values()))
        found.settle((row.where, "pack", pack) for row in silent)
        yield from (
            row.saying("pack", pack) if _is_silent(row) else row for row in rows
        )
        return
    found.add([_which(silent, sorted(packs.values()))])
    yield from (row for row in rows if not _is_silent(row))


def _is_silent(row: RowStatement) -> bool:
    given = row.given
    named = "sku" in given or "pack" in given
    return bool(names_of(given, ColumnPart.VARIANT)) and not named


def _fullness(pack: str) -> tuple[int, str]:
    return len(pack), pack


def _which(silent: Sequence[RowStatement], packs: Sequence[str]) -> Contradiction:
    """Return the question which of several packs rows are about."""
    more = "; …" if len(packs) > _SHOWN else ""
    some = "; ".join(packs[:_SHOWN]) + more
    return Contradiction(
        "pack",
        WHOLE,
        (tuple(sorted(row.where for row in silent)),),
        ask=(
            (
                f"sản phẩm có nhiều quy cách ({some}) mà dòng này không ghi quy"
                " cách nào: chưa nạp dòng này, hãy ghi [[pack]] hoặc [[sku]]"
            ),
            (
                f"the product has several packs ({some}) and the row does not say"
                " which: it is not taken, write [[pack]] or [[sku]]"
            ),
        ),
    )
