"""Say no in the words and status codes of Mock P.

Which calls are refused is decided in `checks`, `state` and `moderation`.
"""

from collections.abc import Sequence
from typing import TypedDict


class Problem(TypedDict):
    """One entry of the `errors` of an answer, or a reason of a refusal.

    Attributes:
        code: A fixed word.
        field: The field it is about, or "".
        message: Words for people, in Vietnamese.
    """

    code: str
    field: str
    message: str


def problem(code: str, message: str, field: str = "") -> Problem:
    """Return a problem."""
    return Problem(code=code, field=field, message=message)


class RefusalError(Exception):
    """A call that is answered with 4xx; nothing was changed.

    Attributes:
        status: The HTTP status.
        problems: At least one.
    """

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__(f"{status} {problems}")
        self.status = status
        self.problems: Sequence[Problem] = problems


def no_product() -> RefusalError:
    """Return the refusal of a call about a product that does not exist."""
    return RefusalError(404, problem("not_found", "Không tìm thấy sản phẩm."))


def no_seller() -> RefusalError:
    """Return the refusal of a call about a seller that does not exist."""
    return RefusalError(404, problem("not_found", "Không tìm thấy gian hàng."))


def no_track() -> RefusalError:
    """Return the refusal of a call about a review that does not exist."""
    return RefusalError(404, problem("not_found", "Không tìm thấy yêu cầu đăng bán."))


def unauthorized() -> RefusalError:
    """Return the refusal of a call without a good token."""
    message = "Phiên đăng nhập thiếu hoặc đã hết hạn."
    return RefusalError(401, problem("unauthorized", message))
