"""The pictures of a product, as they are shown."""

from catalog.commands.pictures import ProductPicture, ProductPictures
from catalog.model.fact import Fact
from ocop_sync.api.typed.values import Model


class SizeForm(Model):
    """A size in pixels."""

    width: int
    """Its width."""
    height: int
    """Its height."""


class PictureForm(Model):
    """A picture of a product."""

    place: int
    """Its place, from 1; the first one leads."""
    id: str
    """Its name among those of the product."""
    url: str
    """Its address."""
    uploaded: bool
    """This service keeps it; else it lies elsewhere."""
    shows_ocop_mark: Fact
    """Whether the OCOP mark is to be seen on it, as far as somebody has said."""
    size: SizeForm | None
    """Its size; null if it is not known."""


class PicturesForm(Model):
    """The pictures of a product."""

    product_id: str
    """Of which product."""
    name: str
    """Its name."""
    revision: int
    """The revision of the product in which it has them."""
    pictures: tuple[PictureForm, ...]
    """The leading one first."""


def pictures_form(found: ProductPictures) -> PicturesForm:
    """Return the pictures of a product as they are shown."""
    return PicturesForm(
        product_id=found.product_id,
        name=found.name,
        revision=found.revision,
        pictures=tuple(map(_form, found.pictures)),
    )


def _form(picture: ProductPicture) -> PictureForm:
    size = picture.size
    return PictureForm(
        place=picture.place,
        id=picture.id,
        url=picture.url,
        uploaded=picture.uploaded,
        shows_ocop_mark=picture.shows_ocop_mark,
        size=None if size is None else SizeForm(width=size.width, height=size.height),
    )
