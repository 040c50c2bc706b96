"""Accounts that cannot be worked with at all, to people."""

from collections.abc import Iterable

from catalog.eligibility import Text
from ocop_sync.cli.views.tables import console, indented, plain
from ocop_sync.service.deployment import Unusable


def show_unusable(lost: Iterable[Unusable]) -> None:
    """Show which accounts cannot be worked with at all, why, and what to do."""
    keys: dict[tuple[str, Text], list[str]] = {}
    for each in lost:
        keys.setdefault((each.why, each.todo), []).append(each.key)
    out = console()
    for (why, todo), named in keys.items():
        out.print(f"{plain(', '.join(named))}: {plain(why)}")
        out.print(indented(f"Phải làm / to do: {todo}"))
