"""Notes on a file as a whole: its source, and the meaning of its ids.

A product's id is its reference at the marketplaces. Where a database was lost, a sheet
without ids numbers products anew, and listings that are there would become other
products': only an export brings back the ids that they had.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.sources import Basis, Origin
from catalog.feed.rows.open_feed import Feed
from catalog.feed.rows.table import Note
from catalog.imports.import_report import ImportReport

_ID: Final = "product_id"
_WARNING: Final = Note(
    vi="danh mục đang trống, và tệp không có mã sản phẩm: sản phẩm được đánh số mới."
    " Nếu đã từng đăng bán từ một cơ sở dữ liệu khác thì đừng đồng bộ: tin trên sàn"
    " mang mã cũ, hãy nạp bản xuất (`ocop-sync export TỆP.csv`) của nó",
    en="the catalog is empty and the file has no ids of products: they are numbered"
    " anew. If anything was listed from another database before, do not sync: listings"
    " carry the ids of then; import an export of that one instead",
)


async def first_import_notes(conn: AsyncConnection, feed: Feed) -> Sequence[Note]:
    """Return the notes before *feed* is imported, as long as nothing ever was."""
    if any(_ID in table.places for table in feed.tables):
        return ()
    return () if await reader.current_revision(conn) else (_WARNING,)


def origin_notes(
    origin: Origin, report: ImportReport, stamped: str = ""
) -> Sequence[Note]:
    """Say of which source a file was taken to be, where nobody has typed just that.

    *stamped* is the source that the file itself names, or "".
    """
    name = origin.name
    if stamped not in {"", name}:
        return [
            Note(
                vi=f"dấu xuất trong tệp ghi nguồn “{stamped}”, nhưng nạp là “{name}”"
                " như đã ghi sau --source",
                en=f"the file's stamp says “{stamped}”, but it was taken for “{name}”,"
                " as --source says",
            )
        ]
    if origin.basis is Basis.STAMP:
        return [
            Note(
                vi=f"nguồn “{name}”, theo dấu xuất trong tệp",
                en=f"the source is “{name}”, as the file's stamp says",
            )
        ]
    if origin.basis is Basis.GUESS and not report.sources:
        return [
            Note(
                vi=f"nguồn mới “{name}”, gọi theo tên tệp (đặt tên khác: --source)",
                en=f"a new source, “{name}”, called as its file (another name:"
                " --source)",
            )
        ]
    return []
