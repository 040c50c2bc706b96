"""Who acts on the catalog, or decides: a person, a key of a program, the service.

How somebody is known differs from door to door: by a name that they give and by the
operating system's user at the command line, by the account that is signed in over the
API. Which acts there are is said in `catalog.model.act`.
"""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """How an actor is known."""

    COMMAND_LINE = "command_line"
    """By a name that was given, which nothing proves, and the user that ran it."""
    PERSON = "person"
    """Signed in; `Actor.ref` is the id of the person."""
    KEY = "key"
    """A program with a key; `Actor.ref` is the id of the key."""
    SERVICE = "service"
    """The service itself, by a rule that nobody had to ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, as far as it is known.

    Attributes:
        kind: How the actor is known.
        name: The name for people; "" if none was given. A personal datum.
        ref: Id of the person or the key; "" at the command line.
        os_user: User of the operating system at the command line. A personal datum.
        acts_for: Id of the producer for whom a member of staff acts; "" for nobody.
        origin: The address or the device that the act came from; "" if unknown. A
            personal datum.
        reason: Why, in words that came with the call; "" if none did. An act that asks
            for a reason of its own has that one instead. It may hold personal data.
    """

    kind: ActorKind
    name: str = ""
    ref: str = ""
    os_user: str = ""
    acts_for: str = ""
    origin: str = ""
    reason: str = ""


UNNAMED = Actor(kind=ActorKind.COMMAND_LINE)
"""Somebody at the command line, of whom nothing is known."""
