"""Why somebody acts: the header `Reason`, at every call that changes something.

A header, and no field of each body: uploads and what takes something away have no body
to say it in. Headers are ASCII, so that its words are percent-encoded UTF-8, as
`encodeURIComponent` of browsers writes them. It is kept in the audit, where it can be
erased.
"""

import re
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from ocop_sync.api.typed.faults import invalid_field

HEADER: Final = "Reason"
LONGEST: Final = 500
"""Characters: each may be twelve bytes there, and a line of a head is bounded."""

_ANY: Final = "[0-9A-Fa-f]"
_NEXT: Final = f"%[89ABab]{_ANY}"
_PLAIN: Final = "[ -$&-~]"
_ENCODED: Final = (
    f"%[2-6]{_ANY}",
    "%7[0-9A-Ea-e]",
    f"%(?:[Cc][2-9A-Fa-f]|[Dd]{_ANY}){_NEXT}",
    f"%[Ee](?:0%[ABab]{_ANY}|[Dd]%[89]{_ANY}|[1-9A-CEFa-cef]{_NEXT}){_NEXT}",
    f"%[Ff](?:0%[9ABab]{_ANY}|[1-3]{_NEXT}|4%8{_ANY}){_NEXT}{_NEXT}",
)
"""A character of one byte, of two, of three and of four: no other bytes are UTF-8."""
PATTERN: Final = f"^(?:{'|'.join((_PLAIN, *_ENCODED))}){{0,{LONGEST}}}$"
_FITS: Final = re.compile(PATTERN[1:-1])

PARAMETER: Final[dict[str, Any]] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": f"Why, in {LONGEST} characters at most, as percent-encoded UTF-8."
    " It is kept in the audit, where it can be erased. A reason that the body asks for"
    " is kept instead.",
    "schema": {"type": "string", "pattern": PATTERN},
}
"""As the document shows it."""


def reason_in(request: web.Request) -> str:
    """Return why a call changes something; "" if that is not said, or it only reads.

    Raises:
        ProblemError: It is too long, not encoded, or said twice.
    """
    sent = request.headers.getall(HEADER, ())
    if not sent or request.method in {"GET", "HEAD"}:
        return ""
    if len(sent) > 1 or not _FITS.fullmatch(sent[0]):
        raise invalid_field(
            at=(HEADER,),
            code="not_a_reason",
            vi=f"lý do tối đa {LONGEST} ký tự, UTF-8 mã hoá phần trăm (%C3%A1)",
            en=f"a reason has {LONGEST} characters at most, in percent-encoded UTF-8"
            " (%C3%A1)",
            place="header",
        )
    return unquote(sent[0]).strip()
