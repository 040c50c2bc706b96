"""Find names that are nearly a former one, of a product or a producer.

Whoever was renamed more than once has several.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from catalog.feed.identify.fuzzy_names import Names
from catalog.text import fold

_BEHIND: Final = "\0"
"""What ends an id, behind which one of its names stands: in no id."""


@dataclass(slots=True)
class NearFormerNames:
    """Former names by the words in them, each of one owner."""

    _names: Names = field(default_factory=Names)

    def put(self, id_: str, owner: str, name: str) -> None:
        """Remember that *id_*, then of *owner*, was called *name*."""
        self._names.put(f"{id_}{_BEHIND}{fold(name)}", owner, name)

    def placing(self, *, of_anyone: bool) -> Iterator[None]:
        """As `Names.placing`."""
        return self._names.placing(of_anyone=of_anyone)

    def sharing(
        self, owners: Iterable[str] | None, name: str
    ) -> Iterator[tuple[str, bool]]:
        """Return whose former names, as those of *owners*, are nearly *name*.

        Returns:
            As of `Names.sharing`; an id once for each of its names that is so.
        """
        for key, slip in self._names.sharing(owners, name):
            yield key.partition(_BEHIND)[0], slip
