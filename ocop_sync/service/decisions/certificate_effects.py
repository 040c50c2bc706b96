"""What an act on certificates does, in words with numbers, before it is done.

Told are the products, the stars and ends that become others, and the listings on sale
that are taken, that lose their claim, or get other stars, at each marketplace.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certify.decide import PlannedAct, ProductChange, end_of, some_of
from catalog.counted import counted
from catalog.eligibility import Text, Verdict
from catalog.model.product import Product
from ocop_sync.engine.terms import Want
from ocop_sync.engine.wanted.catalog_part import proven_stars
from ocop_sync.engine.wanted.draft import Draft
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.listings.live_listings import live_of


class ListingEffect(StrEnum):
    """What becomes of the listings of a product."""

    WITHDRAWN = "withdrawn"
    CLAIM_OFF = "claim_off"
    FEWER_STARS = "fewer_stars"
    OTHER_CLAIM = "other_claim"
    """Other stars, as many or more, another decision, or another end."""
    BACK = "back"
    """It may be listed again, or carries the claim again."""
    HELD = "held"
    """It waits for a person: it is not known any more whether it may be listed."""
    NONE = "none"


TAKING: Final = frozenset(
    {ListingEffect.WITHDRAWN, ListingEffect.CLAIM_OFF, ListingEffect.FEWER_STARS}
)
"""What takes from buyers."""

_WORDS: Final[Mapping[ListingEffect, tuple[str, str, str]]] = {
    ListingEffect.WITHDRAWN: (
        "gỡ {n} tin đang bán",
        "listing is withdrawn",
        "listings are withdrawn",
    ),
    ListingEffect.CLAIM_OFF: (
        "bỏ dấu hiệu OCOP ở {n} tin đang bán",
        "listing loses the OCOP claim",
        "listings lose the OCOP claim",
    ),
    ListingEffect.FEWER_STARS: (
        "hạ hạng sao ở {n} tin đang bán",
        "listing shows fewer stars",
        "listings show fewer stars",
    ),
    ListingEffect.OTHER_CLAIM: (
        "đổi sao, số quyết định hoặc ngày hết hạn ở {n} tin đang bán",
        "listing shows other stars, another decision or another end",
        "listings show other stars, another decision or another end",
    ),
}
"""What becomes of listings: in Vietnamese, and in English of one and of many."""


def listing_effect(change: ProductChange) -> ListingEffect:
    """Return what becomes of the listings of a product, at the instant of the act."""
    before = _draft(change.before[0], change.was, change)
    after = _draft(change.after, change.will, change)
    if after.want is not before.want:
        return _other_want(before.want, after.want)
    stars = proven_stars(change.was), proven_stars(change.will)
    if after.want is Want.LISTED and before.claim != after.claim:
        fewer = 0 < stars[1] < stars[0]
        return ListingEffect.FEWER_STARS if fewer else ListingEffect.OTHER_CLAIM
    return ListingEffect.NONE


def _draft(product: Product, verdict: Verdict, change: ProductChange) -> Draft:
    return draft_wanted(product, verdict, change.before[1])


def _other_want(before: Want, after: Want) -> ListingEffect:
    if after is Want.NOT_LISTED:
        return ListingEffect.WITHDRAWN
    if after is Want.WITHOUT_CLAIM:
        was_shown = before is not Want.NOT_LISTED
        return ListingEffect.CLAIM_OFF if was_shown else ListingEffect.BACK
    return ListingEffect.BACK if after is Want.LISTED else ListingEffect.HELD


def takes(change: ProductChange, effect: ListingEffect) -> bool:
    """Say whether a change takes from buyers, now or on an earlier day than before."""
    stars = proven_stars(change.was), proven_stars(change.will)
    ends = change.ends_earlier or change.is_revoked_earlier
    return effect in TAKING or ends or 0 < stars[1] < stars[0]


async def effects_of(
    conn: AsyncConnection,
    deployment: Deployment,
    planned: PlannedAct,
    effects: Mapping[str, ListingEffect],
) -> list[Text]:
    """Return what an act does; *effects* are those on listings, by product."""
    changed, words = planned.changed, planned.act.words
    names = ", ".join(f"{e.id} {e.after.name}" for e in changed[:_SHOWN])
    more = f" … +{len(changed) - _SHOWN}" if len(changed) > _SHOWN else ""
    found = [
        Text(
            f"{words.vi}: {len(changed)} sản phẩm ({names}{more})",
            f"{words.en}: {counted(len(changed), 'product')} ({names}{more})",
        ),
        *_unchanged(planned),
        *_stars(changed),
        *_ends(planned),
        *_revocations(planned),
    ]
    on_sale = False
    for site in deployment.sites:
        ids = sorted(id_ for id_, what in effects.items() if what in _WORDS)
        live = await live_of(conn, site.name, ids)
        counts = Counter(effects[id_] for id_ in live)
        said = [(words, counts[what]) for what, words in _WORDS.items() if counts[what]]
        if said:
            on_sale = True
            vi = "; ".join(words[0].format(n=n) for words, n in said)
            en = "; ".join(counted(n, *words[1:]) for words, n in said)
            found.append(Text(f"{site.name}: {vi}", f"{site.name}: {en}"))
    if not on_sale:
        found.append(_NOTHING_ON_SALE)
    return [*found, *_later(effects)]


def _later(effects: Mapping[str, ListingEffect]) -> Iterator[Text]:
    """Say of how many products the next sync may list more, or asks a person."""
    for what, (vi, en) in _OF_PRODUCTS.items():
        ids = [id_ for id_, effect in effects.items() if effect is what]
        if ids:
            yield _of(ids, vi, en)


_OF_PRODUCTS: Final[Mapping[ListingEffect, tuple[str, str]]] = {
    ListingEffect.BACK: (
        "được đăng bán, hoặc có lại dấu hiệu OCOP, từ lần đồng bộ tới",
        "listed, or with the OCOP claim again, from the next sync on",
    ),
    ListingEffect.HELD: (
        "chưa rõ có được đăng hay không, tạm giữ chờ người",
        "held for a person: it is not known whether they may be listed",
    ),
}
_SHOWN: Final = 20
_NOTHING_ON_SALE: Final = Text(
    "không tin nào đang bán đổi ngay",
    "no listing on sale becomes another at once",
)


def _unchanged(planned: PlannedAct) -> Iterator[Text]:
    said = {each.id for each in planned.said_again}
    if said:
        yield Text(
            f"bảng đã ghi như vậy mà chưa ai xác nhận, nay có người: {len(said)} sản"
            f" phẩm ({some_of(said)})",
            f"a sheet says so already and nobody has confirmed it, now a person does:"
            f" {counted(len(said), 'product')} ({some_of(said)})",
        )
    products = [each for each in planned.products if each.id not in said]
    same = [each.id for each in products if not each.changes]
    if same:
        yield Text(
            f"đã đúng như vậy, giữ nguyên: {len(same)} sản phẩm ({some_of(same)})",
            f"so already, and left as they are: {counted(len(same), 'product')}"
            f" ({some_of(same)})",
        )


def _stars(changed: Sequence[ProductChange]) -> Iterator[Text]:
    """Say how many products get which other stars."""
    moves: dict[tuple[int, int], list[str]] = {}
    for each in changed:
        before, after = proven_stars(each.was), proven_stars(each.will)
        if before != after:
            moves.setdefault((before, after), []).append(each.id)
    for (before, after), ids in sorted(moves.items()):
        yield _of(
            ids,
            f"hạng sao được tính: {before or 'không'} → {after or 'không'}",
            f"stars that count: {before or 'none'} → {after or 'none'}",
        )


def _ends(planned: PlannedAct) -> Iterator[Text]:
    """Say how many products get an earlier end."""
    moves: dict[tuple[str, str], list[str]] = {}
    for each in planned.changed:
        if each.ends_earlier:
            before = end_of(each.before[0], planned.ground)
            after = end_of(each.after, planned.ground)
            moves.setdefault((before, after), []).append(each.id)
    for (before, after), ids in sorted(moves.items()):
        yield _of(
            ids,
            f"hết hạn sớm hơn: {before or '-'} → {after or '-'}",
            f"an earlier end: {before or '-'} → {after or '-'}",
        )


def _revocations(planned: PlannedAct) -> Iterator[Text]:
    """Say how many products are revoked from an earlier day on, by no revocation.

    One says its day itself.
    """
    moves: dict[tuple[str, str], list[str]] = {}
    for each in planned.changed if planned.act.kind != "revoke" else ():
        if each.is_revoked_earlier:
            days = _revoked_from(each.before[0]), _revoked_from(each.after)
            moves.setdefault(days, []).append(each.id)
    for (before, after), ids in sorted(moves.items()):
        yield _of(
            ids,
            f"thu hồi sớm hơn: {before or '-'} → {after or '-'}",
            f"revoked from an earlier day: {before or '-'} → {after or '-'}",
        )


def _revoked_from(product: Product) -> str:
    """Return the first day from which one of its certificates is revoked."""
    counting = [each for each in product.certificates if not each.voided]
    days = [each.revoked_on for each in counting if each.revoked_on is not None]
    return min(days).isoformat() if days else ""


def _of(ids: Collection[str], vi: str, en: str) -> Text:
    named = some_of(ids)
    return Text(
        f"{vi}: {len(ids)} sản phẩm ({named})",
        f"{en}: {counted(len(ids), 'product')} ({named})",
    )
