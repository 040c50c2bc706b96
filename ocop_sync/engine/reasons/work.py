"""The kinds of work that waits for a person, and their words.

Pure. The order of the kinds is that of urgency: what is on sale wrongly comes first,
then what keeps whole accounts and groups waiting, then single products, then what ends
some day. The words are in `texts/work.toml`.
"""

from enum import StrEnum
from typing import Annotated, Final

from catalog.eligibility import Text
from ocop_sync.engine.texts.files import TextTable, Worded, every, read_texts


class WorkKind(StrEnum):
    """A kind of work, the most urgent first."""

    ON_SALE_WRONGLY = "on_sale_wrongly"
    DOWN_BY_HAND = "down_by_hand"
    TOO_MUCH_SHOWN = "too_much_shown"
    CLAIM_ENDED = "claim_ended"
    ACCOUNT_FAILING = "account_failing"
    ACCOUNT_PAUSED = "account_paused"
    ACCOUNT_UNREAD = "account_unread"
    LIST_TOO_OLD = "list_too_old"
    GROUP_HELD = "group_held"
    IMPORT_WAITS = "import_waits"
    IMPORT_ASKS = "import_asks"
    PRICE_HELD = "price_held"
    DOUBLED = "doubled"
    DRIFT_ASKED = "drift_asked"
    TWIN = "twin"
    ERASURE_DUE = "erasure_due"
    LISTING_REFUSED = "listing_refused"
    PRODUCT_HELD = "product_held"
    NOTICE_LATE = "notice_late"
    PAPER_BLOCKS = "paper_blocks"
    PAPER_UNKNOWN = "paper_unknown"
    CERTIFICATE_ENDED = "certificate_ended"
    END_COMING = "end_coming"

    @property
    def urgency(self) -> int:
        """Return its place, from 0, the most urgent first."""
        return _PLACES[self]

    @property
    def can_wait(self) -> bool:
        """Say whether nobody has to decide it today."""
        return self in _CAN_WAIT

    @property
    def words(self) -> Text:
        """Return what it is."""
        return _WORDS.kinds[self].name

    @property
    def todo(self) -> Text:
        """Return the advice, where the single thing has none of its own."""
        return _WORDS.kinds[self].todo


class _Kind(TextTable):
    """The words of one kind."""

    name: Worded
    todo: Worded


class _Words(TextTable):
    """The file: every kind."""

    kinds: Annotated[dict[WorkKind, _Kind], every(WorkKind)]


_WORDS: Final = read_texts("work.toml", _Words)
_CAN_WAIT: Final = frozenset(
    {
        WorkKind.PAPER_BLOCKS,
        WorkKind.PAPER_UNKNOWN,
        WorkKind.CERTIFICATE_ENDED,
        WorkKind.END_COMING,
    }
)
_PLACES: Final = {kind: n for n, kind in enumerate(WorkKind)}
