"""How a product is counted: a type whose text is stored and shown."""

import pytest

from ocop_sync.engine.terms import (
    LISTABLE,
    NOT_CERTIFIED,
    NOT_COUNTED,
    VALIDITY_UNKNOWN,
    CountedAs,
)


def test_a_blocked_product_names_its_rule() -> None:
    blocked = CountedAs.blocked("E04")

    assert str(blocked) == "blocked:E04"
    assert CountedAs(str(blocked)).blocked_by == "E04"


@pytest.mark.parametrize(
    "counted", [LISTABLE, VALIDITY_UNKNOWN, NOT_CERTIFIED, NOT_COUNTED]
)
def test_others_are_blocked_by_none(counted: CountedAs) -> None:
    assert counted.blocked_by is None
