"""The offer of a made-up product: packs, prices, stock, text, pictures, label.

Addresses end in ".example", which nobody can own (RFC 2606), and GS1 numbers
begin with 20, which are for use inside one shop and name no real product.
"""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from catalog.fiction.kind import FictionKind
from catalog.fiction.tables import TABLES
from catalog.fiction.trouble import Trouble
from catalog.model.certificate import Certificate
from catalog.model.fact import Fact
from catalog.model.gs1 import check_digit
from catalog.model.product import Label, Picture, Variant
from catalog.values import replace
from catalog.vietnam_time import add_months, start_of

_MONTHS: Final = 36
_MARKS: Final = {
    Trouble.PICTURE_MARKED: Fact.YES,
    Trouble.PICTURE_UNKNOWN: Fact.UNKNOWN,
}
_ENDING: Final = frozenset({Trouble.ENDED, Trouble.ENDING_IN_30, Trouble.ENDING_IN_90})
"""Whose pictures matter once the claim must go: any of them may show the mark."""

_TEXTS: Final = TABLES["descriptions"]


def make_variants(
    trouble: Trouble, kind: FictionKind, product_id: str, today: date, random: Random
) -> tuple[Variant, ...]:
    """Make the packs of a product, sorted by SKU."""
    several = trouble is Trouble.SEVERAL_VARIANTS
    packs = kind.packs[: 3 if several else 1]
    lowest, highest = kind.price_vnd
    price_vnd = random.randrange(lowest, highest + 1, 1000)
    counted_at = start_of(today) - timedelta(hours=random.randrange(1, 240))
    variants = (
        Variant(
            sku=f"{product_id}-{place}",
            pack=pack,
            price_vnd=None if trouble is Trouble.NO_PRICE else price_vnd * place,
            weight_g=weight_g,
            net_quantity=pack,
        )
        for place, (pack, weight_g) in enumerate(packs, start=1)
    )
    return tuple(
        _stock(variant, trouble, counted_at.astimezone(UTC), random)
        for variant in variants
    )


def describe(
    trouble: Trouble,
    name: str,
    set_code: str,
    certificate: Certificate,
    random: Random,
) -> str:
    """Return the producer's text; it claims OCOP only if *trouble* says so."""
    text = _TEXTS.get(set_code) or random.choice(_TEXTS["any"])
    lines = [f"{name}: dữ liệu mẫu, không có thật.", text]
    if trouble is Trouble.CLAIM_IN_TEXT:
        lines.append(_claim(certificate, random))
    return "\n".join(lines)


def make_pictures(
    trouble: Trouble, product_id: str, random: Random
) -> tuple[Picture, ...]:
    """Make pictures; the first is clean but for troubles of a picture or an end."""
    if trouble is Trouble.NO_PICTURE:
        return ()
    mark = _MARKS.get(trouble, Fact.NO)
    if trouble in _ENDING:
        mark = random.choice(tuple(Fact))
    pictures = [Picture(url=_picture_url(product_id, 1), shows_ocop_mark=mark)]
    if mark is Fact.NO and random.random() < 0.3:  # noqa: PLR2004  (about a third)
        second = random.choice((Fact.NO, Fact.YES, Fact.UNKNOWN))
        pictures.append(
            Picture(url=_picture_url(product_id, 2), shows_ocop_mark=second)
        )
    return tuple(pictures)


def make_label(trouble: Trouble, province: str) -> Label:
    """Return the printed label, but for its statements on each pack."""
    if trouble is Trouble.LABEL_INCOMPLETE:
        return Label()
    return Label(origin=f"{province}, Việt Nam", **TABLES["label"])


def _stock(
    variant: Variant, trouble: Trouble, counted_at: datetime, random: Random
) -> Variant:
    """Return *variant* with its count and, for some, a GS1 number."""
    if random.random() < 0.4:  # noqa: PLR2004  (some)
        variant = replace(variant, gtin=_gtin(variant.sku))
    if trouble is Trouble.NEVER_COUNTED:
        return variant
    if trouble is Trouble.STOCK_ZERO:
        return replace(variant, on_hand=0, counted_at=counted_at)
    return replace(
        variant,
        on_hand=random.randrange(20, 300),
        reserved=random.randrange(4),
        buffer=random.randrange(3),
        counted_at=counted_at,
    )


def _claim(certificate: Certificate, random: Random) -> str:
    """Return one of the ways in which a text claims OCOP."""
    stars = certificate.stars or 0
    claims = [
        f"Sản phẩm đạt OCOP {stars} sao.",
        f"Đạt chuẩn {('ba', 'bốn', 'năm')[stars - 3]} sao cấp tỉnh.",
        f"Hạng {'★' * stars}.",
        f"Công nhận theo Quyết định {certificate.decision}.",
    ]
    if certificate.decided_on is not None:
        last = add_months(certificate.decided_on, _MONTHS)
        claims.append(f"Chứng nhận OCOP đến hết ngày {last:%d/%m/%Y}.")
    return random.choice(claims)


def _picture_url(product_id: str, place: int) -> str:
    return f"https://anh.example/mau/{product_id}-{place}.jpg"


def _gtin(sku: str) -> str:
    """Return a GTIN-13 for use inside one shop, check digit included."""
    digits = "20" + "".join(filter(str.isdigit, sku)).zfill(10)[-10:]
    return digits + check_digit(digits)
