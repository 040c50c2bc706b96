"""The effects of imports when one of them is taken back.

Those of the import end with it, unless their subject stays; effects of earlier imports
that it had ended stand again, where they still take something. An effect of the undoing
itself is entered as such (`catalog.undo.undo`). Functions over a connection in the
transaction of the undoing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import Change
from catalog.db.imports import imports_of, keep_effects, lift_effects
from catalog.db.undone import (
    CertificateMention,
    certificate_changes_of,
    doubt,
    end_effects,
    forget_revocations,
    move_certificate_changes,
    move_revocations,
    revocations_of,
    stand_again,
)
from catalog.eligibility.effects import Comparison, Entered
from catalog.model.effect import EffectKind, Key
from catalog.undo.facts import moved_place
from catalog.values import replace


def effect_in(change: Change) -> tuple[Key, int]:
    """Return which effect a change is about, and of which import it is."""
    return effect_of(change.where.subject, change.where.key)


def effect_of(product_id: str, name: str) -> tuple[Key, int]:
    """Return the effect that a change calls *name*, and of which import it is."""
    kind, _, rest = name.partition(" ")
    about, _, number = rest.rpartition(" ")
    return (product_id, EffectKind(kind), about), int(number)


class UndoneEffects:
    """The changes of effects by one undoing."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._own: dict[Key, bool] = {}
        self._kept: set[Key] = set()
        self._entered: dict[Key, Entered] = {}
        self._lifted: set[Key] = set()
        self._facts: dict[str, Collection[tuple[EffectKind, str]]] = {}
        self._gone: dict[str, Collection[int]] = {}
        self._again: list[tuple[Key, int]] = []
        self._doubted: list[tuple[Key, int]] = []

    def know(self, effects: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        """Take in which effects of the import stand, out of all that are kept."""
        for (product_id, name), state in effects.items():
            key, import_id = effect_of(product_id, name)
            if import_id == self._number:
                self._own[key] = state["stands"]

    def keep(self, keys: Iterable[Key]) -> None:
        """Note the effects of the import whose subjects stay as they are."""
        self._kept.update(keys)

    def compare(
        self,
        product_id: str,
        found: Comparison,
        facts: Collection[tuple[EffectKind, str]],
        gone: Collection[int],
    ) -> None:
        """Note the effects that the undoing enters for a product, and those it lifts.

        *facts* are all that takes it from buyers now, or will; *gone* are the places of
        certificates that have gone.
        """
        for each in found.entered:
            # Whoever confirms the undoing has seen it: it is not asked about again.
            key = (product_id, each.kind, each.key)
            self._entered[key] = replace(each, asks=False)
        self._lifted.update((product_id, *fact) for fact in found.lifted)
        self._facts[product_id] = facts
        if gone:
            self._gone[product_id] = gone

    async def about_others(
        self, conn: AsyncConnection, changes: Iterable[Change]
    ) -> None:
        """Find out which effects of earlier imports stand again, or are doubted.

        One that the import had replaced by its own stands again, if its import does;
        one that it had confirmed is unconfirmed again.
        """
        found = [(effect_in(each), each) for each in changes]
        imports = await imports_of(conn, {number for (_, number), _ in found})
        for (key, number), change in found:
            if change.after["confirmed_in"] == self._number:
                self._doubted.append((key, number))
            ended = change.before["stands"] and not change.after["stands"]
            stands = number in imports and imports[number].undone_in is None
            if ended and stands and self._own.get(key) and key not in self._kept:
                moved = self._moved(key)
                if moved is not None and self._has_effect(moved):
                    self._again.append((moved, number))

    def _moved(self, key: Key) -> Key | None:
        """Return an effect as it is called once certificates have gone."""
        product_id, kind, about = key
        if kind is not EffectKind.REVOKED:
            return key
        place = moved_place(int(about), self._gone.get(product_id, ()))
        return None if place is None else (product_id, kind, str(place))

    def _has_effect(self, key: Key) -> bool:
        """Say whether an effect's subject takes the product, and no undoing does."""
        product_id, kind, about = key
        named = "" if kind is EffectKind.CONSENT else about
        return key not in self._entered and (kind, named) in self._facts[product_id]

    def by_kind(self) -> dict[str, int]:
        """Return from how many products the undoing takes something, by kind."""
        pairs = {(id_, kind) for id_, kind, _ in self._entered}
        count = Counter[EffectKind](kind for _, kind in pairs)
        del count[EffectKind.STARS]
        return {kind.value: count[kind] for kind in EffectKind if count[kind]}

    async def carry_out(self, conn: AsyncConnection, number: int) -> set[str]:
        """Carry it out as import *number*; return the products with changed effects."""
        await end_effects(conn, self._number)
        kept = [(key, self._number) for key in self._kept if self._own.get(key)]
        await stand_again(conn, kept)
        await doubt(conn, self._doubted)
        await move_places(conn, self._gone)
        await lift_effects(conn, sorted(self._lifted))
        await stand_again(conn, self._again)
        await keep_effects(conn, number, self._entered.values(), confirmed=False)
        others = [key for key, _ in (*self._again, *self._doubted)]
        keys = [*self._own, *self._entered, *self._lifted, *others]
        return {id_ for id_, *_ in keys}


async def move_places(
    conn: AsyncConnection, gone: Mapping[str, Collection[int]]
) -> None:
    """Follow certificates to their new places, of products of which some have gone.

    Effects are moved, and changes of imports that stand.
    """
    await forget_revocations(conn, gone)
    ids = sorted(gone)
    revocations = await revocations_of(conn, ids)
    changes = await certificate_changes_of(conn, ids)
    await move_revocations(conn, _moves(revocations, gone))
    await move_certificate_changes(conn, _moves(changes, gone))


def _moves(
    mentions: Iterable[CertificateMention], gone: Mapping[str, Collection[int]]
) -> list[tuple[CertificateMention, str]]:
    """Return the new place of each that has one; the first one moves first."""
    found: list[tuple[CertificateMention, str]] = []
    for each in mentions:
        place = moved_place(int(each.place), gone[each.product_id])
        if place is not None and str(place) != each.place:
            found.append((each, str(place)))
    return sorted(found, key=lambda pair: int(pair[0].place))
