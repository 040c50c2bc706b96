"""The doubtful values of an import that a person has confirmed, in their products."""

from collections.abc import Iterable, Mapping

from catalog.feed.merge.bulk_change_check import HeldDay, HeldPrice
from catalog.feed.rows.assignment import put
from catalog.model.product import Entry
from catalog.values import replace


def with_prices(entries: Iterable[Entry], prices: Iterable[HeldPrice]) -> list[Entry]:
    """Return *entries* with the confirmed prices of their packs."""
    after = {each.sku: each.after for each in prices}
    return [
        (
            replace(
                item,
                variants=tuple(
                    replace(each, price_vnd=after.get(each.sku, each.price_vnd))
                    for each in item.variants
                ),
            ),
            maker,
        )
        for item, maker in entries
    ]


def with_days(entries: Mapping[str, Entry], days: Iterable[HeldDay]) -> list[Entry]:
    """Return *entries*, by product id, with the confirmed days of certificates."""
    changed = {id_: list(item.certificates) for id_, (item, _) in entries.items()}
    for each in days:
        history = changed[each.product_id]
        history[each.place] = put(history[each.place], {each.column: each.after})
    return [
        (replace(item, certificates=tuple(changed[id_])), maker)
        for id_, (item, maker) in entries.items()
    ]
