"""The missing papers as a file, by producer, as the page has them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from catalog.eligibility import Text
from catalog.queries.worklists import Lack
from ocop_sync.pages.counted_rows import NOT_EVALUATED
from ocop_sync.pages.figure_words import part_words
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import Dimension
from ocop_sync.service.queries.lack_filter import LackFilter, kinds_by_name
from ocop_sync.service.queries.worklists import missing_papers

LACK_WORDS: Final[Mapping[str, Text]] = {
    "missing": Text("không có", "not there"),
    "expired": Text("hết hạn", "ended"),
    "unknown": Text("chưa ai xác nhận", "nobody has attested it"),
}
"""How a paper may be lacking, the gravest first."""


def by_producer(each: Lack) -> tuple[str, str, str, str]:
    """Return the place of a lack in the list; the code keeps two of one name apart."""
    return each.producer, each.producer_id, each.product_id, each.paper.vi


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Cơ sở", "Producer"), 40),
        (Text("Mã cơ sở", "Producer's code"), 12),
        (Text("Xã, phường", "Commune"), 24),
        (Text("Sản phẩm", "Product"), 40),
        (Text("Mã sản phẩm", "Code"), 12),
        (Text("Giấy tờ", "Paper"), 40),
        (Text("Tình trạng", "State"), 20),
        (Text("Hệ quả", "What follows"), 20),
        (Text("Từ ngày", "Since"), 14),
        (Text("Phải làm", "To do"), 60),
    )


async def _rows(
    deployment: Deployment, chosen: LackFilter
) -> AsyncIterator[Sequence[ListRow]]:
    rules = deployment.rules
    found = await deployment.database.fetch(
        missing_papers, rules=rules, at=deployment.clock()
    )
    lacks = sorted(chosen.of(found.rows, kinds_by_name(rules)), key=by_producer)
    for start in range(0, len(lacks), CHUNK):
        yield [_row(deployment, each) for each in lacks[start : start + CHUNK]]
    nothing = (None,) * 4
    yield [ListRow((*nothing, code, NOT_EVALUATED, *nothing)) for code in found.faulty]


def _row(deployment: Deployment, each: Lack) -> ListRow:
    cells = (
        each.producer or None,
        each.producer_id or None,
        part_words(Dimension.COMMUNE, each.commune, deployment.communes),
        each.product,
        each.product_id,
        each.paper,
        LACK_WORDS[each.state],
        _BLOCKED if each.blocks else _WAITS,
        each.since,
        each.todo,
    )
    return ListRow(cells)


_BLOCKED: Final = Text("không được bán", "may not be on sale")
_WAITS: Final = Text("chưa được đăng", "is not listed yet")

PAPERS_FILE: Final = ListFile(
    name="giay-to-con-thieu",
    title=Text("Giấy tờ còn thiếu", "Missing papers"),
    columns=_columns,
    rows=_rows,
    of_marketplaces=False,
)
"""The missing papers."""
