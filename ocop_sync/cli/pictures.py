"""The pictures of a product, uploaded and in order: `ocop-sync pictures`."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

import click

from catalog.commands.pictures import (
    PictureEdit,
    ProductPictures,
    mark_picture,
    move_pictures,
    order_pictures,
    pictures_of,
    remove_picture,
)
from catalog.model.actor import Actor
from catalog.model.fact import Fact
from catalog.pictures.reencoder import Reencoder
from catalog.pictures.unfit import MOST_BYTES
from ocop_sync.api.forms.pictures import pictures_form
from ocop_sync.cli.acting import because
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.on_behalf import FOR, on_behalf
from ocop_sync.cli.app.opened import in_database, read_catalog, write_catalog
from ocop_sync.cli.app.options import AS_JSON, BY, WHY_AS_WELL
from ocop_sync.cli.app.param_types import CODE, TO_READ, FreeText
from ocop_sync.cli.views.pictures import show_pictures
from ocop_sync.cli.views.tables import show_line, write_json
from ocop_sync.service.pictures.upload import Uploads, upload_picture

_PICTURE = FreeText(2000)
"""An address, or the beginning of an id."""

_product = click.argument("product", type=CODE)
_which = click.argument("which", metavar="PICTURE", type=_PICTURE)
_MARKS = {"yes": Fact.YES, "no": Fact.NO, "unknown": Fact.UNKNOWN}
_mark = click.option(
    "--mark",
    type=click.Choice(tuple(_MARKS)),
    default="unknown",
    show_default=True,
    help="Ảnh có thấy dấu OCOP không / whether the OCOP mark is to be seen on it.",
)


@click.group()
def pictures() -> None:
    """Ảnh của một sản phẩm / the pictures of a product."""


@pictures.command(
    short_help="Tải một ảnh lên / Upload a picture.",
    epilog="Ví dụ / Example: ocop-sync pictures add SP-00001 anh.jpg --mark no"
    " --by 'Ng. Văn A'",
)
@_product
@click.argument("file", type=TO_READ)
@_mark
@BY
@FOR
@WHY_AS_WELL
@AS_JSON
def add(
    *,
    product: str,
    file: Path,
    mark: str,
    by: Actor,
    producer: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Thêm ảnh trong FILE vào sau các ảnh của PRODUCT / put it behind the others.

    Ảnh JPEG, PNG hoặc WebP, nhiều nhất 16 MB và 20 megapixel; được ghi lại thành JPEG
    không kèm vị trí hay thông tin máy ảnh, cạnh dài nhiều nhất 1.600 điểm ảnh.

    A JPEG, PNG or WebP of 16 MB and 20 megapixels at most. It is written anew as a
    JPEG without place or camera, 1,600 pixels at most on its longer side.
    """
    settings = settings_of()
    uploads = Uploads(decoder=Reencoder(), public_url=settings.serve.public_url)
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    found = run(
        in_database(
            settings,
            lambda database: upload_picture(
                database,
                uploads,
                product,
                content,
                shows_ocop_mark=_MARKS[mark],
                edit=_edit(because(by, reason), producer),
                clock=present,
            ),
        )
    )
    _show(found, as_json=as_json)


@pictures.command(
    "list",
    short_help="Xem các ảnh / Show them.",
    epilog="Ví dụ / Example: ocop-sync pictures list SP-00001",
)
@_product
@AS_JSON
def list_(*, product: str, as_json: bool) -> None:
    """Mọi ảnh của PRODUCT, ảnh đầu đứng trước / all of them, the leading one first."""
    _show(
        run(read_catalog(settings_of(), partial(pictures_of, code=product))),
        as_json=as_json,
    )


@pictures.command(
    short_help="Xếp lại thứ tự / Put them in order.",
    epilog="Ví dụ / Example: ocop-sync pictures order SP-00001 3f9a01bc"
    " --by 'Ng. Văn A'",
)
@_product
@click.argument("which", metavar="PICTURE...", type=_PICTURE, nargs=-1, required=True)
@BY
@FOR
@WHY_AS_WELL
@AS_JSON
def order(
    *,
    product: str,
    which: Sequence[str],
    by: Actor,
    producer: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Đưa các PICTURE lên đầu, theo thứ tự này / put these first, in this order.

    PICTURE là địa chỉ ảnh, hoặc ít nhất 8 chữ đầu của mã ảnh. Its address, or the
    first 8 letters of its id or more.
    """
    work = partial(order_pictures, code=product, order=which)
    _write(work, by=because(by, reason), producer=producer, as_json=as_json)


@pictures.command(
    short_help="Ghi ảnh có dấu OCOP không / Say whether it shows the mark.",
    epilog="Ví dụ / Example: ocop-sync pictures mark SP-00001 3f9a01bc --mark no"
    " --by 'Ng. Văn A'",
)
@_product
@_which
@_mark
@BY
@FOR
@WHY_AS_WELL
@AS_JSON
def mark(
    *,
    product: str,
    which: str,
    mark: str,
    by: Actor,
    producer: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Ghi ảnh có thấy dấu OCOP không / whether the mark is to be seen on a picture.

    Hết hạn công nhận thì chỉ còn đăng những ảnh ghi `no`. Once the certificate has
    ended only pictures that say `no` are shown.
    """
    work = partial(
        mark_picture, code=product, which=which, shows_ocop_mark=_MARKS[mark]
    )
    _write(work, by=because(by, reason), producer=producer, as_json=as_json)


@pictures.command(
    short_help="Bỏ một ảnh / Remove a picture.",
    epilog="Ví dụ / Example: ocop-sync pictures remove SP-00001 3f9a01bc"
    " --by 'Ng. Văn A'",
)
@_product
@_which
@BY
@FOR
@WHY_AS_WELL
@AS_JSON
def remove(
    *,
    product: str,
    which: str,
    by: Actor,
    producer: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Bỏ ảnh khỏi PRODUCT; 30 ngày sau thì xóa hẳn / take it out, erased in 30 days."""
    work = partial(remove_picture, code=product, which=which)
    _write(work, by=because(by, reason), producer=producer, as_json=as_json)


@pictures.command(
    short_help="Đổi địa chỉ sau khi chuyển máy chủ / Follow a moved service.",
    epilog="Ví dụ / Example: ocop-sync pictures move --by 'Ng. Văn A'",
)
@BY
def move(*, by: Actor) -> None:
    """Ghi mọi ảnh đã tải lên theo `serve.public_url` hiện nay / follow that setting.

    Sau đó mỗi tin đăng được cập nhật trong lần đồng bộ tới. Each listing is brought up
    to date with the next sync.
    """
    settings = settings_of()
    work = partial(move_pictures, public_url=settings.serve.public_url, by=by)
    moved = run(write_catalog(settings, work))
    show_line(f"{len(moved)} sản phẩm đã đổi địa chỉ ảnh / products were changed")


def _write(
    work: Callable[..., Awaitable[ProductPictures]],
    *,
    by: Actor,
    producer: str | None,
    as_json: bool,
) -> None:
    act = partial(work, edit=_edit(by, producer))
    _show(run(write_catalog(settings_of(), act)), as_json=as_json)


def _edit(by: Actor, producer: str | None) -> PictureEdit:
    acting, reach = on_behalf(by, producer)
    return PictureEdit(by=acting, reach=reach)


def _show(found: ProductPictures, *, as_json: bool) -> None:
    if as_json:
        write_json(pictures_form(found))
    else:
        show_pictures(found)
