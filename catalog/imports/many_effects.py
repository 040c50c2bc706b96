"""Ask before an import takes something from many products at once.

It is one question for all columns: beyond five products and a tenth of those that a
source knows, within 24 hours. Every source counts that knows one of the products, and
so does the catalog as a whole: a file that was split, under any names, adds up in the
list that it was split from. Confirmed effects no longer count.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.counted import counted
from catalog.db.imports import recent_effects
from catalog.db.source_products import count_named, sources_of
from catalog.eligibility.effects import Entered
from catalog.feed.merge.bulk_change_check import EXAMPLES, Example, ImportHold
from catalog.model.effect import EffectKind

WINDOW: Final = timedelta(hours=24)
LEAST_ASKED: Final = 5
"""From so many products an import takes something without a question."""
SHARE_ASKED: Final = 10
"""Or from one of so many that a source knows."""

_SHOWN = 20
_WHOLE = ""
"""Stands for the whole catalog among the sources."""

WORDS: Final[Mapping[EffectKind, tuple[str, str]]] = {
    EffectKind.REVOKED: ("thu hồi", "revoked"),
    EffectKind.STOPPED: ("tạm ngừng bán", "stopped"),
    EffectKind.CONSENT: ("rút đồng ý", "consent taken back"),
    EffectKind.ENDED: (
        "chứng nhận hết hạn, hoặc có ngày hết hạn mới hay sớm hơn",
        "ended, or with an end that is new or earlier",
    ),
    EffectKind.PAPER: ("không có giấy tờ, hoặc giấy hết hạn", "without a paper"),
    EffectKind.EMPTIED: ("hết hàng", "out of stock"),
    EffectKind.STARS: ("đổi hạng sao", "other stars"),
}
"""The name of each kind of effect, in Vietnamese and English."""

_COLUMNS: Final[Mapping[EffectKind, tuple[str, ...]]] = {
    EffectKind.REVOKED: ("revoked_by", "revoked_on"),
    EffectKind.STOPPED: ("paused",),
    EffectKind.CONSENT: ("consent",),
    EffectKind.ENDED: ("decided_on",),
    EffectKind.EMPTIED: ("on_hand",),
    EffectKind.STARS: ("stars",),
}
"""The columns that enter each; those of papers are called after the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEffects(ImportHold):
    """A question about all that an import takes from buyers.

    Attributes:
        source: The source whose products these are; "" for the whole catalog.
        earlier: How many of them imports of the last 24 hours have taken already.
        kinds: How many products each kind takes, by the name of the kind.
        decisions: The numbers of the decisions that are behind it, sorted.
        products: The first of this import's products, id and name.
        more: How many more there are.
    """

    source: str
    earlier: int
    kinds: Mapping[str, int]
    decisions: tuple[str, ...]
    products: tuple[tuple[str, str], ...]
    more: int

    def __str__(self) -> str:
        words = [(WORDS[EffectKind(kind)], n) for kind, n in self.kinds.items()]
        what_vi = ", ".join(f"{vi} {n}" for (vi, _), n in words)
        what_en = ", ".join(f"{en} {n}" for (_, en), n in words)
        by_vi = f"; quyết định: {', '.join(self.decisions)}" if self.decisions else ""
        by_en = f"; decision: {', '.join(self.decisions)}" if self.decisions else ""
        listed = ", ".join(f"{id_} {name}" for id_, name in self.products)
        rest = f" … +{self.more}" if self.more else ""
        before_vi = f", {self.earlier} từ các lần nạp trước" if self.earlier else ""
        before_en = f", {self.earlier} by earlier imports" if self.earlier else ""
        whose_vi = f"nguồn {self.source}" if self.source else "cả danh mục"
        whose_en = self.source or "the whole catalog"
        return (
            f"{self.changed} trên {self.of} sản phẩm của {whose_vi} trong 24"
            f" giờ{before_vi}: {what_vi}{by_vi} / {self.changed} of"
            f" {counted(self.of, 'product')} of {whose_en} within 24"
            f" hours{before_en}: {what_en}{by_en}"
            f" ({listed}{rest})"
        )


async def ask_about_effects(
    conn: AsyncConnection,
    *,
    source: str,
    seen: Collection[str],
    entered: Iterable[Entered],
    size: int,
    now: datetime,
) -> HeldEffects | None:
    """Return the question about the effects of an import; None if there is none.

    It is asked before the present products of the source are recorded. *seen* are the
    known products of the sheet; *size* is that of the catalog before.
    """
    asking = [each for each in entered if each.asks]
    mine = {each.product_id for each in asking}
    if not mine:
        return None
    recent = await recent_effects(conn, now - WINDOW)
    by_source = await sources_of(conn, sorted({id_ for id_, _ in recent} | mine))
    concerned = {name: ids for name, ids in by_source.items() if ids & mine}
    own = {id_ for id_, name in recent if name == source}
    concerned[source] = by_source[source] | own | mine
    known = await count_named(conn, sorted(concerned))
    concerned[_WHOLE] = {id_ for id_, _ in recent} | mine
    known[_WHOLE] = size
    known[source] = max(known.get(source, 0), len(seen))
    beyond = [
        (known[name], name)
        for name, ids in concerned.items()
        if len(ids) > LEAST_ASKED and len(ids) * SHARE_ASKED > known[name]
    ]
    if not beyond:
        return None
    _, name = max(beyond)  # the longest list: of a part, all is always much
    ids = concerned[name]
    return _held(asking, name, ids, of=known[name])


def _held(
    asking: Sequence[Entered], source: str, ids: Collection[str], *, of: int
) -> HeldEffects:
    names = dict(sorted((each.product_id, each.name) for each in asking))
    kinds = Counter(kind for _, kind in {(e.product_id, e.kind) for e in asking})
    columns = sorted({_columns(each)[0] for each in asking})
    first = list(names.items())[:_SHOWN]
    return HeldEffects(
        column=", ".join(columns),
        changed=len(ids),
        of=of,
        examples=tuple(
            Example(key=e.product_id, before="", after=e.decision or WORDS[e.kind][0])
            for e in sorted(asking, key=lambda e: e.product_id)[:EXAMPLES]
        ),
        source=source,
        earlier=len(set(ids).difference(names)),
        kinds={kind.value: kinds[kind] for kind in EffectKind if kinds[kind]},
        decisions=tuple(sorted({e.decision for e in asking if e.decision})),
        products=tuple(first),
        more=len(names) - len(first),
    )


def without_covered(
    holds: Iterable[ImportHold],
    question: HeldEffects | None,
    entered: Iterable[Entered],
) -> list[ImportHold]:
    """Return *holds* with the question in the place of those that ask the same."""
    if question is None:
        return list(holds)
    asked = Counter(
        column for each in entered if each.asks for column in _columns(each)
    )
    others = [
        hold
        for hold in holds
        if hold.doubtful_prices or hold.changed > asked[hold.column]
    ]
    return [question, *others]


def _columns(entered: Entered) -> tuple[str, ...]:
    if entered.kind is EffectKind.PAPER:
        return entered.key, f"{entered.key}_expires_on"
    return _COLUMNS[entered.kind]
