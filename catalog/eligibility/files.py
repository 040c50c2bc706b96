"""The form of the rules' files, and reading one.

A key that is not known here, or one that lacks, is an error of the file, found
at the start and not in the middle of a run.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from catalog.eligibility.verdict import Outcome, Text
from catalog.errors import RuleFileError
from catalog.model.paper import PaperKind
from catalog.model.product_set import SETS, Sector


def _known_set(code: str) -> str:
    if code not in SETS:
        message = f"{code!r} is no product set"
        raise ValueError(message)
    return code


K = TypeVar("K")


def _all_kinds(papers: dict[PaperKind, K]) -> dict[PaperKind, K]:
    if lacking := sorted(set(PaperKind) - papers.keys()):
        message = f"lacks {', '.join(lacking)}"
        raise ValueError(message)
    return papers


Words = Annotated[str, Field(min_length=1)]
SetCode = Annotated[str, AfterValidator(_known_set)]
LabelField = Literal[
    "net_quantity", "ingredients", "origin", "dates", "use_and_storage", "warnings"
]


class RuleTable(BaseModel):
    """A table of a file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TextPart(RuleTable):
    """A text in both languages."""

    vi: Words
    en: Words

    def text(self) -> Text:
        """Return it as the rules use it."""
        return Text(self.vi, self.en)


class FindingPart(RuleTable):
    """How one finding is worded; *outcome* and *by_person* where not the rule's.

    With *by_person_with*, a named person stands for it where that value is known.
    """

    outcome: Outcome | None = None
    by_person: bool | None = None
    by_person_with: str = ""
    seen: TextPart
    todo: TextPart


class RuleFile(RuleTable):
    """The file of any rule.

    *by_person* says whether a named person entered its finding for that very product.
    It has no default: it decides which removals pass outside the budget.
    """

    code: Annotated[str, Field(pattern=r"^E\d\d$")]
    title: TextPart
    outcome: Outcome
    basis: Annotated[tuple[Words, ...], Field(min_length=1)]
    confirmed: bool
    by_person: bool
    in_force_from: date | None = None
    note: TextPart | None = None
    sectors: tuple[Sector, ...] = ()
    sets: tuple[SetCode, ...] = ()
    findings: dict[str, FindingPart]


class RuleRow(RuleTable):
    """A row of a dated table, with its legal basis."""

    since: date
    basis: Words
    confirmed: bool


class BodyRow(RuleRow):
    """Who grants 3, 4 and 5 stars."""

    three_stars: Words
    four_stars: Words
    five_stars: Words

    def by_stars(self) -> dict[int, str]:
        """Return who grants how many."""
        return {3: self.three_stars, 4: self.four_stars, 5: self.five_stars}


class BodiesFile(RuleFile):
    """E01."""

    bodies: Annotated[tuple[BodyRow, ...], Field(min_length=1)]


class ValidityRow(RuleRow):
    """For how many months a certificate is valid."""

    months: Annotated[int, Field(ge=12, le=120)]


class ValidityFile(RuleFile):
    """E02."""

    validity: Annotated[tuple[ValidityRow, ...], Field(min_length=1)]


class DeclarationRow(RuleRow):
    """Which papers are enough, for every set and for some."""

    kinds: Annotated[tuple[PaperKind, ...], Field(min_length=1)]
    also: dict[SetCode, tuple[PaperKind, ...]] = {}


class DeclarationsFile(RuleFile):
    """E05."""

    declarations: Annotated[tuple[DeclarationRow, ...], Field(min_length=1)]


class LabelsFile(RuleFile):
    """E06."""

    labels: dict[Sector, tuple[LabelField, ...]]


class PapersFile(RuleTable):
    """The name of each kind of paper."""

    papers: Annotated[dict[PaperKind, TextPart], AfterValidator(_all_kinds)]


F = TypeVar("F", bound=RuleTable)


class Folder:
    """A folder of rules' files that remembers the files that it has read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[str, bytes] = {}

    def read(self, name: str, form: type[F]) -> F:
        """Return the file *name*, checked against *form*.

        Raises:
            RuleFileError: It is missing, no TOML, or not of that form.
        """
        try:
            content = (self._path / name).read_bytes()
            parsed = form.model_validate(tomllib.loads(content.decode()))
        except OSError as error:
            raise RuleFileError(name, [str(error.strerror)]) from error
        except ValidationError as error:
            raise RuleFileError(name, problems_of(error)) from error
        except ValueError as error:  # no TOML, or not UTF-8
            raise RuleFileError(name, [str(error)]) from error
        self._read[name] = content
        return parsed

    def fingerprint(self, settings: Mapping[str, object]) -> str:
        """Return the fingerprint of all files that were read, with *settings*."""
        digest = sha256(repr(sorted(settings.items())).encode())
        for name, content in sorted(self._read.items()):
            digest.update(f"\0{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()[:16]


def problems_of(error: ValidationError) -> list[str]:
    """Return the problems that pydantic found in a file, each with its key."""
    return [
        f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
    ]
