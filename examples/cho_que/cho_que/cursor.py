"""The order of pages, and one's place among them.

Listings come by growing number: those that are new come last, and one that goes shifts
no other. A marketplace whose pages are numbered needs more care: see Postmart's.
"""

from cho_que.wire import Rows
from ocop_sync.errors import ProtocolError


def after(cursor: str | None) -> int:
    """Return the number after which a page begins."""
    return int(cursor or 0)


def following(rows: Rows, cursor: str | None) -> str | None:
    """Return the cursor of the next page; None after the last.

    Raises:
        ProtocolError: The pages do not get any further.
    """
    if rows.next is None:
        return None
    if rows.next <= after(cursor):
        message = f"pages: {rows.next} after {after(cursor)}"
        raise ProtocolError(message)
    return str(rows.next)
