"""Whether the audit is whole, looked at over the API: a part of it at a time.

Each entry is hashed anew: a hundred thousand take some seconds of a processor, and no
call is to take longer. Whoever goes on hands over the end of the part before.
"""

from dataclasses import dataclass
from typing import Final

from catalog.db.audit_chain import FIRST
from catalog.queries.audit import AuditVerification, verify_audit
from ocop_sync.service.deployment import Deployment

MOST_ENTRIES: Final = 100_000
"""Entries of a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPart:
    """Which part of the audit is checked.

    Attributes:
        after: Number of the entry behind which it begins.
        before_head: The hash of that entry, as it was told with the part before.
        expected: A hash that was kept elsewhere; "" if none was.
    """

    after: int = 0
    before_head: str = FIRST
    expected: str = ""


async def check_audit(deployment: Deployment, part: AuditPart) -> AuditVerification:
    """Read a part of the audit, 100,000 entries at most, and check each entry."""
    return await deployment.database.fetch(
        verify_audit,
        part.expected,
        after=part.after,
        before_head=part.before_head,
        most=MOST_ENTRIES,
    )
