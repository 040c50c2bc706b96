"""A picture as this service keeps and serves it, under the hash of its bytes."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final, Self

from catalog.model.product import Picture, Size

_PATH: Final = re.compile(r"/pictures/([0-9a-f]{64})\.jpg")


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture that was uploaded, written anew.

    Attributes:
        hash: SHA-256 of its bytes, hexadecimal: its name, and its ETag.
        size: Width and height.
        content: The JPEG.
    """

    hash: str
    size: Size
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, content: bytes, width: int, height: int) -> Self:
        """Return the picture with these bytes."""
        return cls(hashlib.sha256(content).hexdigest(), Size(width, height), content)


def address_of(public_url: str, hash_: str) -> str:
    """Return the address of a picture at the service that *public_url* leads to."""
    return f"{public_url.rstrip('/')}/pictures/{hash_}.jpg"


def hash_in(url: str) -> str:
    """Return which picture of ours *url* leads to; "" if it leads to none.

    Whatever stands before the path: the service may have moved.
    """
    found = _PATH.search(url)
    return found[1] if found and found.end() == len(url) else ""


def hashes_in(pictures: tuple[Picture, ...]) -> set[str]:
    """Return which of *pictures* are ours."""
    return {hash_ for each in pictures if (hash_ := hash_in(each.url))}
