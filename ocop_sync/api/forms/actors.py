"""Who has acted, as it is shown: to the department alone."""

from catalog.model.actor import Actor, ActorKind
from ocop_sync.api.typed.values import Model


class ActorForm(Model):
    """Who has acted."""

    kind: ActorKind
    """How the actor is known."""
    name: str
    """The name, or empty: never given, or erased."""
    ref: str
    """The id of the person or the key; empty at the command line."""
    os_user: str
    """The user of the computer, at the command line."""
    acts_for: str
    """The code of the producer for whom staff have acted; empty for nobody."""
    origin: str
    """The address or the device that it came from; empty if unknown."""


def actor_form(by: Actor) -> ActorForm:
    """Return who has acted, as it is shown."""
    return ActorForm(
        kind=by.kind,
        name=by.name,
        ref=by.ref,
        os_user=by.os_user,
        acts_for=by.acts_for,
        origin=by.origin,
    )
