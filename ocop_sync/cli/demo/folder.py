"""The folder of the demonstration: the place of each file, and its progress.

Everything the demonstration writes is in here; deleting the folder starts it
anew. One demonstration at a time works in a folder.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from ocop_sync.cli.private_process import locked, private_files
from ocop_sync.errors import ConfigurationError
from ocop_sync.files import append_to, write_text


@dataclass(slots=True, kw_only=True)
class Memory:
    """How far the demonstration has come.

    Attributes:
        began_at: When it began, by the computer's clock, ISO 8601 in UTC: in
            its first part, time counts from there.
        is_today: It has jumped to the present day.
        before: How the real products stood at each marketplace before the jump.
        has_left: Marketplaces have done what a visitor finds to decide.
    """

    began_at: str
    is_today: bool = False
    before: dict[str, dict[str, int]] = field(default_factory=dict)
    has_left: bool = False


class Folder:
    """The folder with everything that the demonstration keeps; made if need be."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.settings = self.path / "ocop-sync.toml"
        self.secrets = self.path / "secrets.env"
        self.catalog = self.path / "mau.csv"
        self.log = self.path / "ocop-sync.log"
        self._memory = self.path / "demo.json"

    @property
    def database_url(self) -> str:
        """Return the URL of the database."""
        return f"sqlite:///{self.path / 'ocop.db'}"

    def data_of(self, marketplace: str) -> Path:
        """Return where a mock keeps its data."""
        return self.path / f"{marketplace}.jsonl"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other demonstration out of this folder, and readers as well.

        Files that are written meanwhile, by child processes too, are for their owner
        alone: the folder holds the passwords of the accounts.

        Raises:
            ConfigurationError: Another one works in it.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        taken = (
            f"{self.path}: một bản chạy thử khác đang chạy"
            " / another demonstration is running there"
        )
        with private_files(), locked(self.path / "lock", taken):
            yield

    def open_log(self) -> TextIO:
        """Open the log, to write at its end."""
        return TextIOWrapper(append_to(self.log), "utf-8", line_buffering=True)

    def recall(self, now: datetime) -> Memory:
        """Return how far the demonstration has come; at first, to its beginning.

        Raises:
            ConfigurationError: Another version has kept something else there.
        """
        try:
            return Memory(**json.loads(self._memory.read_text("utf-8")))
        except FileNotFoundError:
            memory = Memory(began_at=now.isoformat())
            self.remember(memory)
            return memory
        except (ValueError, TypeError) as error:
            message = (
                f"{self._memory}: không đọc được, hãy xoá thư mục để bắt đầu lại"
                " / cannot be read, delete the folder to start anew"
            )
            raise ConfigurationError(message) from error

    def remember(self, memory: Memory) -> None:
        """Keep how far the demonstration has come."""
        text = json.dumps(asdict(memory), ensure_ascii=False, indent=2)
        write_text(self._memory, text + "\n")
