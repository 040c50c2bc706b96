"""The words of a product's page: states of papers, effects of reasons, whose turn."""

from collections.abc import Mapping
from typing import Final

from catalog.commands.certificate_history import CertificateState
from catalog.eligibility import Outcome, Text
from catalog.feed.headings.heading import headings_of
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from ocop_sync.engine.reasons.for_producer import Doer
from ocop_sync.engine.reasons.reason import HOLD, WAIT
from ocop_sync.pages.bars import Kind

OUTCOMES: Final[Mapping[str, tuple[Text, Kind]]] = {
    Outcome.OUT_OF_SCOPE.value: (Text("không đưa lên sàn", "never listed"), "none"),
    Outcome.BLOCK.value: (Text("không được bán", "may not be sold"), "wrong"),
    HOLD: (Text("chờ người", "waits for a person"), "waits"),
    Outcome.NO_OCOP_CLAIM.value: (
        Text("không được ghi OCOP", "may not claim OCOP"),
        "waits",
    ),
    WAIT: (Text("tự qua", "passes by itself"), "none"),
    Outcome.WARN.value: (Text("lưu ý", "look at it"), "none"),
}
"""What a reason does to a product, and as what that is shown."""

NOT_KNOWN: Final[tuple[Text, Kind]] = (
    Text("chờ xác nhận", "to be attested"),
    "waits",
)
"""What a reason does for which a fact is missing."""
ASK_ADMINISTRATOR: Final = Text(
    "Nhờ người quản trị xem giúp", "Have an administrator look at it"
)
"""The advice where the only one is for the command line."""

DOERS: Final[Mapping[Doer, Text]] = {
    Doer.PRODUCER: Text("Cơ sở", "The producer"),
    Doer.DEPARTMENT: Text("Sở", "The department"),
    Doer.MARKETPLACE: Text("Sàn", "The marketplace"),
    Doer.NOBODY: Text("Không ai", "Nobody"),
}
"""Whose turn it is."""

CERTIFICATE_STATES: Final[Mapping[CertificateState, tuple[Text, Kind]]] = {
    CertificateState.VALID: (Text("còn hạn", "valid"), "done"),
    CertificateState.NOT_YET: (Text("chưa đến ngày", "not yet"), "waits"),
    CertificateState.ENDED: (Text("hết hạn", "ended"), "none"),
    CertificateState.REVOKED: (Text("bị thu hồi", "revoked"), "wrong"),
    CertificateState.VOIDED: (Text("ghi nhầm, đã bỏ", "entered by mistake"), "none"),
    CertificateState.UNKNOWN: (Text("chưa rõ", "not known"), "waits"),
}
"""What a certificate is today."""

FACTS: Final[Mapping[Fact, tuple[Text, Kind]]] = {
    Fact.YES: (Text("đã thấy", "seen"), "done"),
    Fact.NO: (Text("không có", "there is none"), "wrong"),
    Fact.UNKNOWN: (Text("chưa rõ", "not known"), "waits"),
}
"""Whether a paper is there."""


def paper_words(kind: PaperKind) -> Text:
    """Return what people call a paper: as sheets do."""
    vi, en, *_ = headings_of(kind.value)
    return Text(vi, en)
