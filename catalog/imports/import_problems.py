"""Problems of an import as a whole: of no row, but of all of them."""

from catalog.feed.rows.row import Problem, ProblemKind


def stale_token() -> Problem:
    """Return the question that a token which does not fit is."""
    return Problem(
        row=0,
        vi="mã xác nhận không khớp: tệp hoặc danh mục đã thay đổi. Chưa ghi gì; hãy đọc"
        " lại và xác nhận bằng mã mới",
        en="the token does not fit: the file or the catalog has changed. Nothing was"
        " written; read again and confirm with the new token",
        kind=ProblemKind.QUESTION,
    )


def sick_source(count: int, left_out: int) -> Problem:
    """Return the question about a source that names no more than *count* products.

    Args:
        count: How many products its rows are known to be about.
        left_out: How many rows did not go in: they may be about more.
    """
    rows_vi = f", còn {left_out} dòng bị bỏ lại" if left_out else ""
    rows_en = f", and {left_out} rows were left out" if left_out else ""
    return Problem(
        row=0,
        vi=f"nguồn chỉ nêu rõ {count} sản phẩm{rows_vi}: trống, hoặc thiếu hơn một nửa"
        " số đã nêu trước đây. Không đánh dấu sản phẩm nào là vắng; hãy kiểm tra tệp",
        en=f"the source names {count} products for certain{rows_en}: it is empty, or"
        " lacks more than half of those it named before. None is marked as missing;"
        " check the file",
        kind=ProblemKind.QUESTION,
    )
