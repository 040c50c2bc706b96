"""Every error that a caller of the catalog meets, named after the way to recover.

    CatalogError
    +- RuleFileError          mend the file of a rule
    +- CommuneTableError      mend the table of communes
    +- FeedError              mend the rows of an import
    +- NotInCatalogError      check the identifiers
    +- AttestationError       say who attests what, and when
    +- PastImportError        choose an import that is there and can be undone

The catalog knows nothing of the service: its commands map this root to exit
codes and answers. A product that may not be listed is a `Verdict`, not an
error. No message holds a secret or a personal datum.
"""

from collections.abc import Sequence


class CatalogError(Exception):
    """Something in the catalog that the person who called it must put right."""


class _FileError(CatalogError):
    """A file of the deployment cannot be used.

    Attributes:
        file: Its name.
        problems: The faults, each with the key or line it concerns.
    """

    words = ""

    def __init__(self, file: str, problems: Sequence[str]) -> None:
        super().__init__(f"{file}: {self.words}: {'; '.join(problems)}")
        self.file = file
        self.problems = tuple(problems)


class RuleFileError(_FileError):
    """A file of an eligibility rule cannot be used."""

    words = "tệp quy tắc sai, hãy sửa / rule file is wrong, mend it"


class CommuneTableError(_FileError):
    """The table of a province's communes cannot be used."""

    words = (
        "bảng xã không dùng được, hãy sửa (docs/importing.md) / the table of communes"
        " cannot be used, mend it"
    )


class FeedError(CatalogError):
    """A feed cannot be read, or rows of it are wrong.

    Attributes:
        problems: The faults, each with the row and column it concerns.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            "tệp nhập có lỗi, hãy sửa / the feed is wrong, mend it: "
            + "; ".join(problems)
        )
        self.problems = tuple(problems)


def refusal(*, vi: str, en: str) -> FeedError:
    """Return the error of a file that has one fault."""
    return FeedError([f"{vi} / {en}"])


class NotInCatalogError(CatalogError):
    """Identifiers of products, producers or variants that the catalog lacks."""

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__(
            "không có trong danh mục, hãy kiểm tra mã / not in the catalog, check: "
            + ", ".join(ids)
        )
        self.ids = tuple(ids)


class AttestationError(CatalogError):
    """A fact cannot be recorded without its witness and its day."""


class PastImportError(CatalogError):
    """There is no such import, or it can no longer be shown or taken back."""
