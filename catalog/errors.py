"""Every error that a caller of the catalog meets, named after the way to recover.

    CatalogError
    +- RuleFileError          mend the file of a rule
    +- CommuneTableError      mend the table of communes
    +- FeedError              mend the rows of an import
    +- NotInCatalogError      check the identifiers
    +- AttestationError       say who attests what, and when
    +- PastImportError        choose an import that is there and can be undone
    +- FieldsError            mend the fields that it names
    +- HeldPriceError         confirm the price, or mend it
    +- HeldEditError          confirm the edit, or mend it
    +- HeldPapersError        see what it does, then confirm it
    +- ChangedMeanwhileError  look at the present values, then edit again
    +- StockError             count the stock
    +- OlderCountError        a newer count is known: nothing is to be done
    +- ErasureError           wait, or see whether consent was given anew

The catalog knows nothing of the service: its commands map this root to exit
codes and answers. A product that may not be listed is a `Verdict`, not an
error. No message holds a secret or a personal datum.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from catalog.counted import counted


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


class MovingCatalogError(CatalogError):
    """The catalog has changed each time that a file was evaluated: nothing was taken.

    The file is right; it may come again when less is changed.
    """

    def __init__(self, tries: int) -> None:
        super().__init__(
            f"danh mục đổi liên tục trong {tries} lần xét tệp, chưa nhập gì: nhập lại"
            " lúc ít người sửa hơn, hoặc chia tệp nhỏ ra / the catalog has changed"
            f" each of {tries} times that the file was evaluated, and nothing was"
            " imported: import it again when less is changed, or in smaller files"
        )


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


class FieldProblem(NamedTuple):
    """A value that cannot be taken.

    Attributes:
        field: Its name; that of a pack behind its SKU, with a point between.
        vi: Why, and what to write instead, in Vietnamese.
        en: The same in English.
    """

    field: str
    vi: str
    en: str


class FieldsError(CatalogError):
    """Values of an edit that cannot be taken; nothing of it was.

    Attributes:
        problems: Every one of them.
    """

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{f}: {vi} / {en}" for f, vi, en in problems))
        self.problems = tuple(problems)


class TakenProduct(NamedTuple):
    """A product that an entry takes off sale, with the first day without it."""

    product_id: str
    name: str
    since: date


class HeldPapersError(CatalogError):
    """An entry of papers that somebody has to confirm; nothing was written.

    Attributes:
        changed: How many products it changes.
        names: The first of them, id and name.
        replaced: Of how many another paper gives way.
        taken: How many it takes off sale.
        takes: The first of them.
        token: Confirms just this entry, over the papers that are there.
    """

    def __init__(
        self,
        *,
        changed: int,
        names: Sequence[tuple[str, str]],
        replaced: int,
        taken: int,
        takes: Sequence[TakenProduct],
        token: str,
    ) -> None:
        super().__init__(
            f"chưa ghi gì: {changed} sản phẩm sẽ đổi, {taken} sản phẩm thôi bán; xem"
            f" rồi gửi lại kèm mã xác nhận / nothing was entered:"
            f" {counted(changed, 'product')} would change, {taken} of them would be"
            " taken off sale; look, then send"
            " it with the token"
        )
        self.changed = changed
        self.names = tuple(names)
        self.replaced = replaced
        self.taken = taken
        self.takes = tuple(takes)
        self.token = token

    def json_form(self) -> dict[str, Any]:
        """Return what it would do, as JSON's values."""
        return {
            "changed": self.changed,
            "products": [{"product": id_, "name": name} for id_, name in self.names],
            "replaced": self.replaced,
            "taken": self.taken,
            "takes": [
                {"product": id_, "name": name, "since": since.isoformat()}
                for id_, name, since in self.takes
            ],
            "token": self.token,
        }


class HeldPriceError(CatalogError):
    """A price that looks like a slip; it stays until a person confirms it.

    Attributes:
        sku: Of which pack.
        before: The price that stays; None if none was known.
        after: The price that is held.
        why: Why it is doubtful, in Vietnamese and English.
        token: Confirms just this price, over just that one.
    """

    def __init__(
        self,
        sku: str,
        *,
        before: int | None,
        after: int,
        why: tuple[str, str],
        token: str,
    ) -> None:
        super().__init__(
            f"{sku}: {why[0]}, giá {after} bị giữ lại. Sửa giá, hoặc xác nhận bằng mã"
            f" {token} nếu giá đúng / {why[1]}, the price {after} is held: mend it, or"
            f" confirm it with the token {token}"
        )
        self.sku = sku
        self.before = before
        self.after = after
        self.why = why
        self.token = token


class HeldEditError(CatalogError):
    """An edit about which a person is asked first; nothing of it was taken.

    Attributes:
        questions: All that is asked, and all that the edit takes from buyers.
        token: Confirms just this edit, with just these questions.
    """

    def __init__(self, questions: Sequence[FieldProblem], token: str) -> None:
        said = "; ".join(f"{vi} / {en}" for _, vi, en in questions)
        super().__init__(
            f"chưa ghi gì: {said}. Đúng ý thì làm lại kèm mã {token} / nothing was"
            f" taken: if it is meant, repeat it with the token {token}"
        )
        self.questions = tuple(questions)
        self.token = token


class ChangedField(NamedTuple):
    """A field that is no longer as an edit has seen it.

    Attributes:
        field: Its name, as in `FieldProblem`.
        value: The present value, as text; "" if there is none.
        changed_at: The last change, in UTC; None if there is no trace of it.
    """

    field: str
    value: str
    changed_at: datetime | None


class ChangedMeanwhileError(CatalogError):
    """Fields of an edit have changed since it was begun; nothing of it was taken.

    Attributes:
        revision: The present revision of the product.
        changed: The fields that both have changed, as they are now.
    """

    def __init__(self, revision: int, changed: Sequence[ChangedField]) -> None:
        names = ", ".join(each.field for each in changed)
        super().__init__(
            f"đã có người khác sửa: {names}. Xem lại bản hiện tại rồi sửa tiếp"
            f" / changed by somebody else meanwhile: {names}. Look at it, then edit"
            " again"
        )
        self.revision = revision
        self.changed = tuple(changed)


class ChangedPriceError(ChangedMeanwhileError):
    """The price of a pack is not the one that another one was entered for.

    Attributes:
        stands: The price that stays; None if there is none.
    """

    def __init__(self, sku: str, revision: int, stands: int | None) -> None:
        shown = "" if stands is None else str(stands)
        super().__init__(revision, [ChangedField(f"{sku}.price_vnd", shown, None)])
        now = (shown, shown) if shown else ("chưa có", "none")
        self.vi = f"đã có người khác sửa giá: giá hiện tại {now[0]}. Xem lại rồi sửa"
        self.en = (
            f"the price was changed meanwhile: it is {now[1]} now. Look at it, then"
            " edit again"
        )
        self.args = (f"{sku}: {self.vi} / {self.en}",)
        self.stands = stands


class StockError(CatalogError):
    """An adjustment that cannot be: it takes more than there is, or nobody counted.

    Attributes:
        left: How many are left as far as is known; None if never counted.
    """

    def __init__(self, sku: str, left: int | None) -> None:
        super().__init__(
            f"{sku}: chưa kiểm đếm, hãy nhập số đếm / never counted: enter a count"
            if left is None
            else f"{sku}: theo sổ chỉ còn {left}; hãy đếm lại và nhập số đếm / only"
            f" {left} are left as far as is known: count, and enter that"
        )
        self.left = left


class OlderCountError(CatalogError):
    """A count that is older than the known one, which stays.

    Attributes:
        on_hand: The known count; None if it was cleared.
        counted_at: When that was made, in UTC.
    """

    def __init__(self, sku: str, on_hand: int | None, counted_at: datetime) -> None:
        super().__init__(
            f"{sku}: đã có số đếm mới hơn ({on_hand}), số này bỏ qua / a newer count"
            f" ({on_hand}) is known, this one is passed over"
        )
        self.on_hand = on_hand
        self.counted_at = counted_at


class ErasureError(CatalogError):
    """Personal data cannot be erased now; the message says why, and from when."""
