"""Imports that are under way, for whoever has sent a sheet and may leave meanwhile.

They live in this process alone: what it was about is told by its report once it is
done, and by nobody if the process ends before.
"""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.db.kept_reports import KeptReport

_MOST_KEPT: Final = 100
"""So many that have ended are known by their names."""
PATIENCE_S: Final = 2.0
"""So long a sender is made to wait before being shown that it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUnderWay:
    """One import that is under way, or was.

    Attributes:
        name: Its name, which nobody can guess.
        file: Name of the file.
        by: Who has sent it, or answered.
        began_at: When.
        task: Its work; its result is the report.
    """

    name: str
    file: str
    by: str
    began_at: datetime
    task: "asyncio.Task[KeptReport]"


class ImportsUnderWay:
    """The imports of one process."""

    def __init__(self) -> None:
        self._known: dict[str, ImportUnderWay] = {}

    def begin(
        self,
        work: Coroutine[Any, Any, KeptReport],
        *,
        file: str,
        by: str,
        now: datetime,
    ) -> ImportUnderWay:
        """Let *work* go on by itself."""
        made = ImportUnderWay(
            name=secrets.token_hex(16),
            file=file,
            by=by,
            began_at=now,
            task=asyncio.ensure_future(work),
        )
        # An error is told to whoever asks for it, and to nobody else.
        made.task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._known[made.name] = made
        ended = [each.name for each in self._known.values() if each.task.done()]
        for name in ended[:-_MOST_KEPT]:
            del self._known[name]
        return made

    def find(self, name: str) -> ImportUnderWay | None:
        """Return the import of that name; None if nobody knows it."""
        return self._known.get(name)

    def going_on(self) -> Sequence[ImportUnderWay]:
        """Return those that have not ended, the latest first."""
        return [e for e in reversed(self._known.values()) if not e.task.done()]

    async def aclose(self) -> None:
        """End all of them: what is written comes in whole, or not at all."""
        tasks = [each.task for each in self._known.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
