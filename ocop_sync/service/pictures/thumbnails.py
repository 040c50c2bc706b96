"""Pictures as small as cards show them, for whoever may see the picture.

One is made when it is first asked for, in a process of its own as any other picture is
decoded, and kept in memory.
"""

from functools import partial
from typing import Final

from catalog.model.reach import Reach
from ocop_sync.service.pictures.show import picture_for
from ocop_sync.service.pictures.upload import Decoder
from ocop_sync.store.db.database import Database

MOST: Final = 2_000
"""Thumbnails that are kept: 7 MB at most."""


class Thumbnails:
    """Makes thumbnails, and keeps the latest ones.

    Args:
        decoder: Writes a picture anew, small.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._kept: dict[str, bytes] = {}

    async def of(self, database: Database, hash_: str, reach: Reach) -> bytes | None:
        """Return the thumbnail of a picture; None if there is none for this *reach*.

        Raises:
            UnfitPictureError: The picture that is kept cannot be read.
            TooManyPicturesError: Too many are being decoded.
        """
        known = self._kept.get(hash_)
        ask = partial(picture_for, database, hash_, reach)
        # Danger: what is kept is of all producers; each is asked for anew.
        content = await ask(is_known=known is not None)
        if content is None or known is not None:
            return None if content is None else known
        made = (await self._decoder.reencode(content)).content
        if len(self._kept) >= MOST:
            self._kept.pop(next(iter(self._kept)))
        self._kept[hash_] = made
        return made
