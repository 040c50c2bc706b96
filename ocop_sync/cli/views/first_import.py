"""Tell whoever fills an empty catalog what an id is to the marketplaces.

A product's id is its reference there. Where a database was lost, a sheet without ids
numbers products anew, and listings that are there would become other products': only
an export brings back the ids that they had.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.feed.rows.open_feed import Feed
from catalog.feed.rows.table import Note
from ocop_sync.settings import Settings

_ID = "product_id"
_WARNING = Note(
    vi="danh mục đang trống, và tệp không có mã sản phẩm: sản phẩm được đánh số mới."
    " Nếu đã từng đăng bán từ một cơ sở dữ liệu khác thì đừng đồng bộ: tin trên sàn"
    " mang mã cũ, hãy nạp bản xuất (`ocop-sync export TỆP.csv`) của nó",
    en="the catalog is empty and the file has no ids of products: they are numbered"
    " anew. If anything was listed from another database before, do not sync: listings"
    " carry the ids of then; import an export of that one instead",
)


async def first_import_notes(
    conn: AsyncConnection, feed: Feed, settings: Settings
) -> Sequence[Note]:
    """Return what to say before *feed* is taken in, as long as nothing ever was.

    Without an account there is nothing that could be listed.
    """
    if not settings.accounts or any(_ID in table.places for table in feed.tables):
        return ()
    return () if await reader.current_revision(conn) else (_WARNING,)
