"""What every act of the department on certificates has; a product at a time.

Pure: an act says what becomes of the certificates of a product, what is refused, and
what is asked. They are carried out, for many products at once, in
`catalog.commands.certify.decide`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol

from catalog.commands.certify.doubts import Ground
from catalog.eligibility.verdict import Text
from catalog.errors import AttestationError
from catalog.model.certificate import Certificate
from catalog.model.decision import EXAMPLE, read_number
from catalog.model.product import Product

LEVELS: Final = ("huyện", "tỉnh", "trung ương")
"""Who decides, as rules name them."""
FEWEST_STARS: Final = 3
MOST_STARS: Final = 5


class Applied(NamedTuple):
    """What an act makes of one product.

    Attributes:
        certificates: Its certificates then.
        doubts: What is asked about it.
    """

    certificates: tuple[Certificate, ...]
    doubts: Sequence[Text] = ()


class CertificateAct(Protocol):
    """One act on certificates."""

    @property
    def kind(self) -> str:
        """Return its name in the audit."""

    @property
    def takes(self) -> bool:
        """Say whether it is made to take stars away."""

    @property
    def needs_reason(self) -> bool:
        """Say whether it has to be said why."""

    @property
    def refs(self) -> Mapping[str, str]:
        """Return what the audit keeps of it, by name."""

    @property
    def words(self) -> Text:
        """Return what it does, as a person is told."""

    @property
    def decided(self) -> tuple[str, date] | None:
        """Return number and day of the decision that it enters; None if it has none."""

    @property
    def reason(self) -> str:
        """Return why, where the act asks for that."""

    def apply(self, product: Product, ground: Ground) -> Applied:
        """Return what it makes of *product*.

        Raises:
            RefusedActError: It cannot be.
            AttestationError: It lacks what no act can do without, upon any product.
        """


def read_decision(text: str) -> str:
    """Return the number of a decision as it is kept.

    Raises:
        AttestationError: It is none.
    """
    found = read_number(text)
    if found is None:
        message = (
            f"không phải số quyết định ({EXAMPLE}): {text} / no number of a decision:"
            f" {text}"
        )
        raise AttestationError(message)
    return found.text


def read_stars(stars: int) -> int:
    """Return *stars*; `AttestationError` if they are not 3 to 5."""
    if not FEWEST_STARS <= stars <= MOST_STARS:
        message = f"hạng sao phải từ 3 đến 5 / stars are 3 to 5, not {stars}"
        raise AttestationError(message)
    return stars


def read_level(body: str) -> str:
    """Return who has decided; `AttestationError` if no rule knows that level."""
    if body not in LEVELS:
        levels = ", ".join(LEVELS)
        message = f"ghi cấp ra quyết định: {levels} / say who has decided: {levels}"
        raise AttestationError(message)
    return body


def vi_day(day: date) -> str:
    """Return *day* as people in Vietnam write it."""
    return f"{day:%d/%m/%Y}"
