"""The lists behind the figures, as files: counted products, ends, claims that ended."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Final

from catalog.eligibility import Text
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.pages.figure_words import (
    marketplace_name,
    part_words,
    reason_words,
    state_words,
)
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import (
    CountedFilter,
    Dimension,
    ListedProduct,
    counted_list,
    is_simulated,
)
from ocop_sync.service.queries.coverage_outlook import claims_page, ends_coming

NOT_EVALUATED: Final = Text(
    "chưa xét được, nên chưa đếm", "not evaluated, and not counted"
)
_CODE: Final = (Text("Mã sản phẩm", "Code"), 12)
_NAME: Final = (Text("Sản phẩm", "Product"), 40)
_MAKER: Final = (Text("Cơ sở", "Producer"), 40)
_STARS: Final = (Text("Sao", "Stars"), 8)
_PLACE: Final = (Text("Sàn", "Marketplace"), 14)


def _counted_columns(_: Deployment) -> Sequence[Column]:
    return (
        _PLACE,
        _CODE,
        _NAME,
        _MAKER,
        (Text("Xã, phường", "Commune"), 24),
        _STARS,
        (Text("Tình trạng", "State"), 24),
        (Text("Lý do", "Reason"), 50),
        (Text("Từ ngày", "Since"), 14),
    )


async def _counted(
    deployment: Deployment, chosen: CountedFilter
) -> AsyncIterator[Sequence[ListRow]]:
    after = ""
    while found := await counted_list(deployment, chosen, after=after, size=CHUNK):
        after = found[-1].counted.product_id
        yield [_counted_row(deployment, chosen.marketplace, each) for each in found]


def _counted_row(
    deployment: Deployment, marketplace: str, found: ListedProduct
) -> ListRow:
    of = found.counted
    cells = (
        marketplace_name(marketplace),
        of.product_id,
        found.name,
        found.producer,
        part_words(Dimension.COMMUNE, of.commune, deployment.communes),
        of.stars or None,
        state_words(of.counted)[0],
        reason_words(of.reason, deployment.rules),
        day_in_vietnam(of.began_at),
    )
    return ListRow(cells, is_simulated(deployment, marketplace, [found]))


def _ends_columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Hết ngày", "Last day"), 14),
        (Text("Còn (ngày)", "Days left"), 10),
        _CODE,
        _NAME,
        _MAKER,
        _STARS,
        (Text("Báo cơ sở trước", "Tell the producer by"), 16),
        (Text("Ghi chú", "Note"), 30),
    )


async def _ends(
    deployment: Deployment, within: int
) -> AsyncIterator[Sequence[ListRow]]:
    found = await ends_coming(deployment, (within,))
    late = Text("đã quá ngày phải báo", "the day to tell has passed")
    for start in range(0, len(found.rows), CHUNK):
        yield [
            ListRow(
                (
                    each.ends_on,
                    each.days_left,
                    each.product_id,
                    each.product,
                    each.producer,
                    each.stars,
                    each.notify_by,
                    late if each.late else None,
                ),
                found.simulated,
            )
            for each in found.rows[start : start + CHUNK]
        ]
    rest = (None,) * 4
    yield [
        ListRow((None, None, code, *rest, NOT_EVALUATED), found.simulated)
        for code in found.faulty
    ]


def _claims_columns(_: Deployment) -> Sequence[Column]:
    return (
        _PLACE,
        _CODE,
        (Text("Hết hạn sau ngày", "Ended after"), 16),
        (Text("Sao còn ghi", "Stars shown"), 12),
    )


async def _claims(
    deployment: Deployment, _: object
) -> AsyncIterator[Sequence[ListRow]]:
    after: tuple[str, str] | None = None
    while True:
        found = await claims_page(deployment, after, size=CHUNK)
        yield [
            ListRow(
                (
                    marketplace_name(each.marketplace),
                    each.product_id,
                    date.fromisoformat(each.ends_on) if each.ends_on else None,
                    each.stars or None,
                ),
                is_simulated(deployment, each.marketplace, ()),
            )
            for each in found.claims.listings
        ]
        if found.last is None:
            return
        after = found.last


COUNTED_FILE: Final = ListFile(
    name="san-pham-duoc-dem",
    title=Text("Sản phẩm", "Products"),
    columns=_counted_columns,
    rows=_counted,
)
"""The products that a figure counts; chosen by a `CountedFilter`."""
ENDS_FILE: Final = ListFile(
    name="sap-het-han",
    title=Text("Sắp hết hạn", "Ending soon"),
    columns=_ends_columns,
    rows=_ends,
)
"""The certificates that end soon; chosen by the days ahead."""
CLAIMS_FILE: Final = ListFile(
    name="ghi-ocop-het-han",
    title=Text("Còn ghi OCOP đã hết hạn", "Claims that ended"),
    columns=_claims_columns,
    rows=_claims,
)
"""The listings that claim what has ended; nothing is chosen."""
