"""The options of an account: its folder, and how its people work."""

from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from adapters.sheet.template import Template, ensure_like, read_template
from ocop_sync.errors import ConfigurationError


class SheetOptions(BaseModel):
    """The options of an account; `ships` is the template of its marketplace."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True
    )
    ships: ClassVar[Template]

    folder: Path
    """Where its batches and what is known of it are kept. It must be there, whole
    (from /), used by this account alone, and backed up beside the database."""

    template: Path | None = None
    """A template in place of the one that ships: the marketplace's real columns."""

    rows_a_day: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Most rows of a batch, withdrawals left out. None: as the template says."""

    withdraw_within_h: Annotated[int, Field(ge=1, le=720)] = 24
    """Hours that people have to take a listing down."""

    _template: Template | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _be_usable(self) -> Self:
        if not self.folder.is_absolute():
            message = "folder: ghi đủ từ / / the whole path, from /"
            raise ValueError(message)
        if not self.folder.is_dir():
            message = "folder: không có thư mục này / there is no such folder"
            raise ValueError(message)
        if self.template is not None:
            try:
                self._template = read_template(self.template)
            except ConfigurationError as error:
                raise ValueError(str(error)) from error
            ensure_like(self._template, type(self).ships)
        return self

    @property
    def in_force(self) -> Template:
        """Return the template by which this account's people work."""
        return self._template or type(self).ships

    @property
    def most_rows(self) -> int:
        """Return how many rows a batch has at most."""
        return self.rows_a_day or self.in_force.batches.rows_a_day
