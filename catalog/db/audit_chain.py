"""The chain of the audit: each entry holds the hash of the one before.

Whoever changes, takes out or puts in an entry has to write every later one anew, and
then the last hash, the head, is another one than somebody has kept elsewhere. The
digests of a name and of a reason are salted, so that neither can be guessed once it is
erased. Pure.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

FIRST: Final = "0" * 64
"""Stands for the hash before the first entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, as its hash covers it.

    Attributes:
        n: Its number, from 1 on, without a gap.
        at: The instant of the act.
        actor_id: Who has acted.
        actor_digest: Digest of the personal data of the actor.
        acts_for: Id of the producer for whom the actor acts, or "".
        kind: The act.
        subjects: Ids of those that it is about.
        refs: Further ids, by name.
        note_digest: Digest of reason and origin; "" if there were none.
        previous: Hash of the entry before.
    """

    n: int
    at: datetime
    actor_id: int
    actor_digest: str
    acts_for: str
    kind: str
    subjects: Sequence[str]
    refs: Mapping[str, str]
    note_digest: str
    previous: str

    def hash(self) -> str:
        """Return the hash of the entry, 64 hexadecimal digits of SHA-256."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        values = [
            *(self.n, at, self.actor_id, self.actor_digest, self.acts_for, self.kind),
            *(list(self.subjects), dict(self.refs), self.note_digest, self.previous),
        ]
        text = json.dumps(values, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def digest(salt: str, *texts: str) -> str:
    """Return the digest of *texts* with a salt."""
    text = json.dumps([salt, *texts], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
