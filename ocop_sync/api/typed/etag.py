"""Entity tags (RFC 9110): of a version that is told, or of the answer's own bytes."""

import hashlib
import re

_REVISION = re.compile(r'"r([0-9]{1,18})"')
_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def strong_tag(version: object) -> str:
    """Return the tag of *version*, in quotes.

    It is hashed, unless it is a number: that of a revision is read again from the tag
    that a change names. To callers a tag promises nothing about what it is made of.
    """
    if isinstance(version, int):
        return f'"r{version}"'
    return _tag(str(version).encode())


def revision_of(tag: str) -> int | None:
    """Return the revision that *tag* was made of; None if it was not made of one."""
    found = _REVISION.fullmatch(tag)
    return None if found is None else int(found[1])


def tag_of_bytes(body: bytes) -> str:
    """Return the tag of an answer that tells no version."""
    return _tag(body)


def tags_of(header: str) -> frozenset[str]:
    """Return the tags of an `If-Match` or `If-None-Match`, in quotes, or "*".

    Weak ones count as strong ones. What cannot be read is left out.
    """
    if header.strip() == "*":
        return frozenset("*")
    return frozenset(f'"{each}"' for each in _TAG.findall(header))


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
