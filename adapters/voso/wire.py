"""Validate every incoming value of Voso.

The parts that the readers of listings (`adapters.voso.convert`) and of answers
(`adapters.voso.results`) share. Anything that Voso's documents do not describe becomes
`ProtocolError`, whose message holds no sent value.
"""

from datetime import datetime, timedelta, timezone
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.listing import Problem

LOCAL_TIME: Final = timezone(timedelta(hours=7))
"""Vietnam's civil time, in which Voso writes every instant."""

Number = Annotated[int, Field(ge=-(2**53), le=2**53)]
Identifier = Annotated[int, Field(ge=1, le=2**53)]


class Incoming(BaseModel):
    """Part of an answer: exact types, unknown keys ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Reason(Incoming):
    """Why something was refused or banned."""

    CODE: str | None = None
    MESSAGE: str | None = None
    FIELD: str | None = None

    def to_problem(self) -> Problem:
        """Return it in our terms, cut to the lengths that are kept."""
        return Problem(
            code=self.CODE or "",
            message=self.MESSAGE or "",
            field=self.FIELD or "",
        )


def describe(error: ValidationError) -> str:
    """Say where an answer differs from the documents, without its content."""
    first = error.errors(include_url=False, include_context=False, include_input=False)
    where = ".".join(str(step) for step in first[0]["loc"])[:100]
    return (
        "câu trả lời của Voso không như tài liệu / not as documented: "
        f"{where}: {first[0]['type']}"
    )


def instant(text: str) -> datetime:
    """Return the instant that *text*, dd/MM/yyyy HH:mm:ss in Vietnam, names.

    Raises:
        ProtocolError: It names none.
    """
    try:
        naive = datetime.strptime(text, "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007  (zone below)
    except ValueError:
        message = "Voso ghi một ngày giờ không đọc được / an unreadable date"
        raise ProtocolError(message) from None
    return naive.replace(tzinfo=LOCAL_TIME)
