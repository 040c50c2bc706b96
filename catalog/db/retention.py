"""How long the history keeps which values.

Prices, counts, stars, decisions, states of papers and pauses stay for good. All that
may tell of a person goes after 30 days: names, addresses, who has attested or voided
something, texts of producers about themselves. A column that is not named here goes
too, so that a new one stays for good only where somebody has thought of it. Pure;
the erasing is done in `catalog.db.history`.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from catalog.db.field_changes import FIELDS, ChangedField, Entity

KEPT_FOR: Final = timedelta(days=30)
"""How long values are kept that may tell of a person."""

FOR_GOOD: Final[Mapping[Entity, frozenset[str]]] = MappingProxyType(
    {
        Entity.PRODUCER: frozenset(
            {"kind", "consent", "consent_on", "identity_ready", "identity_ready_on"}
            | {"certified_old_commune_code", "certified_commune_code"}
            | {"old_commune_code", "commune_code"}
        ),
        Entity.PRODUCT: frozenset(
            {"name", "producer_id", "set_code", "ocop_code", "alcohol_percent"}
            | {"stock_policy", "paused", "source", "undone_import"}
        ),
        Entity.VARIANT: frozenset(
            {"pack", "price_vnd", "on_hand", "reserved", "buffer", "counted_at"}
            | {"gtin", "weight_g", "net_quantity", "delta", "reason"}
        ),
        Entity.CERTIFICATE: frozenset(
            {"stars", "evidence", "decision", "body", "decided_on", "year"}
            | {"year_means", "revocation_proposed", "potential_5", "source"}
            | {"revoked_by", "revoked_on", "voided_on"}
        ),
        Entity.PAPER: frozenset({"held", "held_on", "issued_on", "expires_on"}),
        Entity.NAMING: frozenset({"missing_since"}),
        Entity.EFFECT: frozenset({"stands", "confirmed_in"}),
    }
)
"""The columns whose values stay for good: no person is known by them."""

_ORDER: Final = MappingProxyType(
    {
        entity: [column for _, columns in fields for column in columns]
        for entity, fields in FIELDS.items()
    }
    | {
        Entity.PAPER: [
            *("held", "held_by", "held_on", "expires_on", "number", "issued_on"),
        ]
    }
)


def parted(where: ChangedField, value: Any) -> tuple[Any, Any]:
    """Return what of *value* stays for good, and what is erased in time.

    Of an empty value nothing is erased. Either part is None if it holds nothing.
    """
    lasting = FOR_GOOD[where.entity]
    if not isinstance(value, dict):
        stays = where.field in lasting or _is_empty(value)
        return (value, None) if stays else (None, value)
    goes = {k: v for k, v in value.items() if k not in lasting and not _is_empty(v)}
    if not goes:
        return value, None
    return {k: v for k, v in value.items() if k not in goes} or None, goes


def joined(where: ChangedField, stays: Any, goes: Any) -> Any:
    """Return the value of which these are the parts, as far as they are there."""
    if not (isinstance(stays, dict) and isinstance(goes, dict)):
        return stays if goes is None else goes
    both = {**stays, **goes}
    order = [name for name in _ORDER[where.entity] if name in both]
    return {name: both[name] for name in (*order, *(both.keys() - order))}


def _is_empty(value: Any) -> bool:
    return value is None or value == ""
