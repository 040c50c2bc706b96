"""The pictures of a product on a phone: taken, put in order, taken out.

What leaves buyers is asked about first. What somebody else has put in another order
meanwhile is shown instead of being put back.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from catalog.commands.pictures import (
    MOST_PICTURES,
    NoSuchPictureError,
    PictureEdit,
    ProductPicture,
    ProductPictures,
    order_pictures,
    pictures_of,
    remove_picture,
)
from catalog.eligibility import Text
from catalog.errors import CatalogError, ChangedMeanwhileError, NotInCatalogError
from catalog.model.fact import Fact
from catalog.pictures.unfit import MOST_BYTES
from ocop_sync.api.access.reach import doing_of, reach_of
from ocop_sync.api.access.roles import PRODUCERS
from ocop_sync.api.context import UPLOADS
from ocop_sync.api.problems import in_both_languages
from ocop_sync.api.typed.call import Upload
from ocop_sync.api.typed.form_parts import FilesRule
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import INVALID
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.pages.navigation import OWN, OWN_PICTURE
from ocop_sync.pages.typed_numbers import typed_number
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.pictures.upload import upload_picture

PICTURES: Final = f"{OWN}/{{code}}/pictures"
CAMERA: Final = "camera"
CHOSEN: Final = "chosen"
_MARK: Final = "shows_ocop_mark"
_FILES: Final = FilesRule(names=(CAMERA, CHOSEN), most_bytes=MOST_BYTES)

_NONE_CHOSEN: Final = Text(
    "Chưa chọn ảnh nào: chụp một ảnh, hoặc chọn ảnh có trong máy",
    "No picture was chosen: take one, or choose one on the phone",
)
_MOVED: Final = Text(
    "Có người vừa đổi ảnh của sản phẩm này: xem lại thứ tự dưới đây rồi đổi tiếp",
    "Somebody has just changed these pictures: see their order below, then go on",
)
_LONGEST_SIDE: Final = 1600
"""Of a picture that a phone sends, in pixels; marketplaces show none larger."""


class PicturesPath(Model):
    """Of which product."""

    code: Identifier
    """Its code."""


class PicturesQuery(Model):
    """What has just been done, and what is asked about."""

    done: Literal["", "added", "moved", "removed"] = ""
    """How a form of the page has ended."""
    remove: Annotated[str, Field(pattern="^(?:[0-9a-f]{64})?$")] = ""
    """The picture that is to go; nothing is done yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """A picture as the page shows it.

    Attributes:
        picture: The picture.
        thumbnail: The address of its small copy; "" if it lies elsewhere.
    """

    picture: ProductPicture
    thumbnail: str


async def show_pictures(visit: Visit) -> web.Response:
    """Show the pictures of a product, with what can be done to them."""
    asked = visit.query(PicturesQuery)
    found = await _found(visit)
    gone = next((each for each in found.pictures if each.id == asked.remove), None)
    return _shown(visit, found, done=asked.done, gone=gone)


async def change_pictures(visit: Visit) -> web.StreamResponse:
    """Take pictures in, or put one elsewhere, or take one out."""
    act = visit.form.get("act", "")
    if act == "add":
        return await _add(visit)
    if act == "remove":
        return await _remove(visit)
    if act in {"first", "up"}:
        return await _move(visit, to_front=act == "first")
    raise ProblemError(INVALID)


async def _add(visit: Visit) -> web.StreamResponse:
    if not visit.files:
        found = await _found(visit)
        return _shown(visit, found, errors=[(CAMERA, _NONE_CHOSEN)])
    mark = visit.form.get(_MARK, Fact.UNKNOWN)
    if mark not in set(Fact):
        raise ProblemError(INVALID)
    errors = [
        (name, fault)
        for name, file in visit.files.items()
        if (fault := await _taken(visit, file, Fact(mark))) is not None
    ]
    if errors:
        return _shown(visit, await _found(visit), errors=errors)
    return see(f"{_address(visit)}?done=added")


async def _taken(visit: Visit, file: Upload, mark: Fact) -> Text | None:
    """Take a picture in; return why it is not taken, if so."""
    deployment = visit.deployment
    try:
        await upload_picture(
            deployment.database,
            visit.request.app[UPLOADS],
            _code(visit),
            await asyncio.to_thread(file.path.read_bytes),
            shows_ocop_mark=mark,
            edit=_edit(visit),
            clock=deployment.clock,
        )
    except NotInCatalogError:
        raise
    except CatalogError as error:
        vi, en = in_both_languages(str(error))
        return Text(vi[:1].upper() + vi[1:], en[:1].upper() + en[1:])
    return None


async def _move(visit: Visit, *, to_front: bool) -> web.StreamResponse:
    found = await _found(visit)
    order = [each.id for each in found.pictures]
    moved = visit.form.get("picture", "")
    seen = typed_number(visit.form.get("seen", ""))
    if seen is None:
        raise ProblemError(INVALID)
    if moved not in order:
        return _shown(visit, found, errors=[("pictures", _MOVED)], status=412)
    place = order.index(moved)
    order.remove(moved)
    order.insert(0 if to_front else max(place - 1, 0), moved)
    use_case = partial(order_pictures, order=order)
    try:
        await _change(visit, use_case, seen=seen)
    except ChangedMeanwhileError:
        found = await _found(visit)
        return _shown(visit, found, errors=[("pictures", _MOVED)], status=412)
    return see(f"{_address(visit)}?done=moved")


async def _remove(visit: Visit) -> web.StreamResponse:
    use_case = partial(remove_picture, which=visit.form.get("picture", ""))
    with suppress(NoSuchPictureError):  # somebody was first; it is gone all the same
        await _change(visit, use_case)
    return see(f"{_address(visit)}?done=removed")


async def _change(visit: Visit, use_case: Any, *, seen: int | None = None) -> None:
    deployment, edit, code = visit.deployment, _edit(visit, seen), _code(visit)
    await deployment.database.write(
        lambda conn: use_case(conn, code, edit=edit, now=deployment.clock())
    )


def _edit(visit: Visit, seen: int | None = None) -> PictureEdit:
    doing = doing_of(visit.asker)
    return PictureEdit(by=doing.by, reach=doing.reach, seen=seen)


def _code(visit: Visit) -> str:
    return visit.path(PicturesPath).code


def _address(visit: Visit) -> str:
    return PICTURES.format(code=_code(visit))


async def _found(visit: Visit) -> ProductPictures:
    reach = reach_of(visit.asker)
    return await visit.deployment.database.fetch(pictures_of, _code(visit), reach)


def _shown(
    visit: Visit,
    found: ProductPictures,
    *,
    done: str = "",
    gone: ProductPicture | None = None,
    errors: Sequence[tuple[str, Text]] = (),
    status: int = 422,
) -> web.Response:
    values: Mapping[str, Any] = {
        "product": found,
        "pictures": [
            ShownPicture(picture=each, thumbnail=_small(each))
            for each in found.pictures
        ],
        "gone": ShownPicture(picture=gone, thumbnail=_small(gone)) if gone else None,
        "may_add": len(found.pictures) < MOST_PICTURES,
        "most": MOST_PICTURES,
        "faults": errors,
        "done": done,
        "address": PICTURES.format(code=found.product_id),
        "back": f"{OWN}/{found.product_id}",
        "camera_field": CAMERA,
        "chosen_field": CHOSEN,
        "mark_field": _MARK,
        "mark": visit.form.get(_MARK, ""),
        "longest_side": _LONGEST_SIDE,
    }
    return visit.page(
        "own_pictures.html", status=status if errors else 200, values=values
    )


def _small(picture: ProductPicture) -> str:
    return OWN_PICTURE.format(picture=picture.id) if picture.uploaded else ""


PAGES: Final = (
    PageRoute("GET", PICTURES, PRODUCERS, show_pictures),
    PageRoute("POST", PICTURES, PRODUCERS, change_pictures, _FILES),
)
