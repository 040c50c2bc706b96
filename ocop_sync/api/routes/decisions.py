"""What people say when they decide."""

from typing import Annotated

from pydantic import Field

from ocop_sync.service.decisions.text_limits import LONGEST_REASON

Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_REASON,
        pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
    ),
]
"""The words of a person, on one line."""
