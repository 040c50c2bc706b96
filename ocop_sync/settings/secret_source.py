"""Where a secret is kept, as settings say it."""

from pathlib import Path
from typing import Self

from pydantic import model_validator

from ocop_sync.settings.group import Group


class SecretSource(Group):
    """Where one secret is kept: a variable or a file, never the value itself."""

    env: str = ""
    """Environment variable that holds the value. Empty: see `file`."""

    file: Path | None = None
    """File that holds the value, UTF-8; line ends at its end do not count. A
    relative path starts at the current folder. None: see `env`."""

    @model_validator(mode="after")
    def _need_one(self) -> Self:
        if bool(self.env) == (self.file is not None):
            message = "cần đúng một trong hai: env, file / exactly one of env and file"
            raise ValueError(message)
        return self
