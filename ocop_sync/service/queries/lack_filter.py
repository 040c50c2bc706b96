"""Which of the missing papers are asked for: by state, paper, place and producer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from catalog.eligibility import Rules, Text
from catalog.model.paper import PaperKind
from catalog.queries.worklists import Lack

LackState = Literal["missing", "expired", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LackFilter:
    """Which of the missing papers; what is None narrows nothing.

    Attributes:
        state: Only those that are lacking so.
        paper: Only papers of this kind. A recognising decision, which a product may
            lack as well, is no paper that anybody attests: it has no kind.
        commune: Only of producers in this commune, by its code since 1 July 2025.
        producer: Only of this producer.
    """

    state: LackState | None = None
    paper: PaperKind | None = None
    commune: str | None = None
    producer: str | None = None

    def of(self, found: Iterable[Lack], kinds: Mapping[Text, PaperKind]) -> list[Lack]:
        """Return those of *found* that are asked for, in their order.

        Args:
            found: Papers that are missing.
            kinds: The kind of each paper, by its name (`kinds_by_name`).
        """
        return [
            each
            for each in found
            if self.state in {None, each.state}
            and self.paper in {None, kinds.get(each.paper)}
            and self.commune in {None, each.commune}
            and self.producer in {None, each.producer_id}
        ]


def kinds_by_name(rules: Rules) -> dict[Text, PaperKind]:
    """Return the kind of each paper that can be attested, by its name."""
    return {name: kind for kind, name in rules.tables.papers.items()}
