"""Count the changes of one import, and hold it when they are too many.

A column that has slipped, or a filter that was forgotten, shows as the same field
changing almost everywhere. Filling an empty field does not count, nor does a changed
count of stock, which is meant to move, unless it becomes zero.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Final

from catalog.feed.cells.cell import show
from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.headings.display import in_message
from catalog.feed.headings.sheet_names import ColumnPlace, sheet_name_of
from catalog.feed.rows.row import shorten
from catalog.model.fact import Fact

LEAST_CHANGED: Final = 10
"""Fewer changes of a field hold nothing, however few rows there are."""
SHARE_CHANGED: Final = 5
"""One in so many may change."""
LEAST_PRICES: Final = 5
SHARE_PRICES: Final = 20
"""The same of doubtful prices: 5 %."""

EXAMPLES: Final = 3
"""The number of examples that are shown of a hold."""
_MOVING: Final = frozenset({"counted_at", "reserved"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One change of a field that holds an import.

    Attributes:
        key: Of which product, pack or producer.
        before: The stored value, for machines.
        after: The value of the sheet, for machines.
        words: All of it for people.
    """

    key: str
    before: str
    after: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportHold:
    """A field for which the whole import waits for a person.

    Attributes:
        column: The column.
        changed: How many products, packs or producers it changes or empties.
        of: Of how many that are known and stand in the sheet.
        doubtful_prices: It is not that many change: so many prices are in doubt.
        examples: The first few.
        called: The sheet's name of the column.
    """

    column: str
    changed: int
    of: int
    doubtful_prices: bool = False
    examples: tuple[Example, ...]
    called: str = ""

    def __str__(self) -> str:
        what_vi = "giá đáng ngờ" if self.doubtful_prices else "đổi hoặc bị xóa"
        what_en = "doubtful prices" if self.doubtful_prices else "change or empty"
        some = "; ".join(each.words for each in self.examples)
        return (
            f"cột {self.called}: {self.changed} trên {self.of} {what_vi}"
            f" / column {self.called}: {self.changed} of {self.of} {what_en} ({some})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPrice:
    """A doubtful price that waits for a person.

    Attributes:
        product_id: Of which product.
        sku: Of which pack.
        before: The price that is known; None if there is none.
        after: The price that the row says.
        called: The name of the pack, as long as nobody knows its SKU.
    """

    product_id: str
    sku: str
    before: int | None
    after: int
    called: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDay:
    """A day of a known certificate that a row moves, and that waits for a person.

    Attributes:
        product_id: Of which product.
        place: Which certificate of its history.
        column: Which day, such as "decided_on".
        before: The day that is known.
        after: The day that the row says.
    """

    product_id: str
    place: int
    column: str
    before: date
    after: date


@dataclass(slots=True)
class _Changes:
    """Changes of one column."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)
    digest: "blake2b" = field(default_factory=lambda: blake2b(digest_size=16))


@dataclass(slots=True)
class ImportTally:
    """The changes of an import so far.

    Attributes:
        prices: Doubtful prices, by SKU.
        days: Days of certificates that rows move, by product, place and column.
        places: Where the columns stand in the sheet.
    """

    prices: dict[str, HeldPrice] = field(default_factory=dict)
    days: dict[tuple[str, int, str], HeldDay] = field(default_factory=dict)
    places: Mapping[str, ColumnPlace] = field(default_factory=dict)
    _seen: defaultdict[ColumnPart, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _changes: defaultdict[str, _Changes] = field(
        default_factory=lambda: defaultdict(_Changes)
    )

    def see(self, part: ColumnPart, key: str) -> None:
        """Count a known product, pack or producer that stands in the sheet."""
        self._seen[part].add(key)

    def change(self, column: str, key: str, before: object, after: object) -> None:
        """Count a change of the stored *column* of *key*, or its removal."""
        if before == after or _is_empty(before) or _moves(column, after):
            return
        known = self._changes[column]
        known.count += 1
        if len(known.examples) < EXAMPLES:
            known.examples.append(_example(column, key, before, after))
        known.digest.update(repr((key, show(before), show(after))).encode())

    def holds(self, rows: int) -> list[ImportHold]:
        """Return the holds of the whole import, *rows* in all."""
        found = [
            ImportHold(
                column=column,
                changed=known.count,
                of=self._of(column),
                examples=tuple(known.examples),
                called=sheet_name_of(column, self.places),
            )
            for column, known in sorted(self._changes.items())
            if known.count >= LEAST_CHANGED
            and known.count * SHARE_CHANGED > self._of(column)
        ]
        doubtful = len(self.prices)
        if doubtful >= LEAST_PRICES and doubtful * SHARE_PRICES > rows:
            found.append(
                ImportHold(
                    column="price_vnd",
                    changed=doubtful,
                    of=rows,
                    doubtful_prices=True,
                    examples=tuple(_examples(self.prices)),
                    called=sheet_name_of("price_vnd", self.places),
                )
            )
        return found

    def seen(self, part: ColumnPart) -> frozenset[str]:
        """Return the keys of the known things that stand in the sheet."""
        return frozenset(self._seen[part])

    def token(
        self,
        content: bytes,
        holds: Iterable[ImportHold],
        *,
        doubtful: bool,
        taken: Iterable[tuple[str, ...]] = (),
    ) -> str:
        """Return the token of a file and of all that it holds back; "" if nothing.

        Args:
            content: Checksum of the file's rows.
            holds: The holds of the whole import.
            doubtful: The file names too little to be believed.
            taken: The effects of the import on buyers, sorted.
        """
        columns = [each.column for each in holds if not each.doubtful_prices]
        effects = list(taken)
        if not (columns or self.prices or self.days or doubtful or effects):
            return ""
        whole = blake2b(content, digest_size=8, person=b"sick" if doubtful else b"")
        for column in columns:
            whole.update(column.encode() + self._changes[column].digest.digest())
        for sku, price in sorted(self.prices.items()):
            whole.update(repr((sku, price.before, price.after)).encode())
        for key, day in sorted(self.days.items()):
            moved = (*key, day.before.isoformat(), day.after.isoformat())
            whole.update(repr(moved).encode())
        for effect in effects:
            whole.update(repr(tuple(map(str, effect))).encode())
        return whole.hexdigest()

    def _of(self, column: str) -> int:
        part = COLUMNS[column].part
        known = (
            part
            if part in {ColumnPart.VARIANT, ColumnPart.PRODUCER}
            else ColumnPart.PRODUCT
        )
        return len(self._seen[known])


def _examples(prices: Mapping[str, HeldPrice]) -> Iterable[Example]:
    for sku, price in list(prices.items())[:EXAMPLES]:
        yield _example("price_vnd", sku, price.before, price.after, name=price.called)


def _example(
    column: str, key: str, before: object, after: object, *, name: str = ""
) -> Example:
    was, now = (shorten(in_message(column, each)) for each in (before, after))
    return Example(
        key=key,
        before=_cut(before),
        after=_cut(after),
        # Which certificate of a history it is, only machines count.
        words=f"{name or key.partition(' #')[0]}: “{was}” → “{now}”",
    )


def _moves(column: str, after: object) -> bool:
    """Say whether *column* is one that is meant to change."""
    return column in _MOVING or (column == "on_hand" and bool(after))


def _is_empty(value: object) -> bool:
    """Say whether nothing is known; no and 0 are something."""
    return value is None or value in ("", (), Fact.UNKNOWN)


def _cut(value: object) -> str:
    return shorten(show(value))
