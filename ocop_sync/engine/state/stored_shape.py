"""The shape of stored values, and how those of earlier versions become those of now.

A shape says which fields a listing has, and how they are spelled as plain data. Its
version is stored with the values; a row of `STEPS` leads from each to the next. So an
upgrade of the program needs no marketplace to be read, and counts nothing as edited
there. A field that is only added has its row by itself: it says in
`ocop_sync.marketplace.listing` which version came with it, and fingerprints of earlier
ones are compared without it.

A field that a shape does not know yet is neither confirmed nor edited: the next read
tells (`ocop_sync.engine.state.confirmed`), and until then it is not compared
(`ocop_sync.engine.facet`).

**Whoever changes the shape** adds a row here, or the version to a new field, and a
migration, an empty one if need be: a program that does not know a shape must leave the
database alone.

Pure. How values are stored is decided in `ocop_sync.store.documents`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, TypeAlias

from ocop_sync.engine.facet import Value, Values
from ocop_sync.marketplace.listing import Facet, Listing, Variant, versions_of

Fingerprints: TypeAlias = Callable[[int], str]
"""Returns a fingerprint as the version of a shape would have taken it."""

_MARK = "."
_FINGERPRINT_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Step:
    """From one version of the shape to the next.

    Both ways take values of which facets and fields may be missing, and change
    nothing in place.

    Attributes:
        says: The step as a sentence.
        up: Values as the later version has them.
        down: Values as the earlier one had them, with their fields in its order.
        renamed: The later name of each field that is renamed: a facet, or "content."
            and a field.
    """

    says: str
    up: Callable[[Values], Values]
    down: Callable[[Values], Values]
    renamed: Mapping[str, str] = field(default_factory=dict)


def added(facet: Facet, name: str) -> Step:
    """A new field: the next read tells its shown value."""
    return Step(
        f"{facet.value} has {name}.",
        up=lambda values: values,
        down=lambda values: _without(values, facet, name),
    )


def added_to_packs(name: str) -> Step:
    """The same, of each pack of a content."""
    return Step(
        f"packs have {name}.",
        up=lambda values: values,
        down=lambda values: _with_packs(
            values, dict, lambda pack: {n: v for n, v in pack.items() if n != name}
        ),
    )


def dropped(facet: Facet, name: str) -> Step:
    """A field that is no longer there. Its value is lost, and fingerprints with it."""
    return Step(
        f"{facet.value} has no {name}.",
        up=lambda values: _without(values, facet, name),
        down=lambda values: values,
    )


def renamed(facet: Facet, before: str, after: str) -> Step:
    """A field that is called otherwise, in the same place."""
    return Step(
        f"{before} of {facet.value} is called {after}.",
        up=lambda values: _called(values, facet, before, after),
        down=lambda values: _called(values, facet, after, before),
        renamed={f"{facet.value}.{before}": f"{facet.value}.{after}"},
    )


def _with(values: Values, facet: Facet, value: Value) -> Values:
    return {name: value if name == facet else v for name, v in values.items()}


def _without(values: Values, facet: Facet, name: str) -> Values:
    known = values.get(facet) or {}
    if name not in known:
        return values
    return _with(values, facet, {n: v for n, v in known.items() if n != name})


def _called(values: Values, facet: Facet, before: str, after: str) -> Values:
    known = values.get(facet) or {}
    if before not in known:
        return values
    called = {after if name == before else name: v for name, v in known.items()}
    return _with(values, facet, called)


_PACK = ("pack", "gtin", "weight_g")


def _packs_by_name(values: Values) -> Values:
    return _with_packs(values, list, lambda pack: dict(zip(_PACK, pack, strict=True)))


def _packs_by_position(values: Values) -> Values:
    return _with_packs(values, dict, lambda pack: [pack[name] for name in _PACK])


def _with_packs(
    values: Values, spelled: type, spell: Callable[[Any], object]
) -> Values:
    """Return *values* with each pack that is *spelled* so spelled anew."""
    content = values.get(Facet.CONTENT) or {}
    packs = content.get("variants")
    if not isinstance(packs, dict):
        return values
    spelled_anew = {
        sku: spell(pack) if isinstance(pack, spelled) else pack
        for sku, pack in packs.items()
    }
    variants = {"variants": spelled_anew}
    return _with(values, Facet.CONTENT, {**content, **variants})


_CHANGES: Mapping[int, Step] = {
    2: Step(
        "What a pack is like is told by name, not by position.",
        up=_packs_by_name,
        down=_packs_by_position,
    ),
}
"""The steps that are more than a new field, by the version that they lead to."""


def steps_of(listing: Any, variant: Any) -> tuple[Step, ...]:
    """Return the steps from version 1 on, each to the next.

    Args:
        listing: The dataclass of a listing, whose new fields say their version.
        variant: That of a pack.

    Raises:
        ValueError: A version is said twice, or one is left out.
    """
    steps = [
        *_CHANGES.items(),
        *((v, added(Facet.CONTENT, name)) for name, v in versions_of(listing)),
        *((v, added_to_packs(name)) for name, v in versions_of(variant)),
    ]
    versions = sorted(version for version, _ in steps)
    if versions != list(range(2, len(steps) + 2)):
        message = f"not each version of the shape once: {versions}"
        raise ValueError(message)
    return tuple(step for _, step in sorted(steps, key=itemgetter(0)))


STEPS = steps_of(Listing, Variant)
"""The steps of the shape that values have now."""


def present() -> int:
    """Return the version of the shape that values have now."""
    return len(STEPS) + 1


def upgraded(values: Values, version: int) -> Values:
    """Return *values* that were stored in the shape of *version*, as they are now."""
    for step in STEPS[version - 1 :]:
        values = step.up(values)
    return values


def as_of(values: Values, version: int) -> Values:
    """Return *values* in *version* of the shape: fields that it lacks are left out."""
    for step in reversed(STEPS[version - 1 :]):
        values = step.down(values)
    return values


def upgraded_part(name: str, value: Any, version: int) -> tuple[str, Any]:
    """Return a field of the drift ledger and its value, in the present shape.

    *name* is a facet, or "content." and a field, as *version* of the shape has it.
    """
    for step in STEPS[version - 1 :]:
        facet, _, inner = name.partition(".")
        after = step.up({facet: {inner: value} if inner else value})
        name = step.renamed.get(name, name)
        _, _, inner = name.partition(".")
        value = after[facet].get(inner, value) if inner else after[facet]
    return name, value


def name_as_of(name: str, version: int) -> str:
    """Return the name in *version* of a field of the drift ledger."""
    for step in reversed(STEPS[version - 1 :]):
        earlier = {after: before for before, after in step.renamed.items()}
        name = earlier.get(name, name)
    return name


def marked(fingerprint_: str, version: int) -> str:
    """Return a fingerprint that says of which version of the shape it was taken.

    It is no longer than any other; those of version 1 say nothing.
    """
    if version == 1:
        return fingerprint_
    mark = f"{_MARK}{version}"
    return fingerprint_[: _FINGERPRINT_LENGTH - len(mark)] + mark


def version_of(fingerprint_: str) -> int:
    """Return the version of the shape of which a fingerprint was taken."""
    _, _, version = fingerprint_.partition(_MARK)
    return int(version or 1)


def fits(fingerprint_: str, fingerprints: Fingerprints) -> bool:
    """Say whether a stored fingerprint equals that of *fingerprints*.

    It is compared with the fingerprint that was taken by its own version: a field that
    was added since makes nothing another.
    """
    return fingerprint_ != "" and fingerprints(version_of(fingerprint_)) == fingerprint_
