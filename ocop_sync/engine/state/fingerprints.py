"""Fingerprints of changes: by them a repeated or refused one is known again.

Each is taken in a version of the stored shape, and says in which
(`ocop_sync.engine.state.stored_shape`). Pure.
"""

from collections.abc import Callable

from ocop_sync.engine.facet import Values, fingerprint
from ocop_sync.engine.state import stored_shape
from ocop_sync.marketplace.change import Change, Create, Withdraw
from ocop_sync.marketplace.features import FACET_OF
from ocop_sync.marketplace.listing import Facet


def fingerprint_of_sent(
    change: Change, values: Values, mapping_version: int, version: int | None = None
) -> str:
    """Return the fingerprint of *change* as it is sent, by one mapping.

    *values* are all those that it has once it is applied, taken in *version* of the
    shape.
    """
    fingerprint_ = fingerprint_of_values(change, values, version)
    whole = fingerprint((fingerprint_, mapping_version))
    return stored_shape.marked(whole, stored_shape.version_of(fingerprint_))


def fingerprint_of_values(
    change: Change, values: Values, version: int | None = None
) -> str:
    """Return the fingerprint of the values that a marketplace evaluates in *change*."""
    if isinstance(change, Create):
        return fingerprint_of_new(values, version)
    facet = FACET_OF.get(change.kind)
    if facet:
        return fingerprint_of_facet(facet, values, version)
    return fingerprint_of_act(change, values, version)


def fingerprint_of_facet(
    facet: Facet, values: Values, version: int | None = None
) -> str:
    """Return the fingerprint of one facet, as *version* of the shape had it."""
    return fingerprint_of_part(values, version, lambda had: had[facet])


def fingerprint_of_act(
    change: Change, values: Values, version: int | None = None
) -> str:
    """Return the fingerprint of a withdrawal or republication, to tell a repeated one.

    It is sent again only when its subject has changed: the reason, or the content that
    would be on sale. To cancel a submission is not the same as to withdraw an approved
    listing.
    """
    if isinstance(change, Withdraw):
        return fingerprint((change.ref, change.ticket, change.reason))
    return fingerprint_of_part(values, version, lambda had: had)


def fingerprint_of_new(values: Values, version: int | None = None) -> str:
    """Return the fingerprint of the values that are evaluated in a new listing.

    Stock is left out: more of it makes no refused listing acceptable.
    """
    return fingerprint_of_part(values, version, _without_stock)


def _without_stock(values: Values) -> Values:
    return {name: v for name, v in values.items() if name != Facet.STOCK}


def fingerprint_of_part(
    values: Values, version: int | None, of: Callable[[Values], object]
) -> str:
    """Return the fingerprint of part *of* of *values*, in *version* of the shape."""
    version = version or stored_shape.present()
    fingerprint_ = fingerprint(of(stored_shape.as_of(values, version)))
    return stored_shape.marked(fingerprint_, version)
