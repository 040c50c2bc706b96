"""Make text from outside fit to be shown: short, on one line, nothing confidential.

A marketplace's text reaches people in reports, lists and logs. It may echo our own
request, name a person, or hold commands that a terminal obeys. Secrets are known by
value, since settings tell them here as they hand them out, and by the names before
them; telephone numbers, addresses of e-mail and identity numbers by their form. Which
words are shown, and where, is decided by whoever shows them.
"""

import re
from collections.abc import Iterable

HIDDEN = "***"
"""Replaces hidden text."""

LONGEST = 300
"""Characters of a marketplace's words that are shown, unless said otherwise."""

_SHORTEST_SECRET = 6
"""A shorter secret is no secret, and hiding it would spoil ordinary words."""

_known: set[str] = set()

_NAMES_SECRET = re.compile(
    r"secret|token|passw|pwd|mat_?khau|api_?key|credential|authorization|cookie"
    r"|signature|(^|_)sign(_|$)|private|phone|dien_?thoai|email",
    re.IGNORECASE,
)

# A value behind such a name is one only if it looks like one: a person has to read
# "token: expired".
_OPAQUE = r"(?=[^\s\"',;&}]*\d|[^\s\"',;&}]{20})[^\s\"',;&}]{6,}"
_NAMED = re.compile(
    r"((?:token|secret|passw(?:or)?d|mat_?khau|api[_-]?key|authorization|signature"
    r"|credential|cookie)[\w-]*[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic)\s+)?)"
    + _OPAQUE,
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer|basic)\s+" + _OPAQUE, re.IGNORECASE)
_OPAQUE_FORMS = re.compile(
    r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?|(?<![0-9a-fA-F])[0-9a-fA-F]{40,}"
)
"""A signed token, and a digest such as a signature."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:(?:\+?84[ .-]?|0)\d{2,3}(?:[ .-]?\d{3,4}){2}"
    r"|0\d{3}(?:[ .-]\d{2}){3})(?![\w/-])"
)
_IDENTITY = re.compile(r"(?<![\w-])0\d{11}(?![\w-])")
_NAMED_IDENTITY = re.compile(
    r"((?:cccd|cmnd|cmt|căn cước|chứng minh|identity|passport|hộ chiếu)"
    r"[^\d\n]{0,20}?)[A-Z]?\d{7,12}",
    re.IGNORECASE,
)
_COMMANDS = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def never_show(secret: str) -> None:
    """Remember *secret*: no text that is redacted shows it from now on."""
    if len(secret) >= _SHORTEST_SECRET:
        _known.add(secret)


def names_secret(name: str) -> bool:
    """Say whether a value called *name* is confidential, or personal."""
    return _NAMES_SECRET.search(name) is not None


def redact(text: str, hidden: Iterable[str] = ()) -> str:
    """Return *text* without secrets and personal data.

    Args:
        text: Any text from outside.
        hidden: Further secrets, such as the token of the call it answers.
    """
    secrets = _known | {each for each in hidden if len(each) >= _SHORTEST_SECRET}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    text = _NAMED_IDENTITY.sub(rf"\1{HIDDEN}", text)
    for form in (_OPAQUE_FORMS, _EMAIL, _PHONE, _IDENTITY):
        text = form.sub(HIDDEN, text)
    return text


def one_line(text: str) -> str:
    """Return *text* on one line, without commands that a terminal obeys."""
    return " ".join(_COMMANDS.sub("", text).split())


def shown(text: str, hidden: Iterable[str] = (), *, longest: int = LONGEST) -> str:
    """Return *text* as people may see it: redacted, on one line, not too long.

    Args:
        text: Any text from outside.
        hidden: As of `redact`.
        longest: Characters that are kept.
    """
    # Cut first: a long text is not searched through. Half of what is cut off
    # could be the half of a secret, so that the rest is looked at as well.
    line = one_line(text[: 8 * longest])
    line = redact(line, hidden)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
