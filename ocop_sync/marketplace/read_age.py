"""How old the things are that a read shows.

Most marketplaces answer a read with what is so at that moment. Where people carry a
marketplace's lists to us, what a read shows was so hours or days ago: its adapter
claims that (`Capabilities.read_age_s`), and says of each page and listing when.
"""

from datetime import UTC, datetime
from typing import Final

NEVER_TOLD: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""`Page.as_of` of an empty page where nobody has ever told what is there. It is no
whole read: no listing counts as absent by it, and none is made upon it."""


def ensure_instant(at: datetime | None, name: str) -> None:
    """Accept an instant with a time zone, or None.

    Raises:
        ValueError: It has no time zone; the message names the field *name*.
    """
    if at is not None and at.utcoffset() is None:
        message = f"{name} has no time zone: say it in UTC"
        raise ValueError(message)
