"""What becomes of a verdict by itself is worked out once, whoever asks."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from catalog.eligibility import Outlook, evaluate, load_rules, outlook
from tests.factories import make_producer, make_product

NOW = datetime(2026, 1, 15, tzinfo=UTC)
RULES = load_rules(accept_published=True)
PRODUCT, PRODUCER = make_product(), make_producer()
VERDICT = evaluate(PRODUCT, PRODUCER, NOW, RULES)


def test_each_verdict_is_the_one_of_its_moment() -> None:
    found = [*islice(Outlook(PRODUCT, PRODUCER, VERDICT, RULES).later(), 3)]

    assert [at for at, _ in found] == [
        VERDICT.changes_at,
        *(verdict.changes_at for _, verdict in found[:-1]),
    ]
    assert [verdict for _, verdict in found] == [
        evaluate(PRODUCT, PRODUCER, at, RULES) for at, _ in found
    ]


def test_it_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    coming = Outlook(PRODUCT, PRODUCER, VERDICT, RULES)
    found = [*islice(coming.later(), 2)]
    monkeypatch.delattr(outlook, "evaluate")

    assert [*islice(coming.later(), 2)] == found


def test_what_is_asked_of_it_makes_no_difference() -> None:
    asked, same = (Outlook(PRODUCT, PRODUCER, VERDICT, RULES) for _ in range(2))
    next(asked.later())

    assert asked == same
    assert asked != Outlook(make_product(id="SP-2"), PRODUCER, VERDICT, RULES)
    assert asked != VERDICT
