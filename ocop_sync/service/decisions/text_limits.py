"""How long the words of a person who decides may be.

They stand in tables and lists, and commands refuse longer ones before anything else.
"""

from typing import Final

from catalog.model.actor import Actor
from ocop_sync.errors import PlanError

LONGEST_NAME: Final = 200
"""Characters of the name of a person who decides; it is shown in tables."""
LONGEST_REASON: Final = 1_000
"""Characters of why a person decides so: some sentences, shown in lists."""
_NAME = ("--by", "tên người quyết định", "name", "who decides")
"""The option, its name in both languages, and the question that it answers."""


def ensure_named(by: Actor) -> None:
    """Do nothing if the person who decides is named.

    Raises:
        PlanError: Nobody is, or at too great length to be shown.
    """
    ensure_text(by.name, LONGEST_NAME, _NAME)


def ensure_text(text: str, longest: int, named: tuple[str, str, str, str]) -> None:
    """Do nothing if *text* says something, in *longest* characters at most.

    Args:
        text: The words of a person.
        longest: How many characters it may have.
        named: Its option, its name in both languages, and the question.

    Raises:
        PlanError: It is empty, or too long.
    """
    option, vi, en, question = named
    if not text.strip():
        message = f"thiếu {vi} ({option}) / {question}? ({option})"
        raise PlanError(message)
    if len(text) > longest:
        message = (
            f"{vi} quá dài ({option}), nhiều nhất {longest} ký tự"
            f" / the {en} is too long ({option}): {longest} characters at most"
        )
        raise PlanError(message)
