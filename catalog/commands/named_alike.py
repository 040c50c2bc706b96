"""Whether a name or a code is another product's, or nearly: as imports compare them.

What an import asks about is asked here, too; what it refuses is refused. Functions over
a connection that the caller opened.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.errors import FieldProblem, FieldsError
from catalog.feed.headings.cell_commands import NEW_PRODUCT
from catalog.feed.headings.sheet_names import in_english, in_vietnamese
from catalog.feed.identify.identity import Identities
from catalog.feed.identify.known_identities import identities_near
from catalog.feed.rows.reading import Given, RowError, fold
from catalog.model.producer import Producer
from catalog.model.product import Product

_NAME: Final = "name"
_MAKER: Final = "producer_name"


async def ensure_name_of_its_own(
    conn: AsyncConnection, known: Product, maker: Producer | None, edited: Product
) -> None:
    """Do nothing if a product may get the name and the code of *edited*.

    Raises:
        FieldsError: Its producer has another product of that name, or another product
            has that code.
    """
    if (known.name, known.ocop_code) == (edited.name, edited.ocop_code):
        return
    given: dict[str, object] = {"product_id": known.id, _NAME: edited.name}
    code = edited.ocop_code if edited.ocop_code != known.ocop_code else ""
    given |= {"ocop_code": code} if code else {}
    nobody = Producer(id="", name="")
    identities = await identities_near(conn, maker or nobody, edited.name, code)
    try:
        identities.find_product(given)
    except RowError as error:
        raise FieldsError([_told(error)]) from error


def ask_about_new_product(identities: Identities, given: Given) -> list[FieldProblem]:
    """Return the questions about a new product: those called nearly as it is.

    Raises:
        FieldsError: The catalog has it already, or it cannot be told from others.
    """
    try:
        found = identities.find_product({**given, NEW_PRODUCT: True})
    except RowError as error:
        if not error.about:
            raise FieldsError([_told(error)]) from error
        raise FieldsError([_there(identities, error.column, error.about)]) from error
    if found is not None:
        raise FieldsError([_there(identities, _NAME, [found])])
    if former := identities.called_formerly(given):
        return [_formerly(identities, _NAME, former)]
    try:
        identities.ask_about_product(given, (), ())
    except RowError as error:
        return [_nearly(identities, _NAME, error)]
    return []


def ask_about_new_producer(identities: Identities, name: str) -> list[FieldProblem]:
    """Return the questions about a new producer: those called nearly as it is.

    Raises:
        FieldsError: One is called just so.
    """
    given = {_MAKER: name}
    former = identities.makers_called_formerly(given)
    if known := {*identities.maker_candidates(given)} - former:
        raise FieldsError([_there(identities, _MAKER, known)])
    if former:
        return [_formerly(identities, _MAKER, former)]
    try:
        identities.ask_about_producer(given, ())
    except RowError as error:
        return [_nearly(identities, _MAKER, error)]
    return []


def ask_about_new_name(
    identities: Identities, producer_id: str, name: str
) -> list[FieldProblem]:
    """Return the question about a name that another producer has already."""
    known = {*identities.maker_candidates({_MAKER: name})} - {producer_id}
    return [_same(identities, _MAKER, known)] if known else []


def ask_about_new_owner(item: Product, theirs: Iterable[Product]) -> list[FieldProblem]:
    """Return the question about a product's name, where its new producer has it."""
    return [
        FieldProblem(
            _NAME,
            f"{each.id} của cơ sở ấy cũng mang tên này: bảng nạp sẽ không biết là cái"
            " nào nếu không ghi mã",
            f"{each.id} of that producer is called so as well: a sheet without ids"
            " cannot tell them apart",
        )
        for each in theirs
        if each.id != item.id and fold(each.name) == fold(item.name)
    ]


def _told(error: RowError) -> FieldProblem:
    return FieldProblem(error.column, in_vietnamese(error.vi), in_english(error.en))


def _there(identities: Identities, field: str, ids: Iterable[str]) -> FieldProblem:
    vi, en = _in_words(identities, ids)
    return FieldProblem(
        field,
        f"danh mục đã có {vi}: sửa ở đó, hoặc ghi cho khác đi",
        f"the catalog has {en} already: edit that, or write what tells them apart",
    )


def _nearly(identities: Identities, field: str, error: RowError) -> FieldProblem:
    vi, en = _in_words(identities, error.about)
    was_vi = "tên trước đây của " if error.formerly else ""
    was_en = "the former name of " if error.formerly else ""
    return FieldProblem(
        field,
        f"gần giống {was_vi}{vi}: nếu chính là nó thì sửa ở đó, không thêm nữa",
        f"nearly {was_en}{en}: if it is that, edit it there, and add none",
    )


def _formerly(identities: Identities, field: str, ids: Iterable[str]) -> FieldProblem:
    vi, en = _in_words(identities, ids)
    return FieldProblem(
        field,
        f"trước đây {vi} mang tên này: nếu chính là nó thì sửa ở đó, không thêm nữa",
        f"{en} was called so before: if it is that, edit it there, and add none",
    )


def _same(identities: Identities, field: str, ids: Iterable[str]) -> FieldProblem:
    vi, en = _in_words(identities, ids)
    return FieldProblem(
        field,
        f"{vi} cũng mang tên này: bảng nạp sẽ không biết là cái nào nếu không ghi mã",
        f"{en} is called so as well: a sheet without ids cannot tell them apart",
    )


def _in_words(identities: Identities, ids: Iterable[str]) -> tuple[str, str]:
    said = [identities.questions.in_words(id_) for id_ in sorted(set(ids))[:5]]
    return ", ".join(vi for vi, _ in said), ", ".join(en for _, en in said)
