"""Take a picture in: decoded beside the event loop, then kept in one transaction."""

from dataclasses import dataclass
from typing import Protocol

from catalog.commands.pictures import (
    PictureEdit,
    ProductPictures,
    add_picture,
    pictures_of,
)
from catalog.model.fact import Fact
from catalog.pictures.kept import KeptPicture
from ocop_sync.clock import Clock
from ocop_sync.store.db.database import Database


class Decoder(Protocol):
    """Writes pictures anew: `catalog.pictures.reencoder.Reencoder`."""

    async def reencode(self, content: bytes) -> KeptPicture:
        """Return the picture in *content* as it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """What uploading needs of a deployment.

    Attributes:
        decoder: Writes pictures anew.
        public_url: The address under which this service is reached.
    """

    decoder: Decoder
    public_url: str


async def upload_picture(
    database: Database,
    uploads: Uploads,
    code: str,
    content: bytes,
    *,
    shows_ocop_mark: Fact,
    edit: PictureEdit,
    clock: Clock,
) -> ProductPictures:
    """Put the picture in the file *content* behind those of a product.

    Raises:
        NotInCatalogError: There is no such product within reach.
        UnfitPictureError: The file cannot be taken; it says why.
        TooManyPicturesError: Too many are being decoded.
        AttestationError: It is not said who.
        CatalogError: The product has as many pictures as it may.
        ChangedMeanwhileError: The pictures are no longer those that were seen.
    """
    await database.fetch(pictures_of, code, edit.reach)  # before any work is done
    kept = await uploads.decoder.reencode(content)
    return await database.write(
        lambda conn: add_picture(
            conn,
            code,
            kept,
            public_url=uploads.public_url,
            shows_ocop_mark=shows_ocop_mark,
            edit=edit,
            now=clock(),
        )
    )
