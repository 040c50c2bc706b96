"""Why something is held for a person, in words.

A hold is shown with what was seen and what to do about it; it is not planned
anew until what it is about has changed. How it stands in one list with the
reasons of a verdict is decided in `ocop_sync.engine.reasons.reason`.
"""

from dataclasses import dataclass
from enum import StrEnum

from catalog.eligibility import Text


class Hold(StrEnum):
    """Why a product is held at a marketplace."""

    DOUBLED = "doubled"
    OUT_OF_SCOPE = "out_of_scope"
    ORPHAN = "orphan"
    UNKNOWN_FACT = "unknown_fact"
    TWIN = "twin"
    UNLIKE = "unlike"
    MOVED = "moved"
    REFUSED = "refused"
    TAKEN_DOWN = "taken_down"
    BANNED = "banned"
    UNFORESEEN = "unforeseen"
    EDITED_THERE = "edited_there"
    FOUGHT = "fought"
    LEFT = "left"
    BUDGET = "budget"
    VANISHED_MANY = "vanished_many"
    NO_ACCOUNT = "no_account"
    NO_PRICE = "no_price"
    NO_STOCK_COUNT = "no_stock_count"
    NO_CATEGORY = "no_category"
    TITLE_TOO_LONG = "title_too_long"
    DESCRIPTION_TOO_LONG = "description_too_long"
    NO_PICTURE = "no_picture"
    PICTURE_TOO_SMALL = "picture_too_small"
    CLAIM_IN_NAME = "claim_in_name"
    SELLER_REFUSED = "seller_refused"
    CHANGE_REFUSED = "change_refused"
    QUARANTINED = "quarantined"
    FAULT = "fault"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Words:
    """What a hold means.

    Attributes:
        seen: What was seen, without a full stop.
        todo: What to do about it, without a full stop.
    """

    seen: Text
    todo: Text

    @property
    def whole(self) -> Text:
        """Return both, one sentence after the other."""
        return Text(
            f"{self.seen.vi}. {self.todo.vi}", f"{self.seen.en}. {self.todo.en}"
        )


MARKETPLACE, PRODUCT = "TÊN-SÀN", "MÃ-SP"
"""What stands in a command for the marketplace and the product that it is about."""

RETRY = f"ocop-sync held retry {MARKETPLACE} {PRODUCT} --by TÊN"


def named_in(text: Text, *, marketplace: str, product: str = PRODUCT) -> Text:
    """Return *text* with the commands in it as they are for one product there."""

    def fill(words: str) -> str:
        return words.replace(MARKETPLACE, marketplace).replace(PRODUCT, product)

    return Text(fill(text.vi), fill(text.en))


UNANSWERED_TODO = Text(
    "Không phải lỗi của sản phẩm: mạng hoặc sàn không trả lời. Kiểm tra mạng; một ngày"
    f" sau tự thử lại, thử ngay: `{RETRY}`",
    "No fault of the product: the network or the marketplace did not answer. Check the"
    f" network; it is tried again by itself after a day, or now: `{RETRY}`",
)
"""What to do about a change that is left alone because no answer to it came."""

REFUSED_TODO = Text(
    f"Sửa trong danh mục theo lời sàn; nếu không có gì phải sửa, gửi lại: `{RETRY}`",
    "Correct in the catalog what it names; if nothing is to be corrected, have it sent"
    f" again: `{RETRY}`",
)
"""What to do about a refusal of which no more is known than the marketplace's words."""

HOLD_WORDS: dict[Hold, Words] = {
    Hold.DOUBLED: Words(
        Text(
            "Sàn có hai tin cùng mang mã của sản phẩm này",
            "Two listings there carry this product's reference",
        ),
        Text(
            "Chọn tin được giữ, tin kia sẽ gỡ:"
            " `ocop-sync twins keep MÃ-SP --ref TIN --by TÊN`",
            "Say which one stays, the other is withdrawn:"
            " `ocop-sync twins keep MÃ-SP --ref TIN --by TÊN`",
        ),
    ),
    Hold.OUT_OF_SCOPE: Words(
        Text(
            "Đang bán nhưng không thuộc OCOP 3-5 sao, hoặc là dịch vụ",
            "On sale, but outside OCOP 3 to 5 stars or a service",
        ),
        Text(
            "Cần người quyết: gỡ, hoặc sửa danh mục",
            "A person decides: end it, or correct the catalog",
        ),
    ),
    Hold.ORPHAN: Words(
        Text(
            "Đang bán nhưng không còn trong danh mục",
            "On sale, but no longer in the catalog",
        ),
        Text("Kiểm tra danh mục", "Check the catalog"),
    ),
    Hold.UNKNOWN_FACT: Words(
        Text("Còn điều chưa rõ trong hồ sơ", "A fact is not known yet"),
        Text("Bổ sung hoặc xác nhận", "Supply or attest it"),
    ),
    Hold.TWIN: Words(
        Text(
            "Trên sàn có tin có thể là sản phẩm này",
            "A listing there may be this product",
        ),
        Text(
            "Nhận tin đó, hoặc xác nhận là sản phẩm khác",
            "Adopt it, or say that it is another",
        ),
    ),
    Hold.UNLIKE: Words(
        Text(
            "Trên sàn có tin mang mã của sản phẩm này nhưng không giống nó: không gửi"
            " gì tới tin đó, và không đăng tin mới",
            "A listing there carries this product's reference and does not resemble it:"
            " nothing is sent to it, and none is made beside it",
        ),
        Text(
            "Xem cả hai bằng `ocop-sync twins list`. Đúng là một: `twins adopt`. Là sản"
            " phẩm khác: `twins other`, rồi xóa mã đó khỏi tin trên sàn. Nếu sản phẩm"
            " đã bị đánh số lại: nạp bản xuất cuối cùng có mã (export)",
            "See both by `ocop-sync twins list`. If they are one: `twins adopt`. If it"
            " is another: `twins other`, then remove that reference from the listing"
            " there. If products were numbered anew: import the last export, which has"
            " the ids (export)",
        ),
    ),
    Hold.MOVED: Words(
        Text("Đang bán dưới tên chủ thể khác", "On sale under another producer"),
        Text(
            "Gỡ tin cũ, hoặc sửa danh mục", "End that listing, or correct the catalog"
        ),
    ),
    Hold.REFUSED: Words(
        Text("Sàn từ chối tin đăng", "Refused by the marketplace"),
        REFUSED_TODO,
    ),
    Hold.TAKEN_DOWN: Words(
        Text("Có người đã gỡ tin trên sàn", "A person took the listing down"),
        Text(
            "Hỏi chủ thể trước khi đăng lại", "Ask the producer before it goes up again"
        ),
    ),
    Hold.BANNED: Words(
        Text("Sàn đã khóa tin này", "The marketplace has banned this listing"),
        Text("Làm việc với sàn", "Talk to the marketplace"),
    ),
    Hold.UNFORESEEN: Words(
        Text("Tình huống chưa lường trước", "A situation that no rule foresees"),
        Text("Cần người xem", "A person looks"),
    ),
    Hold.EDITED_THERE: Words(
        Text("Tin đã bị sửa trên sàn", "The listing was edited there"),
        Text("Chọn bản nào được giữ", "Say which version stays"),
    ),
    Hold.FOUGHT: Words(
        Text(
            "Sửa lại bao nhiêu lần, trên sàn lại bị đổi bấy nhiêu",
            "Put right again and again, and changed there again and again",
        ),
        Text(
            "Hỏi xem ai đổi, rồi chọn bản nào được giữ",
            "Ask who changes it, then say which version stays",
        ),
    ),
    Hold.LEFT: Words(
        Text(
            "Có người đã quyết để tin như trên sàn, không bán",
            "A person has left the listing as it was found, not on sale",
        ),
        Text("Khi cần bán lại thì quyết lại", "Say so once it is to be on sale again"),
    ),
    Hold.BUDGET: Words(
        Text(
            "Quá nhiều thay đổi lấy đi khỏi người mua cùng lúc",
            "Too much would be taken from buyers at once",
        ),
        Text("Cần người duyệt cả nhóm", "A person approves the group"),
    ),
    Hold.VANISHED_MANY: Words(
        Text("Quá nhiều tin biến mất cùng lúc", "Too many listings vanished at once"),
        Text("Kiểm tra sàn trước khi tạo lại", "Check the marketplace first"),
    ),
    Hold.NO_ACCOUNT: Words(
        Text(
            "Chủ thể chưa có tài khoản ở sàn này",
            "The producer has no account at this marketplace",
        ),
        Text("Mở tài khoản và khai báo", "Open one, and put it into the settings"),
    ),
    Hold.NO_PRICE: Words(
        Text("Chưa có giá bán", "No price is known"), Text("Nhập giá", "Enter one")
    ),
    Hold.NO_STOCK_COUNT: Words(
        Text("Chưa kiểm đếm tồn kho", "Stock was never counted"),
        Text("Nhập số lượng", "Enter a count"),
    ),
    Hold.NO_CATEGORY: Words(
        Text(
            "Sàn chưa có ngành hàng cho bộ sản phẩm này",
            "The marketplace has no category for this product set",
        ),
        Text(
            "Bổ sung bảng quy đổi của sàn, hoặc sửa bộ sản phẩm trong danh mục",
            "Extend the marketplace's mapping, or correct the set in the catalog",
        ),
    ),
    Hold.TITLE_TOO_LONG: Words(
        Text(
            "Tên dài hơn sàn cho phép", "The name is longer than the marketplace takes"
        ),
        Text("Cần người rút gọn tên", "A person shortens it"),
    ),
    Hold.DESCRIPTION_TOO_LONG: Words(
        Text(
            "Mô tả dài hơn sàn cho phép",
            "The description is longer than the marketplace takes",
        ),
        Text("Cần cơ sở rút gọn mô tả", "Its producer shortens it"),
    ),
    Hold.NO_PICTURE: Words(
        Text(
            "Sàn đòi có ảnh, danh mục chưa có ảnh nào được dùng",
            "The marketplace needs a picture, and there is none that may be shown",
        ),
        Text("Bổ sung ảnh", "Add one"),
    ),
    Hold.PICTURE_TOO_SMALL: Words(
        Text(
            "Ảnh nhỏ hơn sàn cho phép", "The pictures are smaller than it allows there"
        ),
        Text("Thay bằng ảnh lớn hơn", "Replace them by larger ones"),
    ),
    Hold.CLAIM_IN_NAME: Words(
        Text(
            "Tên chính thức có chữ OCOP hoặc số sao, mà chứng nhận đã hết hiệu lực",
            "The official name itself claims OCOP or stars, and the certificate has"
            " ended",
        ),
        Text(
            "Cần người quyết: gỡ, hoặc đổi tên",
            "A person decides: end it, or rename it",
        ),
    ),
    Hold.SELLER_REFUSED: Words(
        Text("Sàn từ chối hồ sơ người bán", "The marketplace refused the seller"),
        Text("Sửa hồ sơ theo lời sàn", "Correct what it names of the profile"),
    ),
    Hold.CHANGE_REFUSED: Words(
        Text("Sàn từ chối thay đổi", "The marketplace refused a change"),
        REFUSED_TODO,
    ),
    Hold.QUARANTINED: Words(
        Text(
            "Đã gửi ba lần, ba lần hỏng như nhau: tạm ngừng gửi",
            "Sent three times and failed three times alike: left alone for now",
        ),
        Text(
            f"Sửa theo lời sàn, hoặc thử lại: `{RETRY}`",
            f"Correct what it names, or try again: `{RETRY}`",
        ),
    ),
    Hold.UNREADABLE: Words(
        Text(
            "Tin trên sàn không đọc được: không gửi gì tới tin này",
            "The listing there cannot be read: nothing is sent to it",
        ),
        Text(
            "Xem tin đó trên sàn, và báo người phụ trách phần mềm; đọc được thì tự hết",
            "Look at it there, and tell whoever looks after this program; it goes on by"
            " itself once it can be read",
        ),
    ),
    Hold.FAULT: Words(
        Text(
            "Phần mềm gặp lỗi khi xét sản phẩm này: không gửi gì",
            "The program failed to evaluate this product: nothing is sent",
        ),
        Text(
            "Xem nhật ký, tìm theo mã sản phẩm, và báo lỗi; mỗi lần đồng bộ xét lại",
            "Look its id up in the log and report it; each sync evaluates it again",
        ),
    ),
}
"""What each hold means and what to do about it."""
