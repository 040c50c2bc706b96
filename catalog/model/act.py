"""Acts: what somebody has done to the catalog, or decided about its listings.

Each is one entry of the audit (`catalog.db.acts`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from catalog.model.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of somebody.

    Attributes:
        by: Who has acted.
        kind: The act, as "set_price"; at most 32 characters.
        at: The instant of the act, aware.
        subjects: Ids of the products, producers or accounts that it is about. No
            personal datum: they stay when personal data are erased.
        refs: Further ids, by name, such as the number of an import or a decision.
        reason: The words of the person; "" if none were asked for. They may hold
            personal data.
    """

    by: Actor
    kind: str
    at: datetime
    subjects: Sequence[str] = ()
    refs: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
