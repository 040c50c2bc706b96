"""What becomes of a verdict by itself, as time passes."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from catalog.eligibility.evaluation import Rules, evaluate
from catalog.eligibility.verdict import Verdict
from catalog.model.producer import Producer
from catalog.model.product import Product


class Outlook:
    """The verdicts that follow one by themselves, with the facts as they are.

    Each is worked out when it is first asked for, and kept: whatever is made of one
    verdict has one outlook.
    """

    __slots__ = ("_found", "_producer", "_product", "_rules", "_verdict")

    def __init__(
        self,
        product: Product,
        producer: Producer | None,
        verdict: Verdict,
        rules: Rules,
    ) -> None:
        self._product = product
        self._producer = producer
        self._verdict = verdict
        self._rules = rules
        self._found: list[tuple[datetime, Verdict]] = []

    def __eq__(self, other: object) -> bool:
        """Say whether both are of equal facts: then the same follows, asked or not."""
        if not isinstance(other, Outlook):
            return NotImplemented
        return self._facts == other._facts

    def __hash__(self) -> int:
        """Return the same for equal ones."""
        return hash((self._product.id, self._rules.version))

    @property
    def _facts(self) -> tuple[Product, Producer | None, Verdict, str]:
        return self._product, self._producer, self._verdict, self._rules.version

    def later(self) -> Iterator[tuple[datetime, Verdict]]:
        """Yield the moments at which the verdict changes, in UTC, each with the next.

        Where it changes for ever, nobody should ask for all.
        """
        for n in count():
            if n == len(self._found):
                last = self._found[-1][1] if self._found else self._verdict
                at = last.changes_at
                if at is None:
                    return
                verdict = evaluate(
                    self._product, self._producer, at, self._rules, earlier=last
                )
                self._found.append((at, verdict))
            yield self._found[n]
