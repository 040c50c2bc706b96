"""Read the text for a person out of the body of an answer, in any format.

Most marketplaces answer in JSON; the proxies before them answer in HTML. Which parts of
it must not be shown is decided in `ocop_sync.redaction`.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping

from ocop_sync.redaction import HIDDEN, names_secret, shown

LOOKED_AT = 16_384
"""Bytes of a body in which words are looked for."""

_MOST_LEAVES = 20
_DEEPEST = 6
_UNSEEN = re.compile(r"(?is)<(script|style|title|head)\b.*?</\1\s*>|<!--.*?-->")
_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title")
_TAG = re.compile(r"(?s)<[^>]*>")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\ufffd]")


def error_text_of(body: bytes, hidden: Iterable[str] = ()) -> str:
    """Return the text of *body*, fit to be shown; "" if it is no text.

    Args:
        body: The body of an answer, as it came.
        hidden: Secrets of the call that it answers.
    """
    text = body[:LOOKED_AT].decode("utf-8", "replace").strip()
    # A cut may have fallen into a letter.
    if _NOT_TEXT.search(text[:-1]):
        return ""
    return shown(_of_json(text) or _of_html(text), hidden)


def _of_json(text: str) -> str:
    if not text.startswith(("{", "[", '"')):
        return ""
    try:
        leaves = _leaves(json.loads(text), "", _DEEPEST)
        found = [leaf for leaf, _ in zip(leaves, range(_MOST_LEAVES), strict=False)]
    except (ValueError, RecursionError):
        return ""
    return "; ".join(found)


def _leaves(value: object, name: str, depth: int) -> Iterator[str]:
    """Yield each value with the name that it has where it stands."""
    if depth == 0 or value is None or value == "":
        return
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(each, str(key), depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, name, depth - 1)
    else:
        yield f"{name}: {_said(name, str(value))}" if name else str(value)


def _said(name: str, value: str) -> str:
    """Return *value*, unless it is a secret: a sentence about one is none."""
    is_secret = names_secret(name) and len(value.split()) == 1
    return HIDDEN if is_secret else value


def _of_html(text: str) -> str:
    if not text.startswith("<"):
        return text
    title = _TITLE.search(text)
    rest = _TAG.sub(" ", _UNSEEN.sub(" ", text))
    return html.unescape(f"{title[1] if title else ''} {rest}")
