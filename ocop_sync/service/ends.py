"""When something ends by itself: a certificate, a paper, a rule's old version.

What ends is decided by the catalog's rules; the moment is stored with each
listing when it is judged (`Record.until`).
"""

from datetime import datetime

from ocop_sync.service.deployment import Deployment
from ocop_sync.store import records


async def next_end(deployment: Deployment, since: datetime) -> datetime | None:
    """Return the first moment after *since* at which a verdict may change by itself.

    Args:
        deployment: What it works with; listings of other accounts do not count.
        since: When everything was judged last, in UTC.

    Returns:
        The moment in UTC, past or to come; None if there is none.
    """
    keys = [key for site in deployment.sites for key in site.accounts]
    async with deployment.database.read() as conn:
        return await records.next_end(conn, keys, since)
