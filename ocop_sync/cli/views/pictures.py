"""The pictures of a product, to people."""

from typing import Final

from catalog.commands.pictures import SHORTEST_ID, ProductPicture, ProductPictures
from catalog.model.fact import Fact
from ocop_sync.cli.views.tables import console, plain, rows_table

_COLUMNS: Final = (
    "thứ tự\nplace",
    "mã ảnh, địa chỉ\nid, address",
    "cỡ\nsize",
    "dấu OCOP\nOCOP mark",
)
_MARKS: Final = {
    Fact.YES: "có / yes",
    Fact.NO: "không / no",
    Fact.UNKNOWN: "chưa rõ / unknown",
}


def show_pictures(found: ProductPictures) -> None:
    """Show the pictures of a product, the leading one first."""
    title = f"{plain(found.product_id)} {plain(found.name)}"
    table = rows_table(title, _COLUMNS)
    for each in found.pictures:
        table.add_row(
            str(each.place),
            plain(_named(each)),
            str(each.size or "?"),
            _MARKS[each.shows_ocop_mark],
        )
    console().print(table)


def _named(picture: ProductPicture) -> str:
    return f"{picture.id[: SHORTEST_ID + 4]}\n{picture.url}"
