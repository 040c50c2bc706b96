"""Pictures of products: uploaded, ordered, marked, taken out, and served.

Marketplaces and buyers fetch a picture without a key, while a listing uses it. All else
is for who reaches the product.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Final

from aiohttp import hdrs
from pydantic import Field

from catalog.commands.pictures import (
    MOST_PICTURES,
    SHORTEST_ID,
    PictureEdit,
    ProductPictures,
    mark_picture,
    order_pictures,
    pictures_of,
    remove_picture,
)
from catalog.model.fact import Fact
from catalog.model.reach import Reach
from catalog.pictures.unfit import MOST_BYTES
from ocop_sync.api.access.reach import doing_of, reach_of
from ocop_sync.api.access.roles import EVERYBODY, SIGNED_IN, STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of, uploads_of
from ocop_sync.api.forms.pictures import PicturesForm, pictures_form
from ocop_sync.api.problems import CATALOG_REFUSED, PICTURES_WAIT, UNFIT_PICTURE
from ocop_sync.api.routes.products import ProductPath
from ocop_sync.api.typed.body import UploadRule
from ocop_sync.api.typed.call import Answer, Call, FileAnswer, Upload
from ocop_sync.api.typed.etag import tags_of
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND, PRECONDITION_FAILED
from ocop_sync.api.typed.values import Model
from ocop_sync.service.pictures.show import picture_for
from ocop_sync.service.pictures.upload import upload_picture

TAG: Final = "pictures"

JPEG: Final = "image/jpeg"
_UPLOAD: Final = UploadRule(
    media_types=(JPEG, "image/png", "image/webp"),
    most_bytes=MOST_BYTES,
)
_FOR_A_DAY: Final = "public, max-age=86400, immutable"
"""The address holds the hash of the bytes, which never are others; but others than we
keep them, and a picture that no listing uses any more is not to be had for long."""
_FOR_ONE: Final = "private, max-age=31536000, immutable"

NOBODYS: Final = Reach.of(())
"""The reach of who has not signed in: no product."""

PictureId = Annotated[str, Field(pattern=f"^[0-9a-f]{{{SHORTEST_ID},64}}$")]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PicturePath(ProductPath):
    """Which picture of a product."""

    picture: PictureId
    """Its id, or the beginning of it."""


class HashPath(Model):
    """Which uploaded picture."""

    picture: Hash
    """The SHA-256 of its bytes."""


class MarkForm(Model):
    """Whether the OCOP mark is to be seen on a picture."""

    shows_ocop_mark: Fact = Fact.UNKNOWN
    """Once the certificate has ended, `unknown` counts as `yes`."""


class OrderForm(Model):
    """An order of pictures."""

    order: Annotated[
        tuple[PictureId, ...], Field(min_length=1, max_length=MOST_PICTURES)
    ]
    """Their ids, the leading one first; those that are left out come behind them."""


@operation(
    "GET",
    "/pictures/{picture}.jpg",
    summary="An uploaded picture that a listing uses",
    allowed=EVERYBODY,
    tag=TAG,
    media_types=(JPEG,),
    problems=(NOT_FOUND,),
)
async def get_shown_picture(call: Call, path: HashPath) -> FileAnswer:
    """Return a picture to marketplaces and buyers; its bytes never change."""
    return await _served(call, path, NOBODYS, _FOR_A_DAY)


@operation(
    "GET",
    "/api/v1/pictures/{picture}",
    summary="An uploaded picture, before a listing uses it",
    allowed=SIGNED_IN,
    tag=TAG,
    media_types=(JPEG,),
    problems=(NOT_FOUND,),
)
async def get_kept_picture(call: Call, path: HashPath) -> FileAnswer:
    """Return a picture of a product that who asks may read."""
    return await _served(call, path, reach_of(asker_of(call)), _FOR_ONE)


@operation(
    "GET",
    "/api/v1/products/{code}/pictures",
    summary="The pictures of a product",
    allowed=SIGNED_IN,
    tag=TAG,
)
async def list_pictures(call: Call, path: ProductPath) -> Answer[PicturesForm]:
    """List the pictures of a product; the ETag is what `If-Match` of a change names."""
    reach = reach_of(asker_of(call))
    return _answer(
        await deployment_of(call).database.fetch(pictures_of, path.code, reach)
    )


@operation(
    "POST",
    "/api/v1/products/{code}/pictures",
    summary="Upload a picture of a product",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    status=201,
    takes_key=True,
    upload=_UPLOAD,
    problems=(UNFIT_PICTURE, PICTURES_WAIT, CATALOG_REFUSED),
)
async def add_picture(
    call: Call, path: ProductPath, query: MarkForm, upload: Upload
) -> Answer[PicturesForm]:
    """Write a picture anew, without place or camera, and put it behind the others.

    JPEG, PNG or WebP of 20 megapixels at most. One that the product has already stays
    where it is.
    """
    deployment = deployment_of(call)
    found = await upload_picture(
        deployment.database,
        uploads_of(call),
        path.code,
        await asyncio.to_thread(upload.path.read_bytes),
        shows_ocop_mark=query.shows_ocop_mark,
        edit=_edit(call),
        clock=deployment.clock,
    )
    return _answer(found)


@operation(
    "PUT",
    "/api/v1/products/{code}/picture-order",
    summary="Put the pictures of a product in order",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    needs_if_match=True,
    problems=(CATALOG_REFUSED, PRECONDITION_FAILED),
)
async def put_picture_order(
    call: Call, path: ProductPath, body: OrderForm
) -> Answer[PicturesForm]:
    """Put pictures first, in this order."""
    use_case = partial(order_pictures, code=path.code, order=body.order)
    return await _change(call, use_case, seen=call.seen_revision())


@operation(
    "PATCH",
    "/api/v1/products/{code}/pictures/{picture}",
    summary="Say whether a picture shows the OCOP mark",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    needs_if_match=True,
    problems=(PRECONDITION_FAILED,),
)
async def edit_picture(
    call: Call, path: PicturePath, body: MarkForm
) -> Answer[PicturesForm]:
    """Record whether the OCOP mark is to be seen on a picture."""
    return await _change(
        call,
        partial(
            mark_picture,
            code=path.code,
            which=path.picture,
            shows_ocop_mark=body.shows_ocop_mark,
        ),
        seen=call.seen_revision(),
    )


@operation(
    "DELETE",
    "/api/v1/products/{code}/pictures/{picture}",
    summary="Take a picture from a product",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
)
async def delete_picture(call: Call, path: PicturePath) -> Answer[PicturesForm]:
    """Take a picture from a product; listings lose it with the next sync."""
    return await _change(
        call, partial(remove_picture, code=path.code, which=path.picture)
    )


OPERATIONS: Final = (
    get_shown_picture,
    get_kept_picture,
    list_pictures,
    add_picture,
    put_picture_order,
    edit_picture,
    delete_picture,
)


async def _served(call: Call, path: HashPath, reach: Reach, cached: str) -> FileAnswer:
    """Return the picture; without its bytes if the caller knows them.

    Raises:
        ProblemError: There is none such for this *reach*.
    """
    tag = f'"{path.picture}"'
    known = tags_of(call.request.headers.get(hdrs.IF_NONE_MATCH, ""))
    database = deployment_of(call).database
    content = await picture_for(database, path.picture, reach, is_known=tag in known)
    if content is None:
        raise ProblemError(NOT_FOUND)
    headers = {
        "ETag": tag,
        "Cache-Control": cached,
        # Pages of marketplaces show it as well.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return FileAnswer(content=content, media_type=JPEG, headers=headers)


async def _change(
    call: Call,
    use_case: Callable[..., Awaitable[ProductPictures]],
    seen: int | None = None,
) -> Answer[PicturesForm]:
    deployment, edit = deployment_of(call), _edit(call, seen)
    return _answer(
        await deployment.database.write(
            lambda conn: use_case(conn, edit=edit, now=deployment.clock())
        )
    )


def _edit(call: Call, seen: int | None = None) -> PictureEdit:
    doing = doing_of(asker_of(call))
    return PictureEdit(by=doing.by, reach=doing.reach, seen=seen)


def _answer(found: ProductPictures) -> Answer[PicturesForm]:
    return Answer(value=pictures_form(found), version=found.revision)
