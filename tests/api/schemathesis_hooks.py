"""What Schemathesis cannot know of the API; that program loads it, no test does."""

import json
import os
import re
from base64 import b64decode
from typing import Any, Final
from urllib.parse import urlencode

import schemathesis
from schemathesis import Case, HookContext, SerializationContext
from schemathesis.core import jsonschema

FILES: Final = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
)
"""Types of files that operations take; their content is any bytes, or a picture."""

LONGEST: Final = 4_000
"""Bytes of one parameter that is given many times."""

THERE: Final = {
    "code": "SP-00001",
    "sku": "SP-00001-1",
    "producer": "CS-0001",
    "key": "memory",
    "marketplace": "memory",
}
"""What is there, by the parameters that name it."""


OWN_KEY: Final = os.environ.get("OCOP_TEST_KEY_ID", "")
"""The visible beginning of the key that is sent: whoever revokes it is shut out."""

PICTURE: Final = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


def _as_bytes(context: SerializationContext, value: Any) -> bytes:
    sent = value if isinstance(value, bytes) else str(value).encode()
    media_type = context.case.media_type or ""
    is_shown = len(sent) % 2 or _follows_links(context.case)
    return PICTURE if media_type.startswith("image/") and is_shown else sent


for each in FILES:
    schemathesis.serializer(each)(_as_bytes)


def _share_validators() -> None:
    """Make one validator of all texts that differ in their titles and defaults alone.

    A tenth of a second goes by until a pattern of 20,000 characters is taken in.
    """
    make, made = jsonschema._build_validator, dict[object, Any]()

    def shared(schema: Any, kind: type, registry: Any = None) -> Any:
        if registry is not None or not isinstance(schema, dict):
            return make(schema, kind, registry)
        rules = {k: v for k, v in schema.items() if k not in {"title", "default"}}
        key = kind, json.dumps(rules, sort_keys=True)
        if key not in made:
            made[key] = make(rules, kind)
        return made[key]

    setattr(jsonschema, "_build_validator", shared)  # noqa: B010  (mypy)


_share_validators()


@schemathesis.hook
def before_call(_: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Ask for things that are there, too; and for no cursor that is none of ours.

    Nobody revokes the key that is sent.

    For a cursor that only looks like one of ours 422 is right. Those that do not even
    look like it are sent.
    """
    del kwargs
    for name, there in THERE.items():
        value = (case.path_parameters or {}).get(name)
        if isinstance(value, str) and value.isalnum() and len(value) % 2:
            case.path_parameters[name] = there
    if OWN_KEY and (case.path_parameters or {}).get("key_id") == OWN_KEY:
        case.path_parameters["key_id"] = "none"
    # Danger: 8,190 bytes of an address are read; what is longer is no HTTP any more.
    for name, values in (case.query or {}).items():
        if isinstance(values, list) and len(urlencode({name: values}, True)) > LONGEST:
            case.query[name] = values[:2]
    # Lists with something in them lead further; a text that is drawn names nobody.
    (case.query or {}).pop("producer", None)
    if _follows_links(case):
        _be_taken(case)
    cursor = (case.query or {}).get("cursor")
    if isinstance(cursor, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,512}", cursor):
        case.query["cursor"] = ""


def _follows_links(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.phase.name == "stateful"


def _be_taken(case: Case[Any]) -> None:
    """Send what is taken, so that the answer leads further.

    A count is of now, and an adjustment as small as any stock.
    """
    if isinstance(case.body, dict):
        case.body.pop("counted_at", None)
        if "quantity" in case.body:
            case.body["quantity"] = 1
