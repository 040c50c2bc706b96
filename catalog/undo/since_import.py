"""The events since an import about its changes, read from the database.

The consequences are decided in `catalog.undo.plan`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.fact_changes import facts_changed_since
from catalog.db.field_changes import WHOLE, Change, ChangedField, Entity, Touch
from catalog.db.imports import Import
from catalog.db.kept_changes import OtherChange, changes_by_others
from catalog.db.provenance import provenance_of
from catalog.db.sales import last_sold
from catalog.model.effect import EffectKind, Key
from catalog.model.product import Product
from catalog.undo.effects import effect_of
from catalog.undo.plan import Since, in_fields

Effects = Mapping[tuple[str, str], Mapping[str, Any]]
"""Rows of effects, as `catalog.db.imports.effects_about` returns them."""

_BY_SALES = "bán hàng / sales"


async def events_since(
    conn: AsyncConnection,
    made: Import,
    subjects: Sequence[str],
    skus: Sequence[str],
    effects: Effects,
) -> Since:
    """Read the events since an import."""
    others = await changes_by_others(conn, made.id, subjects)
    return Since(
        made=made,
        later=_later(others, made.id),
        undone=_undone(others, made.id),
        touches=await provenance_of(conn, subjects),
        facts=await facts_changed_since(conn, made.id, subjects),
        sold=await _sold(conn, skus, made.imported_at),
        taken_over=_taken_over(others, made.id, effects),
    )


def _later(others: Sequence[OtherChange], number: int) -> dict[ChangedField, Touch]:
    """Return the changes of later imports that stand; the latest counts."""
    found: dict[ChangedField, Touch] = {}
    for each in others:
        if each.import_id > number and not each.undone:
            by = f"lần nạp / import {each.import_id}: {each.file}"
            found.setdefault(each.change.where, Touch(each.imported_at, by))
    return found


def _undone(
    others: Sequence[OtherChange], number: int
) -> dict[ChangedField, list[Change]]:
    """Return the changes of earlier imports that are undone, the latest first."""
    found: defaultdict[ChangedField, list[Change]] = defaultdict(list)
    for each in others:
        change = each.change
        if each.import_id < number and each.undone and not change.erased:
            found[change.where].append(change)
            is_pack = change.where.entity is Entity.VARIANT
            if is_pack and change.where.field == WHOLE:
                bare = Product(id=change.where.subject, name="")
                for part in in_fields(bare, [change]):
                    found[part.where].append(part)
    return found


def _taken_over(
    others: Sequence[OtherChange], number: int, effects: Effects
) -> set[Key]:
    """Return which effects of the import a person stands for now.

    Somebody has entered the same by command, or confirmed a later import that says it.
    An effect that a later import ends itself is no person's act.
    """
    by_sheets = {
        each.change.where[1:3]
        for each in others
        if each.change.where.entity is Entity.EFFECT
    }
    found: set[Key] = set()
    for (product_id, name), state in effects.items():
        key, import_id = effect_of(product_id, name)
        if import_id != number or key[1] is EffectKind.STARS:
            continue
        over = not state["stands"] and (product_id, name) not in by_sheets
        if over or state["confirmed_in"] not in (None, number):
            found.add(key)
    return found


async def _sold(
    conn: AsyncConnection, skus: Sequence[str], since: datetime
) -> dict[str, Touch]:
    sold = await last_sold(conn, skus, since)
    return {sku: Touch(at, _BY_SALES) for sku, at in sold.items()}
