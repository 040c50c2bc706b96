"""What to do about a hold, in the words of pages: no command, no code.

The advice of `ocop_sync.engine` is for the command line, and is shown where it names
no command.
"""

from collections.abc import Mapping
from typing import Final

from catalog.eligibility import Text
from ocop_sync.engine.hold import HOLD_WORDS, Hold

_CORRECT: Final = Text(
    "Sửa trong danh mục theo lời sàn; nếu không có gì phải sửa thì gửi lại",
    "Correct in the catalog what the marketplace names; if there is nothing, send it"
    " again",
)
_ADVICE: Final[Mapping[Hold, Text]] = {
    Hold.DOUBLED: Text(
        "Chọn tin được giữ, tin kia sẽ bị gỡ",
        "Say which one stays, the other is withdrawn",
    ),
    Hold.UNLIKE: Text(
        "So sản phẩm với tin trên sàn. Đúng là một thì nhận tin đó; nếu khác thì xóa mã"
        " của ta khỏi tin ấy",
        "Compare both. If they are one, adopt it; if not, remove our reference there",
    ),
    Hold.REFUSED: _CORRECT,
    Hold.CHANGE_REFUSED: _CORRECT,
    Hold.QUARANTINED: _CORRECT,
}
"""The advice for holds whose own names a command."""


def hold_advice(hold: Hold) -> Text:
    """Return what to do about a hold, without a command."""
    return _ADVICE.get(hold, HOLD_WORDS[hold].todo)
