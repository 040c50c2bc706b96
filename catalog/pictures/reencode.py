"""Decode a picture, and write it anew as a JPEG without anything else in it.

Pure: bytes in, bytes out. The new picture stands upright, is sRGB, has white where the
old one was transparent, and is no larger than marketplaces need. EXIF, GPS, thumbnails
and colour profiles are left behind, as nothing of the old file is copied. Danger: the
bytes are a stranger's. They are decoded in a process of their own, within limits
(`catalog.pictures.child`), and nowhere else.
"""

import io
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from PIL import (
    ExifTags,
    Image,
    ImageCms,
    JpegImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)
from PIL.PngImagePlugin import PngImageFile

from catalog.pictures.unfit import (
    MOST_BYTES,
    MOST_PIXELS,
    Unfit,
    UnfitPictureError,
)

LONGEST_SIDE: Final = 1_600
"""Pixels. Marketplaces ask for 300 to 500 at least."""
QUALITY: Final = 85
"""So written, even mere noise takes 1,900,000 bytes; marketplaces take 5,000,000."""

THUMBNAIL_SIDE: Final = 152
"""Pixels: two for each that a card shows, as phones have."""
MOST_OF_THUMBNAIL: Final = 3_500
"""Bytes, whatever is on the picture: ten of them come over a slow line at once."""
_QUALITIES: Final = (60, 40, 25, 15, 8, 4, 1)

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_STILL: Final = frozenset({"JPEG", "MPO"})
"""Phones write a JPEG with further views in it (MPO): the first one is the picture."""
_TURNED: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture of each EXIF orientation is made to stand upright."""
_OF_16_BITS: Final = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I"})
_PLUGINS: Final = (JpegImagePlugin, PngImageFile, WebPImagePlugin)
"""Named so that they are loaded: `Image.open` then looks for no others."""


@dataclass(frozen=True, slots=True)
class Reencoded:
    """A picture as it is kept: a JPEG, upright, without metadata."""

    content: bytes
    width: int
    height: int


def reencode(content: bytes) -> Reencoded:
    """Return the picture in *content*, written anew.

    Raises:
        UnfitPictureError: It cannot be taken; it says why.
    """
    return _made(content, LONGEST_SIDE, (QUALITY,), MOST_BYTES)


def thumbnail(content: bytes) -> Reencoded:
    """Return the picture in *content* as small as a card shows it.

    Raises:
        UnfitPictureError: It cannot be taken; it says why.
    """
    return _made(content, THUMBNAIL_SIDE, _QUALITIES, MOST_OF_THUMBNAIL)


def _made(
    content: bytes, side: int, qualities: tuple[int, ...], most: int
) -> Reencoded:
    if not content:
        raise UnfitPictureError(Unfit.EMPTY)
    if len(content) > MOST_BYTES:
        raise UnfitPictureError(Unfit.TOO_LONG)
    with warnings.catch_warnings(action="ignore"), _opened(content) as image:
        return _reencoded(image, side, qualities, most)


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise UnfitPictureError(Unfit.TOO_MANY_PIXELS) from error
    except MemoryError as error:
        raise UnfitPictureError(Unfit.TOO_COSTLY) from error
    except UnidentifiedImageError as error:
        raise UnfitPictureError(_unidentified(content)) from error
    except Exception as error:  # damaged files raise a dozen kinds
        raise UnfitPictureError(Unfit.DAMAGED) from error


def _unidentified(content: bytes) -> Unfit:
    """Return the fault of a file that is not opened: cut off, or something else."""
    known = content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n")) or _is_webp(content)
    return Unfit.DAMAGED if known else Unfit.NOT_A_PICTURE


def _reencoded(
    image: Image.Image, side: int, qualities: tuple[int, ...], most: int
) -> Reencoded:
    _ensure_few_pixels(*image.size)
    if image.format not in _STILL and getattr(image, "is_animated", False):
        raise UnfitPictureError(Unfit.ANIMATED)
    try:
        upright = _turned(_srgb(_shrunk(image, side), image), image)
        return _small_enough(upright, qualities, most)
    except MemoryError as error:
        raise UnfitPictureError(Unfit.TOO_COSTLY) from error
    except Exception as error:  # damaged files raise a dozen kinds
        raise UnfitPictureError(Unfit.DAMAGED) from error


def _ensure_few_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise UnfitPictureError(Unfit.TOO_MANY_PIXELS)


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """Return *image* decoded, without transparency, and no larger than is needed."""
    if image.format in _STILL:
        # A JPEG can be decoded at a half or a quarter of its size.
        image.draft(None, (2 * side, 2 * side))
    image.load()
    plain = _flat(image)
    plain.thumbnail((side, side), Image.Resampling.LANCZOS)
    return plain


def _flat(image: Image.Image) -> Image.Image:
    """Return *image* with 8 bits a channel, white where it was transparent."""
    if image.mode in _OF_16_BITS:
        # `convert` alone would make everything above 255 white.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    if image.mode in {"L", "RGB", "CMYK"}:
        return image.copy() if image.readonly else image
    return image.convert("RGB")


def _srgb(shrunk: Image.Image, image: Image.Image) -> Image.Image:
    """Return *shrunk* in sRGB: from the profile of *image*, if that can be read.

    Without that, pictures of a newer phone would look pale.
    """
    profile = image.info.get("icc_profile")
    if profile and shrunk.mode in {"RGB", "CMYK"}:
        with suppress(ImageCms.PyCMSError, ValueError, OSError):
            found = ImageCms.profileToProfile(
                shrunk,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            if found is not None:
                return found
    return shrunk.convert("RGB")


def _turned(picture: Image.Image, image: Image.Image) -> Image.Image:
    """Return *picture* upright, as the EXIF of *image* says, if that can be read."""
    turn = None
    with suppress(Exception):  # a picture whose EXIF is broken is a picture
        turn = _TURNED.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return picture if turn is None else picture.transpose(turn)


def _small_enough(
    picture: Image.Image, qualities: tuple[int, ...], most: int
) -> Reencoded:
    """Return *picture* at the first quality that fits; at the last one if none does."""
    for quality in qualities:
        made = _written(picture, quality)
        if len(made.content) <= most:
            break
    return made


def _written(picture: Image.Image, quality: int) -> Reencoded:
    # What it has brought along is no part of the new file.
    picture.info.clear()
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, optimize=True)
    return Reencoded(file.getvalue(), *picture.size)


def _is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"
