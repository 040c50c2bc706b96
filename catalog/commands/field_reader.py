"""The values that people type for fields, read as cells of a sheet are.

All that is wrong is gathered, so that a person mends it in one go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog.errors import FieldProblem, FieldsError
from catalog.feed.cells.cell import CellError
from catalog.feed.headings.cell_commands import empty_value
from catalog.feed.headings.column import Column

Fields = Mapping[str, Column]
"""Fields that may be given, by the names of sheets."""

NO_FIELD: Final = ("không có ô này", "there is no such field")


@dataclass(slots=True)
class FieldReader:
    """The faults of an edit so far.

    Attributes:
        problems: The faults.
    """

    problems: list[FieldProblem] = field(default_factory=list)

    def read(
        self,
        said: Mapping[str, str],
        known: Fields,
        *,
        place: str = "",
        unknown: tuple[str, str] = NO_FIELD,
        blanks: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        """Return the values of *said* by their names; faults are noted.

        Args:
            said: Texts by name; "" clears a field.
            known: The fields that there are.
            place: Stands before each name in a fault.
            unknown: The fault of a field that is not among *known*.
            blanks: The values of cleared fields; those of a sheet's XÓA if None.
        """
        found: dict[str, object] = {}
        for name, text in said.items():
            column = known.get(name)
            if column is None:
                self.note(f"{place}{name}", unknown)
                continue
            given = text.strip()
            try:
                if given:
                    found[name] = column.read(given)
                else:
                    found[name] = blanks[name] if blanks else empty_value(name)
            except CellError as error:
                self.note(f"{place}{name}", (error.vi, error.en))
        return found

    def note(self, name: str, words: tuple[str, str]) -> None:
        """Note a fault of the field *name*, in Vietnamese and English."""
        self.problems.append(FieldProblem(name, *words))

    def ensure_right(self) -> None:
        """Do nothing if nothing is wrong.

        Raises:
            FieldsError: Something is; all of it is named.
        """
        if self.problems:
            raise FieldsError(self.problems)


def by_path(values: Mapping[str, object], known: Fields) -> dict[str, object]:
    """Return *values* by the attributes that their columns hold."""
    return {known[name].path: value for name, value in values.items()}
