"""Why something is held for a person, in words.

A hold is shown with its finding and its advice; it is not planned anew until its
subject has changed. The words are in `texts/holds.toml`. How it stands in one list with
the reasons of a verdict is decided in `ocop_sync.engine.reasons.reason`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from catalog.eligibility import Text
from ocop_sync.engine.texts.files import TextTable, Worded, every, read_texts


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
class HoldWords:
    """The meaning of a hold.

    Attributes:
        seen: The finding, without a full stop.
        todo: The advice for it, without a full stop.
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
"""The placeholders for marketplace and product in a command."""

RETRY = f"ocop-sync held retry {MARKETPLACE} {PRODUCT} --by TÊN"


def named_in(text: Text, *, marketplace: str, product: str = PRODUCT) -> Text:
    """Return *text* with the commands in it as they are for one product there."""

    def fill(words: str) -> str:
        return words.replace(MARKETPLACE, marketplace).replace(PRODUCT, product)

    return Text(fill(text.vi), fill(text.en))


class _Words(TextTable):
    """Both, as the file has them."""

    seen: Worded
    todo: Worded


class _Holds(TextTable):
    """The file: every hold, and further advice for one."""

    unanswered: Worded
    holds: Annotated[dict[Hold, _Words], every(Hold)]


COMMAND_VALUES: Final = (
    ("retry", RETRY),
    ("marketplace", MARKETPLACE),
    ("product", PRODUCT),
)
"""What texts name of commands, each with what stands for it until it is known."""

_HOLDS = read_texts("holds.toml", _Holds, values=("retry", "product"))

UNANSWERED_TODO = _HOLDS.unanswered.filled(COMMAND_VALUES)
"""The advice for a change that is left alone because no answer to it came."""

HOLD_WORDS: dict[Hold, HoldWords] = {
    hold: HoldWords(words.seen, words.todo.filled(COMMAND_VALUES))
    for hold, words in _HOLDS.holds.items()
}
"""The meaning of each hold, and the advice for it."""
