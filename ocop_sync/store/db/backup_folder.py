"""A folder of backups, each named after its instant; the oldest make way."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ocop_sync.files import not_written
from ocop_sync.store.db.backup import back_up

_OURS: Final = re.compile(r"ocop-\d{8}T\d{6}Z\.db")


@dataclass(frozen=True, slots=True)
class BackupFolder:
    """Where backups of a database are kept.

    Attributes:
        url: The database.
        folder: Made for its owner alone if it is not there.
        kept: How many stay.
    """

    url: str
    folder: Path
    kept: int

    def keep(self, now: datetime) -> Path:
        """Write a backup of *now*; only then remove those that are too many.

        Raises:
            ConfigurationError, NotWrittenError: As `ocop_sync.store.db.backup` does.
        """
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise not_written(self.folder, error.strerror or str(error)) from error
        copy = self.folder / f"ocop-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.db"
        back_up(self.url, copy)
        ours = sorted(p for p in self.folder.iterdir() if _OURS.fullmatch(p.name))
        for each in ours[: -self.kept]:
            each.unlink(missing_ok=True)
        return copy
