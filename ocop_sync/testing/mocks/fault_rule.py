"""The form of a fault that is asked for: which calls it hits, how often, and how."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Rule(BaseModel):
    """Which calls a fault hits.

    Attributes:
        operation: Name of an operation, or "METHOD /path"; "*" is any letters.
        fault: Its name; several are joined by "+", the outermost first.
        count: How many calls it hits; None for all until it is taken back.
        probability: With which each call is hit.
        skip: How many calls are spared first.
        seed: Of the probability and of the values that the fault makes up.
        seconds: How late, how long or how far off.
        status: HTTP status of an error.
        retry_after: The value of Retry-After; "date" for a date; None for none.
        field: The field that is missing, or null.
        ref: A value of the item that is odd, such as its id; the first one if "".
        size: Items of a page, or bytes of a body.
        target: Where a redirect leads.
        text: The text in a body for which a whole call is refused.
        about: The topic of a refusal: picture, name, price, paper or category.
        act: The act of the mock's people meanwhile: `{"act": name, ...}`.
    """

    model_config = ConfigDict(extra="forbid")

    operation: str = Field("*", min_length=1)
    fault: str
    count: int | None = Field(1, ge=1)
    probability: float = Field(1.0, gt=0, le=1)
    skip: int = Field(0, ge=0)
    seed: int = 1
    seconds: float = Field(1.0, ge=-1e9, le=1e9)
    status: int = Field(500, ge=400, le=599)
    retry_after: str | int | float | None = 1
    field: str = ""
    ref: str = ""
    size: int = Field(1, ge=1, le=10**8)
    target: str = ""
    text: str = ""
    about: str = "name"
    act: dict[str, Any] = Field(default_factory=dict)
