"""A feed as it was evaluated: all that is to be written of it, and its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db.sources import Origin
from catalog.feed.merge.bulk_change_check import ImportHold
from catalog.feed.merge.row_importer import Intake
from catalog.imports.catalog_view import CatalogView
from catalog.imports.import_report import ImportReport
from catalog.imports.missing import NamingChange
from catalog.model.actor import Actor


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a named person has confirmed: the holds under a token."""

    by: str
    token: str
    holds: Sequence[ImportHold]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedFeed:
    """A feed as it was evaluated.

    Attributes:
        report: Its report; it is to be written if `report.written`.
        origin: Its source.
        file: Name of the file, for people, or "".
        now: The instant of the evaluation.
        by: Who imports it, or has confirmed it.
        author: In whose name its changes are kept.
        counters: The last numbers of all counters in the state that it stands on.
        view: That state, and its changes.
        intake: What its rows have brought.
        naming: The products that its source names.
        accepted: What a person has confirmed; None if nobody has.
    """

    report: ImportReport
    origin: Origin
    file: str
    now: datetime
    by: Actor
    author: str
    counters: Mapping[str, int]
    view: CatalogView
    intake: Intake
    naming: NamingChange
    accepted: Accepted | None
