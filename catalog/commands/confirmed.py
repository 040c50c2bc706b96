"""Edits that are doubtful, or take something from buyers: confirmed by a token.

A token is made of an edit and of all that is asked about it: once either is another,
it confirms nothing.
"""

from collections.abc import Sequence
from hashlib import blake2b

from catalog.errors import FieldProblem, HeldEditError


def ensure_confirmed(
    questions: Sequence[FieldProblem], token: str, about: object
) -> None:
    """Do nothing if nothing is asked, or *token* confirms it.

    Args:
        questions: All that is asked about the edit.
        token: The token of an earlier refusal; "" if there is none.
        about: The edit, as plain values in an order of their own.

    Raises:
        HeldEditError: Something is asked, and *token* is not its token.
    """
    if not questions:
        return
    content = repr((about, [tuple(each) for each in questions])).encode()
    wanted = blake2b(content, digest_size=6).hexdigest()
    if token != wanted:
        raise HeldEditError(questions, wanted)
