"""Packs and codes that are stored twice and differ only in how they are typed.

They came in before such spellings counted as one. Nothing is merged by itself:
each has its SKU, its listings and its sales. A row that says one of them letter
by letter means that one; any other is asked about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.feed.identify.code_spelling import fold_pack
from catalog.feed.identify.identity import Identities
from catalog.feed.rows.table import Note
from catalog.model.product import Product

_SHOWN: Final = 5


@dataclass(slots=True)
class StoredSpellings:
    """The subjects of an import's rows that are stored twice.

    Attributes:
        packs: Products with packs that are the same, with those packs in words.
    """

    packs: dict[str, str] = field(default_factory=dict)

    def see(self, product: Product) -> None:
        """Take note of a known product."""
        if len(product.variants) < 2 or product.id in self.packs:  # noqa: PLR2004 (one is like no other)
            return
        folded = [fold_pack(each.pack) for each in product.variants]
        same = [
            f"{each.sku} “{each.pack}”"
            for each, pack in zip(product.variants, folded, strict=True)
            if folded.count(pack) > 1
        ]
        if same:
            self.packs[product.id] = ", ".join(same)

    def notes(self, known: Identities, named: set[str]) -> Iterator[Note]:
        """Report the duplicates among the stored subjects that the import names."""
        if self.packs:
            yield _note("quy cách", "packs", [*self.packs.values()])
        codes = [
            ", ".join(f"{id_} “{code}”" for id_, code in same)
            for same in known.codes_typed_alike()
            if not named.isdisjoint(id_ for id_, _ in same)
        ]
        if codes:
            yield _note("mã OCOP", "OCOP codes", codes)


def _note(vi: str, en: str, found: Sequence[str]) -> Note:
    more = f" … ({len(found)})" if len(found) > _SHOWN else ""
    some = "; ".join(found[:_SHOWN]) + more
    return Note(
        vi=f"đang lưu {vi} chỉ khác nhau dấu cách, dấu gạch hoặc chữ hoa, không tự gộp:"
        f" {some}. Dòng không ghi đúng như một trong số đó thì phải ghi SKU hoặc mã",
        en=f"{en} are stored that differ only in spaces, dashes or case, and are not"
        f" merged: {some}. A row that says none of them letter by letter has to give"
        " the SKU or the id",
    )
