"""Erasing what may tell of a producer's people, after consent was withdrawn.

It goes 72 hours after the withdrawal at the earliest, and only when a member of staff
confirms it; nothing is erased by itself.

`GOES` and `STAYS` say in words what goes and what does not, with the reason; whoever
confirms reads them first. Texts and pictures of its products go: they are its own word,
may name or show people, and without consent nothing of it is on sale. Uploaded pictures
go at once, unless a product of another producer has the same one. In the history and in
the examples of held imports the values go as well, and with them the reports of all
imports so far, with their files, any of which may tell of the producer. Functions over
a connection in a transaction of the caller; none of them commits.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.own import own_producer
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.chunks import chunks
from catalog.db.erasures import (
    end_erasure,
    forget_names_in_history,
    forget_words_in_confirmations,
    former_words,
    last_erasure,
    open_erasures,
)
from catalog.db.former_marks import forget_former_names, former_names_of
from catalog.db.history import Author, erase_values_of
from catalog.db.kept_reports import erase_reports
from catalog.db.pictures import erase_pictures_of
from catalog.db.reader import get, products_by_producer
from catalog.db.writer import lock, save, save_producers
from catalog.errors import ErasureError
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.erasure import Erasure, ErasureEnd
from catalog.model.fact import Fact
from catalog.model.producer import Producer, ProducerKind
from catalog.model.product import Label, Product
from catalog.model.reach import WHOLE_CATALOG
from catalog.values import replace
from catalog.vietnam_time import VIETNAM

_NAMELESS: Final = {
    ProducerKind.HOUSEHOLD: "Hộ kinh doanh",
    ProducerKind.GROUP: "Tổ hợp tác",
    ProducerKind.UNKNOWN: "Cơ sở",
}
"""What is shown in the place of a name that may be a person's, by legal form."""


class Told(NamedTuple):
    """What goes or stays, in Vietnamese and English."""

    vi: str
    en: str


GOES: Final = (
    Told("địa chỉ đã ghi của cơ sở", "the producer's addresses as written"),
    Told(
        "tên cơ sở, trừ công ty và hợp tác xã (không phải tên người)",
        "its name, but that of a firm or a cooperative, which is no person's",
    ),
    Told(
        "tên và đăng nhập của người làm cho cơ sở này mà không cho cơ sở khác",
        "names and sign-in of the people who serve it and no other producer",
    ),
    Told(
        "mô tả, nhãn, địa chỉ truy xuất và ảnh của mọi sản phẩm; ảnh tải lên xóa ngay",
        "description, label, trace address and pictures of all its products; uploaded"
        " pictures at once",
    ),
    Told(
        "số của giấy tờ: số tự công bố thường có tên cơ sở",
        "numbers of papers: that of a declaration often holds the producer's name",
    ),
    Told(
        "các giá trị đó trong lịch sử; biên bản và tệp của mọi lần nạp",
        "these values in the history; reports and files of all imports",
    ),
)
"""What goes."""

STAYS: Final = (
    Told(
        "tên sản phẩm, giấy chứng nhận, quyết định, hạng sao: đã công bố theo Quyết"
        " định 148/QĐ-TTg",
        "names of products, certificates, decisions, stars: published under Decision"
        " 148/QĐ-TTg",
    ),
    Told(
        "mã, quy cách, giá, số đếm, đơn đã bán: đơn hàng ghi theo mã",
        "SKUs, packs, prices, counts, sales: orders refer to them",
    ),
    Told(
        "giấy tờ nào có, ngày cấp, ngày hết hạn và cán bộ đã xem: việc của cơ quan quản"
        " lý",
        "which papers there are, their days, and which staff have seen them: the"
        " department's own acts",
    ),
    Told(
        "xã, loại hình, câu trả lời không đồng ý: để không bán trở lại",
        "communes, legal form, the refusal: so that it is not put on sale again",
    ),
    Told(
        "nội dung đã gửi lên sàn, trong sổ gửi và trạng thái tin đăng: chứng cứ của"
        " những gì đã gửi; tin đã gỡ vẫn còn ở sàn, muốn xóa hẳn phải yêu cầu sàn",
        "what was sent to marketplaces, in the ledger and with the listing: the proof"
        " of it; a listing that was taken off is still kept by the marketplace, which"
        " has to be asked to delete it",
    ),
)
"""What stays, and why."""

_TELLS_NOTHING: Final = 4
"""Letters of a text by which nobody is known."""


async def erasures_asked_for(conn: AsyncConnection) -> list[Erasure]:
    """Return the open erasures, the first due one first: a worklist of staff."""
    return await open_erasures(conn)


async def confirm_erasure(
    conn: AsyncConnection,
    producer_id: str,
    *,
    names: Collection[str],
    by: Actor,
    now: datetime,
) -> None:
    """Erase what may tell of a producer's people, as a member of staff confirms.

    *names* are those of the people who serve it, and no other producer; who they were
    in the audit is erased with the people themselves
    (`ocop_sync.service.producer.erasure`).

    Raises:
        NotInCatalogError: There is no such producer.
        ErasureError: None is asked for, it is not due, or consent was given anew.
        AttestationError: It is not said who confirms.
    """
    required(by.name, "phải ghi tên người xác nhận / say who confirms")
    await lock(conn)
    known = await own_producer(conn, producer_id, WHOLE_CATALOG)
    _ensure_due(known, await last_erasure(conn, producer_id), now)
    products = await products_by_producer(conn, [producer_id])
    gone = {*names} - {""}
    former = await former_words(conn, producer_id)
    former |= await former_names_of(conn, producer_id)
    words = _words_of(known, gone | former)
    done = Act(by=by, kind="confirm_erasure", at=now, subjects=[producer_id])
    author = Author("", now, await record_act(conn, done))
    await save_producers(conn, [_erased(known)], by=author)
    for some in chunks(products):
        found = (await get(conn, some)).values()
        await save(conn, [(_textless(item), None) for item, _ in found], by=author)
        await erase_pictures_of(conn, some)
    subjects = [producer_id, *products]
    await erase_values_of(conn, subjects, now)
    await forget_names_in_history(conn, producer_id, products, gone)
    await forget_words_in_confirmations(conn, words)
    if known.kind in _NAMELESS:
        await forget_former_names(conn, producer_id)
    await erase_reports(conn, now)
    await end_erasure(conn, producer_id, ErasureEnd.ERASED, now)


def _ensure_due(known: Producer, asked: Erasure | None, now: datetime) -> None:
    """Raise `ErasureError` unless an erasure is asked for, and due."""
    is_asked = asked is not None and asked.ended is ErasureEnd.OPEN
    if asked is None or not is_asked or known.consent.value is not Fact.NO:
        message = (
            f"{known.id}: không có yêu cầu xóa dữ liệu nào đang chờ / no erasure is"
            " asked for"
        )
        raise ErasureError(message)
    if now < asked.due_at:
        due = asked.due_at.astimezone(VIETNAM)
        message = (
            f"{known.id}: chỉ xóa được từ {due:%H:%M %d/%m/%Y}, để cơ sở còn có thể đổi"
            f" ý / not before {due:%Y-%m-%d %H:%M} Vietnam's time, so that the producer"
            " may change its mind"
        )
        raise ErasureError(message)


def _erased(known: Producer) -> Producer:
    name = known.name
    if known.kind in _NAMELESS:
        name = f"{_NAMELESS[known.kind]} {known.id}"
    return replace(
        known,
        name=name,
        certified_address=replace(known.certified_address, text=""),
        address=replace(known.address, text=""),
        consent=replace(known.consent, by=""),
        identity_ready=replace(known.identity_ready, by=""),
    )


def _textless(known: Product) -> Product:
    """Return a product without the texts and pictures that are its producer's word.

    The number of a declaration holds the name of whoever declares ("01/NAME/2026").
    """
    papers = tuple(replace(each, number="") for each in known.papers)
    texts = replace(known, description="", trace_url="", label=Label(), pictures=())
    return replace(texts, papers=papers)


def _words_of(known: Producer, others: Collection[str]) -> list[str]:
    """Return the erased values, the longest first: one may be a part of another.

    A text of a few letters tells of nobody, and may stand in any sentence.
    """
    texts = {known.address.text, known.certified_address.text, *others}
    texts = {*texts, known.name} if known.kind in _NAMELESS else texts - {known.name}
    return sorted((t for t in texts if len(t) > _TELLS_NOTHING), key=len, reverse=True)
