"""The facts through which a reverted import may have had an effect, and where.

Effects are called after places of certificates, which move once an earlier one goes.
"""

from collections.abc import Collection

from catalog.db.field_changes import WHOLE, ChangedField, Entity
from catalog.model.effect import Effect, EffectKind
from catalog.model.product import Product
from catalog.values import replace

Fact = tuple[EffectKind, str]
"""A kind of effect, and its subject within the product."""


def facts_of(where: ChangedField) -> tuple[Fact, ...]:
    """Return which effects an import may have had by changing this."""
    entity, key, field = where.entity, where.key, where.field
    if entity is Entity.PRODUCT:
        return {
            "paused": ((EffectKind.STOPPED, ""),),
            "producer_id": ((EffectKind.CONSENT, ""),),
        }.get(field, ())
    if entity is Entity.PAPER:
        return ((EffectKind.PAPER, key),)
    if entity is Entity.VARIANT and field in ("count", "reserved", "buffer"):
        return ((EffectKind.EMPTIED, key),)
    if entity is Entity.CERTIFICATE:
        revoked, ended = (EffectKind.REVOKED, key), (EffectKind.ENDED, "")
        return {WHOLE: (revoked, ended), "revocation": (revoked,)}.get(field, (ended,))
    return ()


def aligned(item: Product, gone: Collection[int], without: int) -> Product:
    """Return *item* in the form for the comparison with its later state.

    Args:
        item: The product as it was.
        gone: Places of the certificates that go: they come last, so that all others
            have the places that they will have.
        without: The import whose effects end: they doubt nothing any more.
    """
    kept = [each for n, each in enumerate(item.certificates) if n not in gone]
    last = [item.certificates[n] for n in sorted(gone)]
    effects = [each for each in item.effects if each.import_id != without]
    return replace(
        item,
        certificates=(*kept, *last),
        effects=tuple(each for e in effects if (each := _moved(e, gone)) is not None),
    )


def _moved(effect: Effect, gone: Collection[int]) -> Effect | None:
    if effect.kind is not EffectKind.REVOKED:
        return effect
    place = moved_place(int(effect.key), gone)
    return None if place is None else effect._replace(key=str(place))


def moved_place(place: int, gone: Collection[int]) -> int | None:
    """Return the place of a certificate once others have gone; None if it has."""
    return None if place in gone else place - sum(n < place for n in gone)
