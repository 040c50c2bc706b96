"""What Schemathesis cannot know of the API; that program loads it, no test does."""

import re
from typing import Any, Final

import schemathesis
from schemathesis import Case, HookContext, SerializationContext

FILES: Final = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
)
"""Types of files that operations take; their content is any bytes."""


def _as_bytes(_: SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


for each in FILES:
    schemathesis.serializer(each)(_as_bytes)


@schemathesis.hook
def before_call(_: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Send no cursor that only looks like one of ours: 422 is right for those.

    Those that do not even look like it are sent.
    """
    del kwargs
    cursor = (case.query or {}).get("cursor")
    if isinstance(cursor, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,512}", cursor):
        case.query["cursor"] = ""
