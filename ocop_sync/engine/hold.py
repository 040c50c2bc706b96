"""Why something is held for a person, in words.

A hold is shown with its reason and what to do about it; it is not planned
anew until what it is about has changed.
"""

from dataclasses import dataclass
from enum import StrEnum


class Hold(StrEnum):
    """Why a product is held at a marketplace."""

    DOUBLED = "doubled"
    OUT_OF_SCOPE = "out_of_scope"
    ORPHAN = "orphan"
    UNKNOWN_FACT = "unknown_fact"
    TWIN = "twin"
    MOVED = "moved"
    REFUSED = "refused"
    TAKEN_DOWN = "taken_down"
    BANNED = "banned"
    UNFORESEEN = "unforeseen"
    EDITED_THERE = "edited_there"
    BUDGET = "budget"
    VANISHED_MANY = "vanished_many"
    NO_ACCOUNT = "no_account"
    NO_PRICE = "no_price"
    NO_STOCK_COUNT = "no_stock_count"
    NO_CATEGORY = "no_category"
    TITLE_TOO_LONG = "title_too_long"
    CLAIM_IN_NAME = "claim_in_name"
    SELLER_REFUSED = "seller_refused"
    CHANGE_REFUSED = "change_refused"


@dataclass(frozen=True, slots=True)
class Words:
    """A text that a person reads.

    Attributes:
        vi: In Vietnamese.
        en: In English.
    """

    vi: str
    en: str


HOLD_WORDS: dict[Hold, Words] = {
    Hold.DOUBLED: Words(
        "Sàn có hai tin cùng mang mã của sản phẩm này: chọn một, gỡ tin kia.",
        "Two listings there carry this product's reference: keep one, end the other.",
    ),
    Hold.OUT_OF_SCOPE: Words(
        "Đang bán nhưng không thuộc OCOP 3-5 sao, hoặc là dịch vụ: cần người quyết.",
        "On sale, but outside OCOP 3 to 5 stars or a service: a person decides.",
    ),
    Hold.ORPHAN: Words(
        "Đang bán nhưng không còn trong danh mục: kiểm tra danh mục.",
        "On sale, but no longer in the catalog: check the catalog.",
    ),
    Hold.UNKNOWN_FACT: Words(
        "Còn điều chưa rõ trong hồ sơ: bổ sung hoặc xác nhận.",
        "A fact is not known yet: supply or attest it.",
    ),
    Hold.TWIN: Words(
        "Trên sàn có tin có thể là sản phẩm này: nhận, hoặc xác nhận là khác.",
        "A listing there may be this product: adopt it, or say that it is another.",
    ),
    Hold.MOVED: Words(
        "Đang bán dưới tên chủ thể khác: gỡ tin cũ, hoặc sửa danh mục.",
        "On sale under another producer: end that listing, or correct the catalog.",
    ),
    Hold.REFUSED: Words(
        "Sàn từ chối: sửa theo lời sàn.",
        "Refused by the marketplace: correct what it names.",
    ),
    Hold.TAKEN_DOWN: Words(
        "Có người đã gỡ tin trên sàn: hỏi chủ thể trước khi đăng lại.",
        "A person took the listing down: ask the producer before it goes up again.",
    ),
    Hold.BANNED: Words(
        "Sàn đã khóa tin này: làm việc với sàn.",
        "The marketplace has banned this listing: talk to the marketplace.",
    ),
    Hold.UNFORESEEN: Words(
        "Tình huống chưa lường trước: cần người xem.",
        "A situation that no rule foresees: a person looks.",
    ),
    Hold.EDITED_THERE: Words(
        "Tin đã bị sửa trên sàn: giữ bản nào?",
        "The listing was edited there: which version stays?",
    ),
    Hold.BUDGET: Words(
        "Quá nhiều thay đổi lấy đi khỏi người mua cùng lúc: cần người duyệt cả nhóm.",
        "Too much would be taken from buyers at once: a person approves the group.",
    ),
    Hold.VANISHED_MANY: Words(
        "Quá nhiều tin biến mất cùng lúc: kiểm tra sàn trước khi tạo lại.",
        "Too many listings vanished at once: check the marketplace first.",
    ),
    Hold.NO_ACCOUNT: Words(
        "Chủ thể chưa có gian hàng trên sàn này: mở gian hàng.",
        "The producer has no account at this marketplace: open one.",
    ),
    Hold.NO_PRICE: Words(
        "Chưa có giá bán: nhập giá.",
        "No price is known: enter one.",
    ),
    Hold.NO_STOCK_COUNT: Words(
        "Chưa kiểm đếm tồn kho: nhập số lượng.",
        "Stock was never counted: enter a count.",
    ),
    Hold.NO_CATEGORY: Words(
        "Sàn chưa có ngành hàng cho bộ sản phẩm này: bổ sung bảng ngành hàng.",
        "The marketplace has no category for this product set: extend the table.",
    ),
    Hold.TITLE_TOO_LONG: Words(
        "Tên dài hơn sàn cho phép: cần người rút gọn.",
        "The name is longer than the marketplace takes: a person shortens it.",
    ),
    Hold.CLAIM_IN_NAME: Words(
        "Tên chính thức có chữ OCOP hoặc số sao, mà chứng nhận đã hết hiệu lực.",
        "The official name itself claims OCOP or stars, and the certificate has ended.",
    ),
    Hold.SELLER_REFUSED: Words(
        "Sàn từ chối hồ sơ người bán: sửa theo lời sàn.",
        "The marketplace refused the seller's profile: correct what it names.",
    ),
    Hold.CHANGE_REFUSED: Words(
        "Sàn từ chối thay đổi: sửa theo lời sàn.",
        "The marketplace refused a change: correct what it names.",
    ),
}
"""What each hold means and what to do about it."""
