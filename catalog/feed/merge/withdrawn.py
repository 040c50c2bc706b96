"""Guard what a producer has withdrawn, or had erased, against an import.

A sheet may be older than the withdrawal, or be filled in by habit: only the producer
gives its consent again, by `catalog.commands.consent`. What was erased does not come
back by a sheet either; with consent given anew it may.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from catalog.feed.headings.column import COLUMNS
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.model.erasure import Erasure, ErasureEnd
from catalog.model.fact import Fact
from catalog.vietnam_time import VIETNAM, moment

Withdrawn = Mapping[str, Erasure]
"""The erasures that producers have asked for, by their ids."""

_CONSENT: Final = ("consent", "consent_by", "consent_on")
ERASED: Final = (
    "producer_name",
    "certified_address",
    "address",
    "identity_ready_by",
)
"""What an erasure takes that a sheet could bring back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnConflict:
    """A value that stays as it is, as its producer has withdrawn its consent.

    Attributes:
        column: The column.
        key: Id of the producer.
        ours: The value in the catalog.
        at: When consent was withdrawn, in UTC.
    """

    column: str
    key: str
    ours: object
    at: datetime

    def at_row(self, row: FeedRow) -> Problem:
        """Return it as a problem of *row*."""
        at = self.at.astimezone(VIETNAM)
        return row.problem(
            column=self.column,
            vi=f"cơ sở đã rút đồng ý lúc {moment(at)}: giữ nguyên. Chỉ khi cơ sở đồng ý"
            f" lại (`ocop-sync consent give {self.key} --by TÊN`) mới ghi được",
            en=f"the producer withdrew its consent on {at:%Y-%m-%d %H:%M}: it stays as"
            " it is, until the producer consents again (see that command)",
            kind=ProblemKind.CONFLICT,
        )


def withdrawn_conflicts(
    made: RowDraft, withdrawn: Withdrawn
) -> Iterator[WithdrawnConflict]:
    """Yield the values of a row that a withdrawal keeps out."""
    maker = made.known_maker
    asked = None if maker is None else withdrawn.get(maker.id)
    if maker is None or asked is None or maker.consent.value is not Fact.NO:
        return  # it has consented anew, also after an erasure
    names: tuple[str, ...] = ()
    if made.given.get("consent", Fact.NO) is not Fact.NO:
        names += _CONSENT
    if asked.ended is ErasureEnd.ERASED:
        names += ERASED
    for name in names:
        ours = COLUMNS[name].value_of(maker)
        if name in made.given and made.given[name] != ours:
            yield WithdrawnConflict(
                column=name, key=maker.id, ours=ours, at=asked.withdrawn_at
            )
