"""A list for machines: its head, and its rows in the forms that the API shows."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from ocop_sync.api.typed.values import Model

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list and what is said of the whole of it.

    Attributes:
        name: The key of the list.
        rows: Its rows; those of an iterator are read as they are written.
        head: What is said besides.
    """

    name: str
    rows: Iterator[Model] | AsyncIterator[Model]
    head: Model | None = None

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; the rows come one by one."""
        head = {} if self.head is None else self.head.json_form()
        return head | {self.name: self.rows}


def listed(
    name: str,
    rows: Iterable[T],
    form: Callable[[T], Model],
    head: Model | None = None,
) -> Listed:
    """Return *rows* as they are shown, each made when it is written."""
    return Listed(name, map(form, rows), head)


async def as_shown(
    rows: AsyncIterator[T], form: Callable[[T], Model]
) -> AsyncIterator[Model]:
    """Yield *rows* as they are shown, while they are read."""
    async for each in rows:
        yield form(each)
