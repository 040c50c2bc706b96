"""The kinds of problems that the layer itself answers with."""

from typing import Final

from ocop_sync.api.typed.problem import ProblemKind

BAD_REQUEST: Final = ProblemKind(
    "bad_request",
    400,
    "Yêu cầu không đúng dạng của HTTP",
    "The request is not as HTTP has it",
)
HEAD_TOO_LARGE: Final = ProblemKind(
    "head_too_large",
    431,
    "Địa chỉ hoặc một dòng đầu (header) quá dài",
    "The address or a header is too long",
)
EXPECTATION_FAILED: Final = ProblemKind(
    "expectation_failed",
    417,
    "Chỉ nhận Expect: 100-continue",
    "No Expect but 100-continue is met",
)
UNAUTHENTICATED: Final = ProblemKind(
    "unauthenticated",
    401,
    "Cần đăng nhập, hoặc khóa không còn dùng được",
    "Sign in first, or the key is no longer valid",
)
FORBIDDEN: Final = ProblemKind(
    "forbidden",
    403,
    "Vai trò này không được làm việc đó",
    "This role may not do that",
)
NOT_FOUND: Final = ProblemKind(
    "not_found", 404, "Không tìm thấy", "There is no such thing"
)
METHOD_NOT_ALLOWED: Final = ProblemKind(
    "method_not_allowed",
    405,
    "Địa chỉ này không nhận phương thức đó",
    "This address does not take that method",
)
KEY_IN_USE: Final = ProblemKind(
    "idempotency_key_in_use",
    409,
    "Yêu cầu đầu tiên với Idempotency-Key này chưa xong: chờ rồi gửi lại",
    "The first request with this Idempotency-Key is under way: wait, and repeat it",
)
OUTCOME_UNKNOWN: Final = ProblemKind(
    "idempotency_outcome_unknown",
    409,
    "Không rõ yêu cầu đầu tiên với Idempotency-Key này đã làm xong chưa: xem lại rồi"
    " gửi với khóa mới",
    "It is not known whether the first request with this Idempotency-Key was carried"
    " out: look, then send it with a new key",
)
ANSWER_SHOWN_ONCE: Final = ProblemKind(
    "answer_shown_once",
    409,
    "Đã làm xong, và câu trả lời chỉ hiện một lần: làm lại với khóa mới nếu đã mất",
    "It was done, and its answer is shown once: if it is lost, ask with a new key",
)
ANSWER_ERASED: Final = ProblemKind(
    "answer_erased",
    409,
    "Đã làm xong, câu trả lời đã bị xóa cùng dữ liệu cá nhân: xem tình trạng hiện tại,"
    " đừng làm lại",
    "It was done, and its answer was erased with personal data: look how things are"
    " now, and do not ask again",
)
KEYS_FULL: Final = ProblemKind(
    "idempotency_keys_full",
    429,
    "Đang giữ quá nhiều Idempotency-Key của người gọi này: chờ số giây trong"
    " Retry-After, hoặc gửi không kèm khóa",
    "Too many Idempotency-Keys of this caller are kept: wait for the seconds of"
    " Retry-After, or send the call without one",
)
PRECONDITION_FAILED: Final = ProblemKind(
    "changed_meanwhile",
    412,
    "Đã có người sửa từ lúc đọc: đọc lại rồi sửa",
    "It was changed since it was read: read it again, then change it",
)
TOO_LARGE: Final = ProblemKind(
    "too_large", 413, "Nội dung gửi lên quá lớn", "The body is too large"
)
UNSUPPORTED_MEDIA_TYPE: Final = ProblemKind(
    "unsupported_media_type",
    415,
    "Loại nội dung (Content-Type) không được nhận",
    "This kind of body (Content-Type) is not taken",
)
INVALID: Final = ProblemKind(
    "invalid", 422, "Dữ liệu gửi lên có lỗi", "The request has faults"
)
KEY_REUSED: Final = ProblemKind(
    "idempotency_key_reused",
    422,
    "Idempotency-Key này đã dùng cho yêu cầu khác",
    "This Idempotency-Key was used for another request",
)
PRECONDITION_REQUIRED: Final = ProblemKind(
    "if_match_required",
    428,
    "Cần If-Match: ghi ETag của lần đọc gần nhất",
    "If-Match is needed: the ETag of the last read",
)
TOO_SLOW: Final = ProblemKind(
    "too_slow",
    408,
    "Gửi lên quá chậm nên đã ngắt: gửi lại khi mạng tốt hơn",
    "The body came too slowly: send it again over a better network",
)
TOO_MANY_CALLS: Final = ProblemKind(
    "too_many_calls",
    429,
    "Gọi nhiều quá: chờ số giây trong Retry-After rồi gọi lại",
    "Too many calls: wait for the seconds of Retry-After, then call again",
)
UNEXPECTED: Final = ProblemKind(
    "unexpected",
    500,
    "Dịch vụ gặp lỗi: báo cho Sở kèm mã yêu cầu",
    "The service has failed: tell the department, with the request id",
)
UNAVAILABLE: Final = ProblemKind(
    "unavailable",
    503,
    "Dịch vụ tạm ngừng: thử lại sau ít phút",
    "The service is not available: try again in some minutes",
)

OF_HTTP: Final = {
    each.status: each
    for each in (
        BAD_REQUEST,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
    )
}
"""The kinds of refusals that aiohttp itself raises, by status."""

OF_LAYER: Final = (
    BAD_REQUEST,
    HEAD_TOO_LARGE,
    EXPECTATION_FAILED,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TOO_SLOW,
    KEY_IN_USE,
    OUTCOME_UNKNOWN,
    ANSWER_SHOWN_ONCE,
    ANSWER_ERASED,
    KEYS_FULL,
    PRECONDITION_FAILED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID,
    KEY_REUSED,
    PRECONDITION_REQUIRED,
    TOO_MANY_CALLS,
    UNEXPECTED,
    UNAVAILABLE,
)
"""Every kind that the layer answers with."""
