"""Who asks: the actor that acts are recorded of, and whose products it may touch."""

from dataclasses import dataclass

from catalog.model.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody who is signed in.

    Attributes:
        actor: Who acts.
        role: Their role, one of `ocop_sync.api.access.roles`.
        producers: Ids of the producers that a producer's person serves, or that a key
            is for; empty for the others.
        session_id: Number of the session; None for a key.
    """

    actor: Actor
    role: str
    producers: frozenset[str] = frozenset()
    session_id: int | None = None
