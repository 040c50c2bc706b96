"""Keep the sheet of a producer to its own products, and to the fields that are its own.

What is another producer's is not there for it: a row that names one is told the same as
a row about a product that nobody has. Stars, certificates, papers and the profile of
the producer are the department's to change, new products and packs as well.
"""

from collections.abc import Iterator
from typing import Final

from catalog.feed.headings.column import COLUMNS, COUNT_COLUMNS, ColumnPart
from catalog.feed.merge.ownership_guard import owner_of
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.rows.reading import RowError
from catalog.feed.write.to_rows import value_in
from catalog.model.ownership import Owner

_COUNTS: Final = COUNT_COLUMNS - {"reserved"}


def not_its_own() -> RowError:
    """Return the problem of a row about a product that is not among a producer's."""
    return RowError(
        column="",
        vi="không có sản phẩm này trong các sản phẩm của cơ sở: bảng của cơ sở chỉ sửa"
        " sản phẩm đã có của mình, ghi đúng [[product_id]] hoặc [[sku]]",
        en="there is no such product among those of the producer: its sheet changes its"
        " own products only, write their [[product_id]] or [[sku]]",
    )


def ensure_its_own(made: RowDraft) -> None:
    """Do nothing if a row changes only what is the producer's to change.

    Raises:
        RowError: It changes something else; the message names every column.
    """
    if made.variant is not None and made.known_variant is None:
        raise RowError(
            column="pack",
            vi="gói này chưa có trong danh mục: báo Sở để thêm gói mới",
            en="this pack is not in the catalog: ask the department to add a new one",
        )
    others = list(_changed_of_others(made))
    if others:
        named = ", ".join(f"[[{name}]]" for name in others)
        raise RowError(
            column=others[0],
            vi=f"chỉ Sở mới sửa được {named}: để trống, hoặc giữ như đang lưu",
            en=f"only the department changes {named}: leave it empty, or as it is",
        )


def _changed_of_others(made: RowDraft) -> Iterator[str]:
    """Yield the columns that change, and are not the producer's."""
    for name in sorted(made.given):
        column = COLUMNS[name]
        if name in _COUNTS or owner_of(column) is Owner.PRODUCER:
            continue
        if made.given[name] != _stored(made, name):
            yield name


def _stored(made: RowDraft, name: str) -> object:
    """Return what the catalog holds in a column; something else where it has none."""
    column, known = COLUMNS[name], made.known
    if column.part is ColumnPart.PRODUCER:
        owner: object = made.known_maker
    elif column.part is ColumnPart.VARIANT:
        owner = made.known_variant
    elif column.part is ColumnPart.CERTIFICATE:
        place = made.known_certificate
        if known is None or place is None:
            return ...
        owner = known.certificates[place]
    else:
        return ... if known is None else value_in(column, known)
    return ... if owner is None else column.value_of(owner)
