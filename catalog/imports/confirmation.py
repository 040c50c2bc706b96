"""A named person's confirmation of a report."""

from dataclasses import dataclass

from catalog.errors import AttestationError
from catalog.model.actor import Actor
from catalog.text import clean

_MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A person's confirmation that the reported changes are right."""

    token: str
    by: Actor

    @property
    def name(self) -> str:
        """The person's name, cleaned."""
        return clean(self.by.name)

    def ensure_named(self) -> None:
        """Raise `AttestationError` if the name is missing, or too long."""
        if not 0 < len(self.name) <= _MAX_NAME:
            message = (
                f"phải ghi tên người xác nhận, nhiều nhất {_MAX_NAME} ký tự"
                f" / say who confirms: {_MAX_NAME} characters at most"
            )
            raise AttestationError(message)
