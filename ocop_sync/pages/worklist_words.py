"""What waits for a person, in the words of the worklist: what, why, and what follows.

Each kind of work has its sentences here. They name no command and no code. Those of
holds are in `ocop_sync.pages.hold_words`, of changes in `ocop_sync.pages.change_words`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from ocop_sync.engine.hold import HOLD_WORDS
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.pages.bars import Kind
from ocop_sync.service.department.work_items import WorkItem

_SEEN: Final = Text("{seen}", "{seen}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkWords:
    """The sentences of a kind; {name}, {where} and {n} stand for what it is about.

    Attributes:
        tag: The kind in two or three words.
        state: What it means.
        title: The matter.
        why: Its reason; {seen} is the finding of the single thing.
        follows: What comes of it once it is done.
        todo: The advice; None if the single thing has its own.
    """

    tag: Text
    state: Kind = "waits"
    title: Text
    why: Text = _SEEN
    follows: Text
    todo: Text | None


_NO_CLAIM: Final = Text(
    "cơ sở kịp nộp hồ sơ đánh giá lại; nếu không, hết ngày đó tin không còn ghi OCOP",
    "its producer has time to apply anew; if not, OCOP is claimed no longer then",
)

WORK_WORDS: Final[Mapping[WorkKind, WorkWords]] = {
    WorkKind.ON_SALE_WRONGLY: WorkWords(
        tag=Text("Đang bán sai", "Wrongly on sale"),
        state="wrong",
        title=Text(
            "{name} đang bán ở {where} dù không được bán",
            "{name} is on sale at {where} though it may not be",
        ),
        follows=Text(
            "người mua không còn thấy tin này ở {where}",
            "buyers no longer see this listing at {where}",
        ),
        todo=Text(
            "Lần đồng bộ tới tự gỡ; nếu hôm sau vẫn còn, báo người quản trị",
            "The next sync withdraws it; if it is here tomorrow, tell an administrator",
        ),
    ),
    WorkKind.DOWN_BY_HAND: WorkWords(
        tag=Text("Gỡ bằng tay", "Down by hand"),
        state="wrong",
        title=Text(
            "Gỡ {name} khỏi {where} bằng tay", "Take {name} down at {where} by hand"
        ),
        why=Text(
            "Sản phẩm không còn được bán ở đó, và chưa ai báo đã gỡ",
            "It may not be on sale there, and nobody has told that it is down",
        ),
        follows=Text(
            "người mua không còn thấy tin này ở {where}",
            "buyers no longer see this listing at {where}",
        ),
        todo=Text(
            "Gỡ theo lô việc, rồi nạp bảng đã điền",
            "Take it down as its batch says, then hand that in",
        ),
    ),
    WorkKind.TOO_MUCH_SHOWN: WorkWords(
        tag=Text("Ghi cao hơn thực", "Shows too much"),
        state="wrong",
        title=Text(
            "{name} ở {where} ghi tồn kho hoặc hạng sao cao hơn thực có",
            "{name} shows more stock or stars at {where} than it has",
        ),
        follows=Text(
            "{where} ghi đúng như danh mục", "{where} shows what the catalog says"
        ),
        todo=Text(
            "Lần đồng bộ tới tự sửa; nếu hôm sau vẫn còn, báo người quản trị",
            "The next sync corrects it; if it is here tomorrow, tell an administrator",
        ),
    ),
    WorkKind.CLAIM_ENDED: WorkWords(
        tag=Text("Ghi OCOP sai", "Claim has ended"),
        state="wrong",
        title=Text(
            "{name} ở {where} còn ghi OCOP dù đã hết hạn",
            "{name} claims OCOP at {where} though that has ended",
        ),
        why=Text(
            "Giấy chứng nhận không còn hiệu lực, mà tin vẫn ghi",
            "No certificate is valid, and the listing still claims one",
        ),
        follows=Text("tin không còn ghi OCOP", "the listing claims it no longer"),
        todo=Text(
            "Lần đồng bộ tới tự sửa; nếu hôm sau vẫn còn, làm việc với sàn",
            "The next sync corrects it; if it stays, talk to the marketplace",
        ),
    ),
    WorkKind.ACCOUNT_FAILING: WorkWords(
        tag=Text("Tài khoản lỗi", "Account fails"),
        state="wrong",
        title=Text(
            "Không dùng được tài khoản “{name}” ở {where}",
            "The account “{name}” at {where} does not work",
        ),
        why=Text(
            "Lần chạy gần nhất hỏng, nên không thay đổi nào tới được {where}",
            "Its last run has failed, so that no change reaches {where}",
        ),
        follows=Text(
            "các thay đổi đang chờ được gửi tới {where}",
            "the changes that wait are sent to {where}",
        ),
        todo=Text(
            "Cùng người quản trị kiểm tra tên, mật khẩu và đường mạng",
            "Check its name, its password and the network with an administrator",
        ),
    ),
    WorkKind.ACCOUNT_PAUSED: WorkWords(
        tag=Text("Đang tạm dừng", "Paused"),
        title=Text(
            "Tài khoản “{name}” ở {where} đang tạm dừng",
            "The account “{name}” at {where} is paused",
        ),
        why=Text(
            "Không gì được gửi tới {where} cho đến khi có người mở lại",
            "Nothing is sent to {where} until somebody resumes it",
        ),
        follows=Text(
            "các thay đổi đang chờ được gửi tới {where}",
            "the changes that wait are sent to {where}",
        ),
        todo=Text(
            "Khi lý do tạm dừng đã hết, nhờ người quản trị mở lại",
            "Once its reason is over, have an administrator resume it",
        ),
    ),
    WorkKind.ACCOUNT_UNREAD: WorkWords(
        tag=Text("Chưa đọc lại", "Not read yet"),
        title=Text(
            "Chưa đọc lại tài khoản “{name}” ở {where} sau khi khôi phục",
            "The account “{name}” at {where} is not read since a backup was put back",
        ),
        why=Text(
            "Không gì được gửi tới {where} trước khi đọc lại toàn bộ",
            "Nothing is sent to {where} before it is read whole",
        ),
        follows=Text(
            "các thay đổi đang chờ được gửi tới {where}",
            "the changes that wait are sent to {where}",
        ),
        todo=Text(
            "Lần đồng bộ tới tự đọc lại; nếu hôm sau vẫn còn, báo người quản trị",
            "The next sync reads it; if this is here tomorrow, tell an administrator",
        ),
    ),
    WorkKind.LIST_TOO_OLD: WorkWords(
        tag=Text("Danh sách cũ", "Old list"),
        title=Text(
            "Cần danh sách tin mới của tài khoản “{name}” ở {where}",
            "A newer list of the account “{name}” at {where} is needed",
        ),
        why=Text(
            "Chưa có danh sách nào của tài khoản này, hoặc danh sách đã quá cũ",
            "There is no list of this account yet, or it is too old",
        ),
        follows=Text(
            "sản phẩm đang chờ được đăng ở {where}, và biết chắc tin nào đang bán",
            "what waits is listed at {where}, and it is certain what is on sale there",
        ),
        todo=Text(
            "Tải danh sách tin từ {where} rồi nạp, hoặc xem tài khoản rồi xác nhận",
            "Download the list from {where} and bring it, or look and confirm",
        ),
    ),
    WorkKind.GROUP_HELD: WorkWords(
        tag=Text("Chờ duyệt", "To be approved"),
        state="wrong",
        title=Text(
            "Thay đổi của {n} sản phẩm ở {where} chờ duyệt",
            "Changes at {where} wait for approval; products: {n}",
        ),
        follows=Text(
            "lần đồng bộ tới gửi các thay đổi này tới {where}",
            "the next sync sends these changes to {where}",
        ),
        todo=Text("Xem cả nhóm, rồi duyệt hoặc không", "Look at all, then decide"),
    ),
    WorkKind.IMPORT_WAITS: WorkWords(
        tag=Text("Bảng chờ trả lời", "Import waits"),
        title=Text("Bảng “{name}” chờ trả lời", "The sheet “{name}” waits"),
        why=Text(
            "Bảng bị giữ lại hoặc còn câu hỏi, nên chưa dòng nào vào danh mục",
            "It is held or asks something, and none of its rows is in the catalog",
        ),
        follows=Text(
            "các dòng được nhận vào danh mục", "the rows that are right are taken"
        ),
        todo=Text(
            "Xem báo cáo của lần nạp, sửa bảng rồi nạp lại, hoặc trả lời câu hỏi",
            "See the report of the import; correct the sheet, or answer its questions",
        ),
    ),
    WorkKind.IMPORT_ASKS: WorkWords(
        tag=Text("Dòng chờ trả lời", "Rows ask"),
        title=Text(
            "Bảng “{name}” đã nạp, còn {n} dòng chờ trả lời",
            "The sheet “{name}” is taken; rows that still ask: {n}",
        ),
        why=Text(
            "Giá trị ở các dòng này bị giữ: giá khác hẳn giá cũ, hoặc chưa rõ nghĩa",
            "Values of these rows are held: prices far from the old ones, or unclear",
        ),
        follows=Text(
            "giá trị được xác nhận vào danh mục", "confirmed values are taken"
        ),
        todo=Text(
            "Xem từng câu hỏi; sửa bảng rồi nạp lại, hoặc xác nhận là đúng",
            "See each question; correct the sheet, or confirm that it is right",
        ),
    ),
    WorkKind.PRICE_HELD: WorkWords(
        tag=Text("Giá chờ xác nhận", "Price to confirm"),
        title=Text(
            "{name}: giá trong bảng khác hẳn giá đang biết",
            "{name}: the price of a sheet is far from the known one",
        ),
        follows=Text(
            "giá được chọn là giá người mua thấy ở mọi sàn",
            "the price that is chosen is what buyers see everywhere",
        ),
        todo=Text(
            "Hỏi cơ sở, rồi nhận giá mới hoặc giữ giá cũ",
            "Ask the producer, then take the new price or keep the old one",
        ),
    ),
    WorkKind.DOUBLED: WorkWords(
        tag=Text("Hai tin", "Listed twice"),
        title=Text(
            "{name} có hai tin của ta ở {where}",
            "{name} has two listings of ours at {where}",
        ),
        why=Text(
            "Hai tin cùng mang mã của sản phẩm này",
            "Both carry the reference of this product",
        ),
        follows=Text(
            "tin không được chọn bị gỡ khỏi {where}",
            "the listing that is not chosen is withdrawn from {where}",
        ),
        todo=Text("Chọn tin được giữ", "Say which one stays"),
    ),
    WorkKind.DRIFT_ASKED: WorkWords(
        tag=Text("Bị sửa trên sàn", "Changed there"),
        title=Text(
            "{name} ở {where} khác với bản ta để lại",
            "{name} stands at {where} otherwise than we left it",
        ),
        follows=Text(
            "bản được chọn đứng ở {where}",
            "the version that is chosen stays at {where}",
        ),
        todo=Text(
            "Hỏi xem ai đã đổi, rồi chọn giữ bản của ta hay bản trên sàn",
            "Ask who has changed it, then keep ours or theirs",
        ),
    ),
    WorkKind.TWIN: WorkWords(
        tag=Text("Có thể trùng", "Perhaps there"),
        title=Text(
            "{name} có thể đã có tin ở {where}",
            "{name} may have a listing at {where} already",
        ),
        why=Text(
            "Trên sàn có tin giống sản phẩm này, nên chưa đăng tin mới",
            "A listing resembles it, so that no new one is made",
        ),
        follows=Text(
            "tin đó thành tin của ta, hoặc một tin mới được đăng ở {where}",
            "that listing becomes ours, or a new one is made at {where}",
        ),
        todo=Text(
            "So hai bên, rồi nhận tin đó hoặc ghi là sản phẩm khác",
            "Compare both, then adopt it or say that it is another product",
        ),
    ),
    WorkKind.ERASURE_DUE: WorkWords(
        tag=Text("Đến hạn xóa", "Erasure due"),
        title=Text("Xóa dữ liệu của {name}", "Erase the data of {name}"),
        why=Text(
            "Cơ sở đã rút đồng ý, và hạn giữ dữ liệu đã hết",
            "The producer withdrew its consent, and the time to keep them is over",
        ),
        follows=Text(
            "dữ liệu cá nhân của cơ sở bị xóa, không lấy lại được",
            "its personal data are erased for good",
        ),
        todo=Text(
            "Xác nhận với người quản trị rồi xóa", "Confirm it with an administrator"
        ),
    ),
    WorkKind.LISTING_REFUSED: WorkWords(
        tag=Text("Sàn từ chối", "Refused there"),
        title=Text(
            "{where} từ chối {name}",
            "{where} has refused {name}",
        ),
        follows=Text(
            "{where} nhận sản phẩm này, và người mua thấy nó",
            "{where} takes it, and buyers see it",
        ),
        todo=None,
    ),
    WorkKind.PRODUCT_HELD: WorkWords(
        tag=Text("Tạm giữ", "Held"),
        title=Text("{name} bị tạm giữ ở {where}", "{name} is held at {where}"),
        follows=Text(
            "lần đồng bộ tới xét lại và gửi sản phẩm này tới {where}",
            "the next sync looks at it anew, and sends it to {where}",
        ),
        todo=None,
    ),
    WorkKind.NOTICE_LATE: WorkWords(
        tag=Text("Báo trễ", "Notice is late"),
        title=Text(
            "{name}: giấy chứng nhận sắp hết hạn, cơ sở lẽ ra đã được báo",
            "{name}: its certificate ends soon, and its producer should know",
        ),
        why=Text(
            "Cơ sở phải được báo ít nhất 30 ngày trước, và ngày đó đã qua",
            "Producers are told 30 days before, and that day has passed",
        ),
        follows=_NO_CLAIM,
        todo=Text("Báo cơ sở ngay", "Tell the producer now"),
    ),
    WorkKind.PAPER_BLOCKS: WorkWords(
        tag=Text("Thiếu giấy tờ", "Paper missing"),
        state="none",
        title=Text(
            "{name} không được bán vì thiếu giấy tờ",
            "{name} may not be on sale: a paper is missing",
        ),
        why=Text("Còn thiếu: {seen}", "Missing: {seen}"),
        follows=Text("sản phẩm được bán trở lại", "it may be on sale again"),
        todo=None,
    ),
    WorkKind.PAPER_UNKNOWN: WorkWords(
        tag=Text("Chưa xác nhận", "Not attested"),
        state="none",
        title=Text(
            "{name}: chưa ai xác nhận giấy tờ", "{name}: nobody has attested a paper"
        ),
        why=Text("Chưa rõ: {seen}", "Not known: {seen}"),
        follows=Text("sản phẩm được đăng bán", "it may be listed"),
        todo=None,
    ),
    WorkKind.CERTIFICATE_ENDED: WorkWords(
        tag=Text("Đã hết hạn", "Has ended"),
        state="none",
        title=Text(
            "{name}: giấy chứng nhận đã hết hạn", "{name}: its certificate has ended"
        ),
        follows=Text(
            "có quyết định mới thì sản phẩm lại được ghi OCOP",
            "with a new decision OCOP may be claimed again",
        ),
        todo=Text(
            "Hướng dẫn cơ sở nộp hồ sơ đánh giá lại; có quyết định mới thì ghi vào"
            " danh mục",
            "Help its producer to apply anew; record the new decision",
        ),
    ),
    WorkKind.END_COMING: WorkWords(
        tag=Text("Sắp hết hạn", "Ends soon"),
        title=Text(
            "{name}: giấy chứng nhận sắp hết hạn", "{name}: its certificate ends soon"
        ),
        why=Text(
            "Cơ sở phải được báo ít nhất 30 ngày trước",
            "Producers are told 30 days before at the latest",
        ),
        follows=_NO_CLAIM,
        todo=Text("Báo cơ sở", "Tell the producer"),
    ),
}
"""The sentences of every kind of work."""

OVERDUE: Final = frozenset({WorkKind.ON_SALE_WRONGLY, WorkKind.TOO_MUCH_SHOWN})
"""Kinds of which something should have been sent already."""
WITH_GROUP: Final = Text(
    "Sản phẩm này chờ cùng một nhóm: quyết định cả nhóm",
    "It waits with a group: decide on all of it",
)
_NOT_SENT: Final = Text(
    "Thay đổi chưa gửi xong, hoặc sàn chưa trả lời",
    "The change is not sent yet, or there was no answer to it",
)


def seen_words(item: WorkItem) -> Text:
    """Return the finding of one thing.

    Danger: that of a listing that is on sale wrongly may be the error of an account,
    which names addresses and files.
    """
    if item.hold is not None:
        return HOLD_WORDS[item.hold].seen
    return _NOT_SENT if item.kind in OVERDUE else item.seen
