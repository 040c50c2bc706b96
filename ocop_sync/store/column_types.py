"""Column types for values that come from outside.

A marketplace may answer with text that no database keeps. One such listing must
not stop the others from being stored, so it is stored nearly as it was said.
Types whose values come back as they went in are in `catalog.columns`.
"""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from catalog.columns import exact

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL keeps no NUL, and no database half of a surrogate pair."""


NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives out."""


class ForeignText(TypeDecorator[str]):
    """Text in somebody else's words: cut, and without unstorable letters.

    A text that is compared with it is treated the same way. Documents need none of
    this: JSON writes such characters as escapes.

    Args:
        length: How many characters are kept, compared and ordered by code
            point; None keeps all.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(
        self,
        dialect: Dialect,  # noqa: ARG002 (SQLAlchemy's signature)
    ) -> TypeEngine[Any]:
        """Return the type of the column itself."""
        return Text() if self.length is None else exact(self.length)

    def bind_processor(
        self,
        dialect: Dialect,  # noqa: ARG002 (SQLAlchemy's signature)
    ) -> Callable[[str | None], str | None]:
        """Return the function that writes a value: one call for each written row."""
        length = self.length

        def write(value: str | None) -> str | None:
            return value and _UNSTORABLE.sub("\ufffd", value)[:length]

        return write

    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,
    ) -> str | None:
        """Return *value* as it can be stored."""
        return self.bind_processor(dialect)(value)
