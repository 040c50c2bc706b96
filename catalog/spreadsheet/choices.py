"""Lists to choose from that Excel keeps in an extension of a worksheet.

A list that stands on another sheet is written there since Excel 2010, also by
whoever saves a workbook that had it in the usual place. They are plain rules all
the same, and can be written in the usual place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from catalog.spreadsheet.archive import broken
from catalog.spreadsheet.xml_part import Attributes, XmlPart

_MOST: Final = 2_000
_LONGEST: Final = 100_000
_FLAGS: Final = ("allowBlank", "showDropDown", "showErrorMessage", "showInputMessage")
_TEXTS: Final = (
    *("type", "operator", "errorStyle", "error", "errorTitle"),
    *("prompt", "promptTitle", "imeMode"),
)
_TRUE: Final = frozenset({"1", "true"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A rule for the values that may be entered.

    Attributes:
        cells: Where, as ranges with spaces between.
        formulas: The formulas that it refers to; one or two.
        settings: Its attributes, as worksheets name them.
    """

    cells: str
    formulas: tuple[str, ...]
    settings: dict[str, Any]


def read_choices(chunks: Iterable[bytes]) -> list[Choice]:
    """Return the rules in the extensions of a worksheet's part."""
    found = _Choices()
    found.read(chunks)
    return found.choices


class _Choices(XmlPart):
    """The end of a worksheet."""

    def __init__(self) -> None:
        super().__init__()
        self.choices: list[Choice] = []
        self._extended = False
        self._settings: dict[str, Any] | None = None
        self._formulas: list[str] = []
        self._cells = ""
        self._pieces: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Begin a rule, or collect its ranges and formulas."""
        if name == "extLst":
            self._extended = True
        elif name == "dataValidation" and self._extended:
            self._settings = _settings(attributes)
            self._formulas, self._cells = [], ""
        elif self._settings is not None and name in {"f", "sqref"}:
            self._pieces = []
            self.listen(self._collect)

    def end(self, name: str) -> None:
        """Keep a rule, or the text that was collected for it."""
        if name == "extLst":
            self._extended = False
        if self._settings is None:
            return
        if name == "f":
            self._formulas.append("".join(self._pieces))
            self.listen(None)
        elif name == "sqref":
            self._cells = "".join(self._pieces).strip()
            self.listen(None)
        elif name == "dataValidation":
            self._keep(self._settings)

    def _collect(self, piece: str) -> None:
        self._pieces.append(piece)
        if len(self._pieces) > _LONGEST:
            raise broken(vi="quy tắc nhập quá dài", en="a rule for entries is too long")

    def _keep(self, settings: dict[str, Any]) -> None:
        if len(self.choices) >= _MOST:
            raise broken(vi="quá nhiều quy tắc nhập", en="too many rules for entries")
        if self._cells:
            self.choices.append(
                Choice(
                    cells=self._cells,
                    formulas=tuple(self._formulas[:2]),
                    settings=settings,
                )
            )
        self._settings = None


def _settings(attributes: Attributes) -> dict[str, Any]:
    texts: dict[str, Any] = {n: attributes[n] for n in _TEXTS if n in attributes}
    flags: dict[str, Any] = {
        n: attributes[n] in _TRUE for n in _FLAGS if n in attributes
    }
    return {**texts, **flags}
