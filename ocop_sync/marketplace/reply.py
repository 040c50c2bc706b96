"""The answer of a marketplace to one HTTP call, and the text in it for people.

The readable text in the body of a refusal or a failure is kept, made fit to be shown
(`Reply.words`). The meaning of an answer is decided in each adapter.
"""

import json as jsonlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocop_sync.marketplace import failures
from ocop_sync.marketplace.error_text import error_text_of

_HALF_OF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer of a marketplace.

    Attributes:
        status: HTTP status from 100 to 499, but neither 3xx nor 429; of a write not
            413, 414 or 431 either.
        headers: Headers of the answer; names in any case.
        body: The whole body.
        call: Method and path, for messages.
        write: True if the call may have changed something there.
        hidden: Values of the sent headers: never shown.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    call: str
    write: bool
    hidden: Sequence[str] = field(default=(), repr=False)

    @property
    def words(self) -> str:
        """The readable text of the body: one line, at most 300 characters.

        Without secrets and personal data; "" if it is no text. It belongs into the
        message of every error that an answer causes, after our own text.
        """
        return error_text_of(self.body, self.hidden)

    @property
    def said(self) -> str:
        """The status with those words, such as "HTTP 403: «no such shop»"."""
        return failures.quoted(f"HTTP {self.status}", self.words)

    @property
    def found(self) -> str:
        """The status, with the text of a body that is not JSON, such as a web page.

        For an answer that cannot be read: it may be the wrong address. Of one that
        was JSON and got damaged nothing is quoted, as it is data.
        """
        is_other = self.body.lstrip()[:1] not in (b"{", b"[")
        return self.said if is_other else f"HTTP {self.status}"

    def json(self) -> object:
        """Return the body's JSON value, of any declared content type.

        Half of a surrogate pair, as left by a text that was cut in the middle
        of an emoji, becomes "?": no database would take it.

        Raises:
            ProtocolError: A read was answered with something else.
            OutcomeUnknownError: A write was.
        """
        try:
            value: object = jsonlib.loads(
                self.body.decode(), parse_constant=_refuse_constant
            )
            if _HALF_OF_A_PAIR.search(self.body):
                text = jsonlib.dumps(value, ensure_ascii=False)
                value = jsonlib.loads(text.encode(errors="replace"))
        except (ValueError, RecursionError) as error:
            # A JSONDecodeError carries the whole body; its message does not.
            why = f"JSON không đọc được, {len(self.body)} byte / unreadable JSON"
            why = f"{why} ({self.found})"
            cause = ValueError(str(error))
            raise failures.unreadable(self.call, why, write=self.write) from cause
        return value


def _refuse_constant(name: str) -> object:
    message = f"{name} is not JSON"
    raise ValueError(message)
