"""Who asks, once a key or a session has been believed."""

from dataclasses import dataclass
from typing import Any

from catalog.model.actor import Actor, ActorKind
from ocop_sync.service.identity.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who asks, as the person or the key stands at this call.

    Attributes:
        kind: A person, or a key.
        id: Id of the person or the key.
        name: The name for people. A personal datum.
        role: What it may do.
        producers: The producers that a producer's person or key is bound to.
        session_id: Number of the session; None for a key.
    """

    kind: ActorKind
    id: str
    name: str
    role: Role
    producers: frozenset[str] = frozenset()
    session_id: int | None = None

    def serves(self, producer_id: str | None) -> bool:
        """Say whether what belongs to a producer may be seen: by staff, anything is."""
        return self.role.is_staff or producer_id in self.producers

    def actor(self, *, acts_for: str = "", origin: str = "", reason: str = "") -> Actor:
        """Return who acts, for the audit.

        Args:
            acts_for: The producer for whom a member of staff acts.
            origin: The address or the device.
            reason: Why, in their own words.
        """
        return Actor(
            kind=self.kind,
            name=self.name,
            ref=self.id,
            acts_for=acts_for if self.role.is_staff else "",
            origin=origin,
            reason=reason,
        )

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "role": self.role,
            "producers": sorted(self.producers),
            "session_id": self.session_id,
        }
