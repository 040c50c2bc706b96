"""Roles: what a person or a key may do. Which call asks for which stands in the API."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person or a key may do, the most first."""

    ADMIN = "admin"
    """People, keys, schedules, policies, mapping; and what an operator may."""
    OPERATOR = "operator"
    """The rest of the department's work."""
    PRODUCER = "producer"
    """The products of the producers that are served, and no others."""
    VIEWER = "viewer"
    """Figures and lists, without anybody's contacts."""

    @property
    def is_staff(self) -> bool:
        """Say whether it is one of the department: with a name and a password."""
        return self is not Role.PRODUCER

    @property
    def lifetime(self) -> timedelta:
        """Return after which time a session ends, whatever it was used for."""
        return _STAFF_LIFETIME if self.is_staff else _PRODUCER_LIFETIME

    @property
    def idle(self) -> timedelta:
        """Return after which time without use a session ends."""
        return _STAFF_LIFETIME if self.is_staff else _PRODUCER_IDLE


_STAFF_LIFETIME: Final = timedelta(hours=12)
_PRODUCER_LIFETIME: Final = timedelta(days=90)
_PRODUCER_IDLE: Final = timedelta(days=30)
LONGEST_LIFETIME: Final = _PRODUCER_LIFETIME
