"""Make pictures to be uploaded: small, plain, each with one oddity."""

import io
from typing import Any

from PIL import Image

LARGEST = bytes.fromhex(
    "524946461e000000574542505650384c110000002f87d3e71307508f22d7a3808188e87f0000"
)
"""A WebP of 20 megapixels with transparency, all alike: nothing takes more memory."""


def make_picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (64, 48),
    mode: str = "RGB",
    color: Any = "green",
    **saved: Any,
) -> bytes:
    """Return a picture of one colour, its upper left corner red where it has colours.

    Args:
        kind: "JPEG", "PNG", "WEBP" or any other that Pillow writes.
        size: Width and height.
        mode: As Pillow calls it.
        color: Of the whole picture.
        saved: How it is written.
    """
    image = Image.new(mode, size, color)
    if mode == "RGB":
        corner = (0, 0, size[0] // 4, size[1] // 4)
        image.paste("red", corner)
    return written(image, kind, **saved)


def written(image: Image.Image, kind: str, **saved: Any) -> bytes:
    """Return *image* as a file."""
    file = io.BytesIO()
    image.save(file, kind, **saved)
    return file.getvalue()


def read(content: bytes) -> Image.Image:
    """Return a picture, decoded."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
