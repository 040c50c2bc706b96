"""Every error of the service as a problem: its status, its code, and what is told.

The only place that knows both. What only who runs the service can mend is told in
general words; its own are in the log, under the request id.
"""

from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError

from catalog.commands.edit_text import OFFICIAL, PACK_TEXTS, PRODUCT_TEXTS
from catalog.commands.pictures import NoSuchPictureError
from catalog.commands.producers import PLACE_WORDS, PRODUCER_FIELDS
from catalog.errors import (
    CatalogError,
    ChangedMeanwhileError,
    FeedError,
    FieldsError,
    HeldEditError,
    HeldPapersError,
    HeldPriceError,
    MovingCatalogError,
    NotInCatalogError,
    OlderCountError,
    PastImportError,
    StockError,
)
from catalog.pictures.reencoder import TooManyPicturesError
from catalog.pictures.unfit import UnfitPictureError
from ocop_sync.api.neutral_words import of_sheets, without_commands
from ocop_sync.api.typed.problem import FieldProblem, ProblemError, ProblemKind
from ocop_sync.api.typed.problems import (
    INVALID,
    NOT_FOUND,
    OF_LAYER,
    PRECONDITION_FAILED,
    TOO_MANY_CALLS,
    UNAVAILABLE,
)
from ocop_sync.errors import (
    ConfigurationError,
    HeldCertificatesError,
    HeldMappingError,
    HeldPlanError,
    HeldPolicyError,
    MarketplaceError,
    NoSuchAccountError,
    NoSuchBatchError,
    NoSuchDecisionError,
    NoSuchKeyError,
    NoSuchLinkError,
    NoSuchMarketplaceError,
    NoSuchNoticeError,
    NoSuchPersonError,
    NoSuchPlanError,
    NoSuchRunError,
    NoSuchScheduleError,
    OcopSyncError,
    PlanError,
    PolicyFaultError,
    QuestionError,
    RunRequestedError,
    StalePlanError,
    StoppedError,
    StorageError,
    SyncInProgressError,
    TooMuchLongWorkError,
    TransientError,
    UnsafePlanError,
)
from ocop_sync.store.db.outage import outage_of

STORAGE: Final = ProblemKind(
    "storage_unavailable",
    503,
    "Chưa ghi hoặc đọc được dữ liệu: thử lại sau ít phút",
    "Data cannot be read or written now: try again in some minutes",
)
STOPPING: Final = ProblemKind(
    "stopping",
    503,
    "Dịch vụ đang dừng để khởi động lại: thử lại sau ít phút",
    "The service is being restarted: try again in some minutes",
)
MISCONFIGURED: Final = ProblemKind(
    "misconfigured",
    503,
    "Dịch vụ thiếu thiết lập cho việc này: báo cho Sở kèm mã yêu cầu",
    "The service is not set up for this: tell the department, with the request id",
)
MARKETPLACE_AWAY: Final = ProblemKind(
    "marketplace_unavailable",
    503,
    "Sàn không trả lời: thử lại sau ít phút",
    "The marketplace does not answer: try again in some minutes",
)
MARKETPLACE_FAILED: Final = ProblemKind(
    "marketplace_failed",
    502,
    "Sàn trả lời khác thỏa thuận, hoặc không nhận tài khoản",
    "The marketplace answers otherwise than agreed, or does not take the account",
)
SYNC_IN_PROGRESS: Final = ProblemKind(
    "sync_in_progress",
    409,
    "Tài khoản này đang được đồng bộ: thử lại sau",
    "This account is being synced: try again later",
)
STALE_PLAN: Final = ProblemKind(
    "stale",
    409,
    "Đã có thay đổi từ lúc xem: xem lại rồi quyết định",
    "It has changed since it was seen: look again, then decide",
)
UNSAFE_PLAN: Final = ProblemKind(
    "over_budget",
    409,
    "Gỡ khỏi sàn nhiều hơn mức cho phép: cần người duyệt",
    "It takes more from sale than the budget allows: a person has to approve",
)
NO_ANSWER: Final = ProblemKind(
    "no_answer",
    404,
    "Không có số liệu như vậy",
    "There are no such figures",
)
NOT_POSSIBLE: Final = ProblemKind(
    "not_possible",
    409,
    "Không làm được khi mọi thứ đang như vậy",
    "It cannot be done as things are",
)
CATALOG_REFUSED: Final = ProblemKind(
    "refused_by_catalog",
    422,
    "Danh mục không nhận",
    "The catalog does not take it",
)
FEED_REFUSED: Final = ProblemKind(
    "feed_refused", 422, "Tệp nhập có lỗi", "The feed has faults"
)
CATALOG_MOVES: Final = ProblemKind(
    "catalog_moves",
    409,
    "Danh mục đổi liên tục trong lúc xét tệp, chưa nhập gì: gửi lại sau",
    "The catalog changed each time the file was evaluated, nothing was taken: send it"
    " again later",
)
NOT_TAKEN: Final = ProblemKind(
    "not_taken",
    409,
    "Danh mục không nhận những giá trị này, chưa ghi gì: sửa theo từng mục",
    "The catalog does not take these values, and nothing was written: mend each",
)
"""Values that are as the document says, and wrong all the same: for who has typed
them, where `invalid` is for who has written the program."""
PAPERS_HELD: Final = ProblemKind(
    "papers_held",
    409,
    "Chưa ghi gì: xem những sản phẩm nào sẽ đổi, sản phẩm nào thôi bán, rồi gửi lại kèm"
    " mã",
    "Nothing was entered: see which products change and which are taken off sale, then"
    " send it with the token",
)
PRICE_HELD: Final = ProblemKind(
    "price_held",
    409,
    "Giá khác thường, chưa đổi: sửa giá, hoặc gửi lại kèm mã xác nhận",
    "The price looks like a slip and was not set: mend it, or send it with the token",
)
EDIT_HELD: Final = ProblemKind(
    "edit_held",
    409,
    "Chưa ghi gì: xem các điểm cần hỏi, rồi sửa, hoặc gửi lại kèm mã xác nhận",
    "Nothing was taken: see what is asked, then mend it, or send it with the token",
)
STOCK_TOO_LOW: Final = ProblemKind(
    "stock_too_low",
    409,
    "Theo sổ không còn đủ hàng: hãy đếm lại",
    "There are not as many left as far as is known: count again",
)
OLDER_COUNT: Final = ProblemKind(
    "older_count",
    409,
    "Đã có số đếm mới hơn",
    "A newer count is known",
)

POLICY_HELD: Final = ProblemKind(
    "policy_held",
    409,
    "Chưa đổi chính sách, vì bảo vệ kém hơn trước: xem sẽ ra sao, rồi gửi lại kèm mã",
    "The policy was not set, as it protects less than before: see its effects, then"
    " send it with the token",
)

MAPPING_HELD: Final = ProblemKind(
    "mapping_held",
    409,
    "Chưa thay bảng quy đổi: xem sản phẩm nào không đăng được nữa, rồi gửi lại kèm mã",
    "The mapping was not replaced: see which products can be listed no more, then send"
    " it with the token",
)

CERTIFICATES_HELD: Final = ProblemKind(
    "certificates_held",
    409,
    "Chưa ghi gì: xem quyết định sẽ làm gì, rồi gửi lại kèm mã",
    "Nothing is entered yet: see what the decision does, then send it with the token",
)

PLAN_HELD: Final = ProblemKind(
    "plan_held",
    409,
    "Chưa duyệt kế hoạch, vì người mua sẽ mất: xem mất gì, rồi gửi lại kèm mã",
    "The plan was not approved, as it takes from buyers: see what, then send it"
    " with the token",
)

UNFIT_PICTURE: Final = ProblemKind(
    "unfit_picture",
    422,
    "Ảnh không dùng được",
    "The picture cannot be taken",
)
PICTURES_WAIT: Final = ProblemKind(
    "pictures_wait",
    503,
    "Nhiều ảnh đang chờ xử lý: gửi lại sau ít giây",
    "Many pictures wait: send it again in some seconds",
)
PUSH_REFUSED: Final = ProblemKind(
    "push_refused",
    403,
    "Thông báo không được nhận",
    "The push is not taken",
)

OF_SERVICE: Final = (
    PUSH_REFUSED,
    UNFIT_PICTURE,
    PICTURES_WAIT,
    STORAGE,
    STOPPING,
    MISCONFIGURED,
    MARKETPLACE_AWAY,
    MARKETPLACE_FAILED,
    SYNC_IN_PROGRESS,
    STALE_PLAN,
    UNSAFE_PLAN,
    NO_ANSWER,
    NOT_POSSIBLE,
    CATALOG_REFUSED,
    FEED_REFUSED,
    CATALOG_MOVES,
    NOT_TAKEN,
    PAPERS_HELD,
    PRICE_HELD,
    EDIT_HELD,
    STOCK_TOO_LOW,
    OLDER_COUNT,
    POLICY_HELD,
    MAPPING_HELD,
    CERTIFICATES_HELD,
    PLAN_HELD,
)
"""Every kind that an error of the service becomes."""

ALL: Final = (*OF_LAYER, *OF_SERVICE)
"""Every kind that there is, as the documentation lists them."""

_BETWEEN: Final = " / "


def problem_of(error: Exception) -> ProblemError | None:
    """Return the problem that *error* is for its caller; None if it is unexpected.

    A group of errors is its first one, if all of them are known.
    """
    if isinstance(error, ExceptionGroup):
        found = [problem_of(each) for each in error.exceptions]
        return found[0] if all(found) else None
    if isinstance(error, DBAPIError):
        # Danger: its own text repeats the values of the statement.
        outage = outage_of(error)
        return None if outage is None else problem_of(outage)
    for kind, tell in _TOLD.items():
        if isinstance(error, kind):
            return tell(error)
    return None


def in_both_languages(text: str) -> tuple[str, str]:
    """Return the Vietnamese and the English half of a message of ours.

    One that has no two halves is given as it is, twice. Commands that it names in
    brackets are left out: who calls the API has none.
    """
    text = without_commands(text)
    vietnamese, between, english = text.partition(_BETWEEN)
    if not between or _BETWEEN in english:
        return text, text
    return vietnamese, english


def _in_general(
    kind: ProblemKind, **headers: str
) -> Callable[[Exception], ProblemError]:
    """Return a function that tells of the kind alone."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda error: ProblemError(kind, headers=named, reason=str(error))


def _in_its_words(kind: ProblemKind) -> Callable[[Exception], ProblemError]:
    """Return a function that tells an error's own words: meant for who has asked."""

    def tell(error: Exception) -> ProblemError:
        vi, en = in_both_languages(str(error))
        return ProblemError(kind, vi=vi, en=en)

    return tell


def _of_feed(error: Exception) -> ProblemError:
    assert isinstance(error, FeedError)  # noqa: S101  (as the table says)
    told = list(map(of_sheets, error.problems))
    return ProblemError(FEED_REFUSED, more={"problems": told})


def _of_fields(error: Exception) -> ProblemError:
    assert isinstance(error, FieldsError)  # noqa: S101  (as the table says)
    faults = [
        FieldProblem(
            "body",
            _pointer(name),
            "not_taken",
            without_commands(vi),
            without_commands(en),
        )
        for name, vi, en in error.problems
    ]
    return ProblemError(NOT_TAKEN, errors=faults)


def _pointer(name: str) -> str:
    """Return where a field of the catalog stands in the body of an edit."""
    sku, of_pack, field = name.partition(".")
    if of_pack:
        return f"/packs/{sku}/{field}"
    if name in PRODUCT_TEXTS or name in PACK_TEXTS:
        return f"/texts/{name}"
    if name in PRODUCER_FIELDS or name in PLACE_WORDS:
        return f"/values/{name}"
    return f"/official/{name}" if name in OFFICIAL else f"/{name}"


def _of_held_price(error: Exception) -> ProblemError:
    assert isinstance(error, HeldPriceError)  # noqa: S101  (as the table says)
    more = {
        "sku": error.sku,
        "before": error.before,
        "after": error.after,
        "token": error.token,
    }
    vi, en = error.why
    return ProblemError(PRICE_HELD, vi=vi, en=en, more=more)


def _of_held_edit(error: Exception) -> ProblemError:
    assert isinstance(error, HeldEditError)  # noqa: S101  (as the table says)
    questions = [
        {"field": field, "vi": vi, "en": en} for field, vi, en in error.questions
    ]
    return ProblemError(EDIT_HELD, more={"questions": questions, "token": error.token})


def _of_change(error: Exception) -> ProblemError:
    assert isinstance(error, ChangedMeanwhileError)  # noqa: S101  (as the table says)
    changed = [
        {
            "pointer": _pointer(each.field),
            "value": each.value,
            "changed_at": each.changed_at.isoformat() if each.changed_at else None,
        }
        for each in error.changed
    ]
    more = {"revision": error.revision, "changed": changed}
    return ProblemError(PRECONDITION_FAILED, more=more)


def _of_held_papers(error: Exception) -> ProblemError:
    assert isinstance(error, HeldPapersError)  # noqa: S101  (as the table says)
    return ProblemError(PAPERS_HELD, more=error.json_form())


def _of_stock(error: Exception) -> ProblemError:
    assert isinstance(error, StockError)  # noqa: S101  (as the table says)
    vi, en = in_both_languages(str(error))
    return ProblemError(STOCK_TOO_LOW, vi=vi, en=en, more={"left": error.left})


def _of_held_policy(error: Exception) -> ProblemError:
    assert isinstance(error, HeldPolicyError)  # noqa: S101  (as the table says)
    effects = [{"vi": vi, "en": en} for vi, en in error.effects]
    return ProblemError(POLICY_HELD, more={"effects": effects, "token": error.token})


def _of_held_mapping(error: Exception) -> ProblemError:
    assert isinstance(error, HeldMappingError)  # noqa: S101  (as the table says)
    effects = [{"vi": vi, "en": en} for vi, en in error.effects]
    return ProblemError(MAPPING_HELD, more={"effects": effects, "token": error.token})


def _of_held_certificates(error: Exception) -> ProblemError:
    assert isinstance(error, HeldCertificatesError)  # noqa: S101  (as the table says)
    told = {
        name: [{"vi": vi, "en": en} for vi, en in texts]
        for name, texts in (("effects", error.effects), ("doubts", error.doubts))
    }
    return ProblemError(CERTIFICATES_HELD, more={**told, "token": error.token})


def _of_held_plan(error: Exception) -> ProblemError:
    assert isinstance(error, HeldPlanError)  # noqa: S101  (as the table says)
    effects = [{"vi": vi, "en": en} for vi, en in error.effects]
    return ProblemError(PLAN_HELD, more={"effects": effects, "token": error.token})


def _of_requested_run(error: Exception) -> ProblemError:
    assert isinstance(error, RunRequestedError)  # noqa: S101  (as the table says)
    vi, en = in_both_languages(str(error))
    return ProblemError(SYNC_IN_PROGRESS, vi=vi, en=en, more={"run": error.run})


def _of_policy_faults(error: Exception) -> ProblemError:
    assert isinstance(error, PolicyFaultError)  # noqa: S101  (as the table says)
    faults = [
        FieldProblem("body", f"/{name.replace('.', '/')}", "not_taken", what, what)
        for name, what in error.faults
    ]
    return ProblemError(INVALID, errors=faults)


def _of_picture(error: Exception) -> ProblemError:
    assert isinstance(error, UnfitPictureError)  # noqa: S101  (as the table says)
    vi, en = in_both_languages(str(error))
    more = {"reason": error.unfit.value}
    return ProblemError(UNFIT_PICTURE, vi=vi, en=en, more=more)


_TOLD: Final[dict[type[Exception], Callable[[Exception], ProblemError]]] = {
    # The first that fits holds: what is more special stands before what is general.
    StorageError: _in_general(STORAGE, Retry_After="60"),
    NoSuchAccountError: _in_general(NOT_FOUND),
    NoSuchMarketplaceError: _in_general(NOT_FOUND),
    NoSuchRunError: _in_general(NOT_FOUND),
    NoSuchDecisionError: _in_general(NOT_FOUND),
    NoSuchScheduleError: _in_general(NOT_FOUND),
    ConfigurationError: _in_general(MISCONFIGURED),
    StalePlanError: _in_its_words(STALE_PLAN),
    UnsafePlanError: _in_its_words(UNSAFE_PLAN),
    QuestionError: _in_its_words(NO_ANSWER),
    NoSuchPersonError: _in_general(NOT_FOUND),
    NoSuchKeyError: _in_general(NOT_FOUND),
    NoSuchLinkError: _in_general(NOT_FOUND),
    NoSuchNoticeError: _in_general(NOT_FOUND),
    NoSuchBatchError: _in_general(NOT_FOUND),
    NoSuchPlanError: _in_general(NOT_FOUND),
    HeldPolicyError: _of_held_policy,
    HeldMappingError: _of_held_mapping,
    HeldCertificatesError: _of_held_certificates,
    HeldPlanError: _of_held_plan,
    PolicyFaultError: _of_policy_faults,
    PlanError: _in_its_words(NOT_POSSIBLE),
    # Danger: its words name the process that holds the account.
    SyncInProgressError: _in_general(SYNC_IN_PROGRESS, Retry_After="60"),
    RunRequestedError: _of_requested_run,
    StoppedError: _in_general(STOPPING, Retry_After="60"),
    # Below 500, so that a key that came with it may be used again.
    TooMuchLongWorkError: _in_general(TOO_MANY_CALLS, Retry_After="5"),
    TransientError: _in_general(MARKETPLACE_AWAY, Retry_After="60"),
    MarketplaceError: _in_general(MARKETPLACE_FAILED),
    OcopSyncError: _in_general(UNAVAILABLE),
    # Danger: what a caller may not see is no more "not found" than what is not there.
    NotInCatalogError: _in_general(NOT_FOUND),
    PastImportError: _in_general(NOT_FOUND),
    NoSuchPictureError: _in_general(NOT_FOUND),
    UnfitPictureError: _of_picture,
    TooManyPicturesError: _in_general(PICTURES_WAIT, Retry_After="5"),
    FeedError: _of_feed,
    MovingCatalogError: _in_general(CATALOG_MOVES, Retry_After="300"),
    FieldsError: _of_fields,
    HeldPriceError: _of_held_price,
    HeldEditError: _of_held_edit,
    HeldPapersError: _of_held_papers,
    ChangedMeanwhileError: _of_change,
    StockError: _of_stock,
    OlderCountError: _in_its_words(OLDER_COUNT),
    CatalogError: _in_its_words(CATALOG_REFUSED),
}
