"""How old the reads of marketplaces are, where people carry their lists to us."""

from collections.abc import Mapping

from ocop_sync.api.typed.values import Instant, Model
from ocop_sync.service.run.read_ages import ReadAge


class ReadAgeForm(Model):
    """How old the lists of a marketplace are, and how old they may be."""

    marketplace: str
    """Name of the marketplace."""
    at_most_s: float
    """How many seconds old a list may be, as its adapter says."""
    read_at: Instant | None
    """When the oldest list of its accounts was so; null if one of them has none."""
    is_too_old: bool
    """A list is older than it may be, or missing: a person is to bring one."""


def read_age_forms(found: Mapping[str, ReadAge]) -> tuple[ReadAgeForm, ...]:
    """Return them as they are shown, by marketplace."""
    return tuple(
        ReadAgeForm(
            marketplace=name,
            at_most_s=each.at_most.total_seconds(),
            read_at=each.read_at,
            is_too_old=each.is_too_old,
        )
        for name, each in sorted(found.items())
    )
