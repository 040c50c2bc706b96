"""Which values of the history stay for good, and which are erased."""

from typing import Any

import pytest

from catalog.db.field_changes import FIELDS, WHOLE, ChangedField, Entity
from catalog.db.retention import FOR_GOOD, joined, parted

PERSONAL = {
    Entity.PRODUCER: {
        "name",
        "certified_address",
        "address",
        "consent_by",
        "identity_ready_by",
    },
    Entity.CERTIFICATE: {"voided_by", "void_reason"},
    Entity.VARIANT: set[str](),
    Entity.PRODUCT: {
        "description",
        "pictures",
        "trace_url",
        "label_net_quantity",
        "label_ingredients",
        "label_origin",
        "label_dates",
        "label_use_and_storage",
        "label_warnings",
    },
}
"""Columns that may tell of a person: names, addresses, who said it, people's texts."""


@pytest.mark.parametrize("entity", PERSONAL)
def test_of_every_column_it_is_decided(entity: Entity) -> None:
    columns = {name for _, group in FIELDS[entity] for name in group}

    assert columns - FOR_GOOD[entity] >= PERSONAL[entity]
    assert not PERSONAL[entity] & FOR_GOOD[entity]
    assert FOR_GOOD[entity] - {"delta", "reason"} <= columns


def test_a_column_that_nobody_has_thought_of_goes() -> None:
    where = ChangedField(Entity.VARIANT, "SP-00001", "SP-00001-1", "colour")

    assert parted(where, "đỏ") == (None, "đỏ")


def test_who_has_attested_a_paper_goes_and_its_state_stays() -> None:
    where = ChangedField(Entity.PAPER, "SP-00001", "food_safety", WHOLE)
    paper = {"held": "yes", "held_by": "Bà Mẫu", "held_on": "2026-11-24"}

    stays, goes = parted(where, paper)

    assert stays == {"held": "yes", "held_on": "2026-11-24"}
    assert goes == {"held_by": "Bà Mẫu"}


@pytest.mark.parametrize(
    ("entity", "field", "value"),
    [
        pytest.param(Entity.VARIANT, "price_vnd", 50_000, id="stays"),
        pytest.param(Entity.PRODUCT, "description", "Lời kể", id="goes"),
        pytest.param(Entity.PRODUCT, "description", "", id="empty"),
        pytest.param(Entity.PRODUCT, "alcohol_percent", None, id="none"),
        pytest.param(
            Entity.PRODUCER,
            "consent",
            {"consent": "yes", "consent_by": "Bà Mẫu", "consent_on": None},
            id="both",
        ),
        pytest.param(Entity.PRODUCER, WHOLE, {"name": "Hộ Mẫu"}, id="whole"),
        pytest.param(Entity.NAMING, WHOLE, {"missing_since": None}, id="naming"),
    ],
)
def test_the_parts_make_the_value_again(entity: Entity, field: str, value: Any) -> None:
    where = ChangedField(entity, "SP-00001", "", field)

    again = joined(where, *parted(where, value))

    assert again == value
    if isinstance(value, dict):
        assert list(again) == list(value)
