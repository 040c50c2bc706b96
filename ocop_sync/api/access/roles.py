"""The roles that routes name: sets of them, by what they are for."""

from typing import Final

from ocop_sync.service.identity.role import Role

ADMIN: Final = Role.ADMIN.value
OPERATOR: Final = Role.OPERATOR.value
PRODUCER: Final = Role.PRODUCER.value
VIEWER: Final = Role.VIEWER.value

EVERYBODY: Final[frozenset[str]] = frozenset()
"""Everybody, without a key: only what the architecture lists as open."""
ADMINS: Final = frozenset({ADMIN})
"""People, keys, schedules, policies, mapping."""
STAFF: Final = frozenset({ADMIN, OPERATOR})
"""The department's work."""
PRODUCERS: Final = frozenset({PRODUCER})
"""Pages of a producer about its own products."""
STAFF_AND_PRODUCERS: Final = STAFF | {PRODUCER}
"""Work on products: a producer on their own ones, staff on all."""
VIEWERS: Final = STAFF | {VIEWER}
"""Figures and lists, without anybody's contacts."""
SIGNED_IN: Final = VIEWERS | {PRODUCER}
"""All who are signed in."""
