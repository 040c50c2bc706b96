"""Merge the values of a row into the stored ones, value by value.

Pure functions: an empty cell leaves the stored value as it is. Who a row is about is
decided in `catalog.feed.identify.identity`, which certificate in
`catalog.feed.identify.recognition`; a row that cannot be merged raises `RowError` and
changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from catalog.feed.headings.column import COLUMNS, COUNT_COLUMNS, ColumnPart
from catalog.feed.identify.recognition import position_of
from catalog.feed.rows.assignment import put
from catalog.feed.rows.reading import Given, RowError, names_of, of_part
from catalog.model.certificate import Certificate
from catalog.model.fact import UNATTESTED
from catalog.model.paper import Paper, PaperKind
from catalog.model.picture_address import WHY, AddressFault, fault_of, shown
from catalog.model.producer import Producer
from catalog.model.product import Picture, Product, Variant
from catalog.values import replace

_CLOCK_SKEW = timedelta(minutes=5)


def merge_producer(producer: Producer, given: Given) -> Producer:
    """Return *producer* with the values of *given*; its id stays."""
    return put(producer, _without(of_part(given, ColumnPart.PRODUCER), "id"))


def merge_product(product: Product, given: Given, today: date) -> Product:
    """Return *product* with the values of *given*, variants aside.

    Args:
        product: The product.
        given: The values of a row.
        today: The day in Vietnam, for a certificate that is voided without a day.
    """
    pictures = _merge_pictures(product.pictures, of_part(given, ColumnPart.PICTURES))
    return put(
        product,
        {
            **of_part(given, ColumnPart.PRODUCT),
            "pictures": pictures,
            "papers": _merge_papers(product.papers, given),
            "certificates": _merge_certificates(product.certificates, given, today),
        },
    )


_OF_PICTURES = {
    column.name: column.path
    for column in COLUMNS.values()
    if column.part is ColumnPart.PICTURES and column.path != "url"
}
"""Columns about each picture, with their values."""


def _ensure_public(urls: Iterable[str]) -> None:
    """Refuse addresses that are not public, but for those on this computer.

    The latter are for trials.

    Raises:
        RowError: One of *urls* is neither public nor on this computer.
    """
    for url in urls:
        fault = fault_of(url)
        if fault not in (None, AddressFault.HERE):
            vi, en = WHY[fault]
            raise RowError(
                column="pictures",
                vi=f"{shown(url)}: {vi}; đưa ảnh lên trang ai cũng mở được rồi ghi địa"
                " chỉ https:// của ảnh",
                en=f"{shown(url)}: {en}; put it where everybody can open it and give"
                " its https:// address",
            )


def _merge_pictures(
    known: tuple[Picture, ...], values: Mapping[str, object]
) -> tuple[Picture, ...]:
    if not values:
        return known
    before = {each.url: each for each in known}
    urls: Any = values.get("url", tuple(before))
    _ensure_public(url for url in urls if url not in before)
    changes: list[dict[str, Any]] = [{} for _ in urls]
    for column, path in _OF_PICTURES.items():
        said: Any = values.get(path)
        if said is None:
            continue
        if len(urls) != len(said):
            raise RowError(
                column=column,
                vi=f"có {len(urls)} ảnh nhưng {len(said)} câu trả lời",
                en=f"{len(urls)} pictures but {len(said)} answers",
            )
        for each, value in zip(changes, said, strict=True):
            each[path] = value
    return tuple(
        replace(before[url], **each) if url in before else Picture(url=url, **each)
        for url, each in zip(urls, changes, strict=True)
    )


_WRITTEN_ON_IT = frozenset({"number", "issued_on"})
"""What a sheet may tell of a paper that nobody has attested: it stays unknown."""


def _merge_papers(known: tuple[Paper, ...], given: Given) -> tuple[Paper, ...]:
    said: defaultdict[PaperKind, dict[str, object]] = defaultdict(dict)
    for name in names_of(given, ColumnPart.PAPER):
        column = COLUMNS[name]
        if column.paper is not None:
            said[column.paper][column.path] = given[name]
    if not said:
        return known
    papers = {each.kind: each for each in known}
    for kind in sorted(said):  # of several that lack a word, always the same is named
        values = said[kind]
        before = papers.get(kind, Paper(kind=kind, held=UNATTESTED))
        is_new = kind not in papers and "held.value" not in values
        if is_new and not values.keys() <= _WRITTEN_ON_IT:
            raise RowError(
                column=kind.value,
                vi="chưa ghi có giấy tờ này hay không (có, không)",
                en="does not say whether the paper is held (yes/no)",
            )
        papers[kind] = put(before, values)
    return tuple(papers[kind] for kind in sorted(papers))


def _merge_certificates(
    known: tuple[Certificate, ...], given: Given, today: date
) -> tuple[Certificate, ...]:
    """Add a certificate to the history, or complete the one that is meant."""
    values = of_part(given, ColumnPart.CERTIFICATE)
    if not values:
        return known
    place = position_of(known, given)
    before = Certificate(stars=None) if place is None else known[place]
    merged = _voided(put(before, values), values, today)
    if place is None:
        return (*known, merged)
    return (*known[:place], merged, *known[place + 1 :])


def _voided(
    certificate: Certificate, values: Mapping[str, object], today: date
) -> Certificate:
    """Return *certificate* with its voiding completed by the day, or taken back.

    Clearing who has said so takes all of it back.
    """
    if values.get("voided_by") == "":
        return replace(certificate, voided_by="", voided_on=None, void_reason="")
    by, why = certificate.voided_by, certificate.void_reason
    if bool(by) != bool(why) or (certificate.voided_on and not by):
        raise RowError(
            column="voided_by" if why else "void_reason",
            vi="hủy bỏ giấy chứng nhận ghi nhầm thì ghi cả người xác nhận và lý do",
            en="to void a certificate, say who has said so and why",
        )
    if by and certificate.voided_on is None:
        return replace(certificate, voided_on=today)
    return certificate


class CountIs(Enum):
    """The verdict on the count of a row."""

    TAKEN = "taken"
    """It counts, or there is none."""
    OLDER = "older"
    """It is older than the one known, and ignored."""
    DISPUTED = "disputed"
    """It is another one of the same time: a person says which is right."""


def merge_variant(
    variant: Variant, given: Given, now: datetime
) -> tuple[Variant, CountIs]:
    """Return *variant* with the values of *given*; its SKU stays.

    Returns:
        The variant, and the verdict on the count.
    """
    values = _without(of_part(given, ColumnPart.VARIANT), "sku")
    counted_at = values.get("counted_at")
    if isinstance(counted_at, datetime):
        if values.get("on_hand") is None or counted_at > now + _CLOCK_SKEW:
            raise RowError(
                column="counted_at",
                vi="thời điểm đếm phải đi cùng số lượng ([[on_hand]]) và không ở tương"
                " lai",
                en="comes with a count ([[on_hand]]), and is not in the future",
            )
        found = _compared(variant, counted_at, values["on_hand"])
        if found is not CountIs.TAKEN:
            return put(variant, _without(values, *COUNT_COLUMNS)), found
    elif "on_hand" in values and values["on_hand"] is None:
        values["counted_at"] = None  # cleared: never counted, as far as is known
    elif values.get("on_hand", variant.on_hand) != variant.on_hand:
        values["counted_at"] = _first_count(variant, now)
    return put(variant, values), CountIs.TAKEN


def _compared(variant: Variant, counted_at: datetime, on_hand: object) -> CountIs:
    """Return the verdict on a count beside the stored one."""
    if variant.counted_at is None or counted_at > variant.counted_at:
        return CountIs.TAKEN
    if counted_at < variant.counted_at:
        return CountIs.OLDER
    return CountIs.TAKEN if on_hand == variant.on_hand else CountIs.DISPUTED


def _first_count(variant: Variant, now: datetime) -> datetime:
    """Return when a count was made that does not say so: now, if it is the first.

    A later one could be older than the stored count, and would raise the stock.
    """
    if variant.on_hand is None:
        return now
    raise RowError(
        column="on_hand",
        vi="số lượng khác số đang lưu: hãy ghi thời điểm đếm vào [[counted_at]]",
        en="differs from the count known: write when it was counted in [[counted_at]]",
    )


def _without(values: Mapping[str, object], *paths: str) -> dict[str, object]:
    return {path: value for path, value in values.items() if path not in paths}
