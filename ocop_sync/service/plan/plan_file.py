"""Plans as files: a person reviews them before they are sent.

The file is for people and comes back as it was: its checksum tells a change by hand,
and every change in it is compared with the present before it is sent
(`ocop_sync.service.sync.apply_plan`). It is no approval: changes above the budget are
named in it as held, and stay so.

It is written and read change by change; those that were read lie in a temporary
file that has no name.
"""

import json
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
)

from catalog.db.temporary import close_unkept
from catalog.progress import Count, no_progress
from ocop_sync.engine.approval.budget import HeldCause
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.json.reader import JsonText
from ocop_sync.service.json.writer import JsonObject, json_document
from ocop_sync.service.plan.plan import Plan, PlanLine

FORMAT: Final = "ocop-sync plan"
VERSION: Final = 1
MOST_BYTES = 2**30
"""The largest file that is written or read; some 300,000 new listings."""
SIMULATED: Final = "SỐ LIỆU MÔ PHỎNG / SIMULATED FIGURES"

_Key = Annotated[str, Field(min_length=1, max_length=64)]
_Subject = Annotated[str, Field(min_length=1, max_length=32)]
_Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class SeenIn(_Part):
    """A text in both languages."""

    vi: str
    en: str


class WhyIn(_Part):
    """Why a change is made."""

    code: str
    seen: SeenIn


class ChangeIn(_Part):
    """One change, as it was reviewed."""

    account: _Key
    subject: _Subject
    name: str
    kind: Kind
    takes: bool
    why: WhyIn
    before: JsonValue
    after: JsonValue
    print: _Fingerprint


class HeldIn(_Part):
    """A group that waits for a person, and is not part of the plan."""

    cause: str
    hold: str
    why: WhyIn
    products: tuple[str, ...]
    checksum: _Fingerprint


class Changes:
    """Changes as they were read, each from the disk when it is asked for."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed with this)
        self._count = 0
        weakref.finalize(self, close_unkept, self._file)

    def add(self, change: ChangeIn) -> None:
        """Lay one more down."""
        self._file.write(_canonical(change.model_dump(mode="json")).encode() + b"\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[ChangeIn]:
        """Yield them in their order."""
        return map(ChangeIn.model_validate_json, self.canonical())

    def canonical(self) -> Iterator[str]:
        """Yield them as the checksum takes them."""
        self._file.flush()
        place = 0
        for _ in range(self._count):
            self._file.seek(place)  # somebody else may read as well
            line = self._file.readline()
            place += len(line)
            yield line.rstrip(b"\n").decode()


class MarketplaceIn(_Part):
    """The planned changes at one marketplace."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    simulated: bool
    unread: tuple[_Key, ...]
    changes: Changes
    held: tuple[HeldIn, ...]


class _Head(_Part):
    format: Literal["ocop-sync plan"]
    version: Literal[1]
    made_at: AwareDatetime
    simulated: bool
    notice: str


class PlanFile(_Head):
    """A whole plan."""

    marketplaces: dict[_Key, MarketplaceIn]
    checksum: str

    @property
    def tried_before(self) -> int:
        """Return none: each sync of a file is one of its own."""
        return 0


def write_plan(
    plans: Sequence[Plan], now: datetime, stream: BinaryIO, count: Count = no_progress
) -> None:
    """Write *plans*, made at *now*, as a file; *count* is called for each change.

    Raises:
        ConfigurationError: It would be larger than the limit for reading it again.
    """
    simulated = any(each.simulated for each in plans)
    head = _Head(
        format=FORMAT,
        version=VERSION,
        made_at=now.replace(microsecond=0),
        simulated=simulated,
        notice=SIMULATED if simulated else "",
    ).model_dump(mode="json")
    by_name = sorted(plans, key=lambda each: each.marketplace)
    sum_ = _Checksum(head)
    with json_document(_Bounded(stream).write, indent=1) as document:
        for key, value in head.items():
            document.put(key, value)
        with document.nested("marketplaces") as marketplaces:
            for made in by_name:
                with marketplaces.nested(made.marketplace) as inner:
                    _write(made, inner, sum_, count)
        document.put("checksum", sum_.end())


def _write(made: Plan, document: JsonObject, sum_: "_Checksum", count: Count) -> None:
    around = _around(made)
    document.put("simulated", around["simulated"])
    document.put("unread", around["unread"])
    sum_.begin(made.marketplace)
    with document.rows("changes") as write_row:
        for line in made.lines:
            if not line.is_double:
                change = _change(line).model_dump(mode="json")
                write_row(change)
                sum_.add(_canonical(change))
            count(1)
    document.put("held", around["held"])
    sum_.finish(around)


class _Bounded:
    """A stream that takes no more than is read again."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = MOST_BYTES

    def write(self, text: str) -> None:
        data = text.encode()
        self._left -= len(data)
        if self._left < 0:
            message = (
                f"kế hoạch quá lớn (hơn {MOST_BYTES >> 20} MB): lập riêng từng sàn"
                " / the plan is too large: make one for each marketplace"
            )
            raise ConfigurationError(message)
        self._stream.write(data)


def read_plan(path: Path) -> PlanFile:
    """Read a plan that was written by `write_plan`.

    Raises:
        ConfigurationError: It is none, is too large, or was changed since.
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        text = JsonText(stream, MOST_BYTES)
        try:
            plan = PlanFile.model_validate(_content(text))
            text.end()
        except (ValidationError, ValueError, RecursionError) as error:
            if text.is_too_large():
                raise _refused(path, "tệp quá lớn", "the file is too large") from None
            where = _where(error)
            vi = f"không phải tệp kế hoạch, hoặc không còn đủ ({where})"
            en = f"not a plan file, or not a whole one ({where})"
            raise _refused(path, vi, en) from None
    if plan.checksum != _checksum(plan):
        vi = "tệp đã bị sửa sau khi lập (sai mã kiểm)"
        raise _refused(path, vi, "the file was changed since (wrong checksum)")
    return plan


def _content(text: JsonText) -> object:
    """Return the content of a file; of each marketplace, changes that lie on disk."""
    if not text.is_object():
        return text.value()
    content: dict[str, object] = {}
    for key in text.fields():
        if key == "marketplaces" and text.is_object():
            content[key] = {name: _marketplace_in(text) for name in text.fields()}
        else:
            content[key] = text.value()
    return content


def _marketplace_in(text: JsonText) -> object:
    if not text.is_object():
        return text.value()
    return {
        key: _changes_in(text) if key == "changes" else text.value()
        for key in text.fields()
    }


def _changes_in(text: JsonText) -> Changes:
    found = Changes()
    for value in text.elements():
        found.add(ChangeIn.model_validate(value))
    return found


def _where(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "-"
    return ".".join(str(part) for part in error.errors()[0]["loc"])[:100] or "-"


def _refused(path: Path, vi: str, en: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: {vi}; lập lại bằng: ocop-sync plan --out TỆP"
        f" / {en}; make it anew with that command"
    )


def _checksum(plan: PlanFile) -> str:
    """Return the checksum of the whole plan."""
    head = plan.model_dump(mode="json", include=set(_Head.model_fields))
    sum_ = _Checksum(head)
    for name, made in sorted(plan.marketplaces.items()):
        sum_.begin(name)
        for change in made.changes.canonical():
            sum_.add(change)
        sum_.finish(made.model_dump(mode="json", exclude={"changes"}))
    return sum_.end()


class _Checksum:
    """The checksum of a plan: of its canonical JSON, every key in its order.

    It is taken piece by piece: first the fields beside the marketplaces, then those,
    by name.
    """

    def __init__(self, head: Mapping[str, object]) -> None:
        self._sum = blake2b(digest_size=16)
        before = {key: head[key] for key in head if key < "marketplaces"}
        self._after = {key: head[key] for key in head if key > "marketplaces"}
        self._take(f'{_canonical(before)[:-1]},"marketplaces":{{')
        self._separator = ""
        self._is_first = True

    def begin(self, marketplace: str) -> None:
        """Begin with the changes at one marketplace."""
        self._take(f'{self._separator}{_canonical(marketplace)}:{{"changes":[')
        self._separator, self._is_first = ",", True

    def add(self, change: str) -> None:
        """Take one change in, in canonical JSON."""
        self._take(change if self._is_first else f",{change}")
        self._is_first = False

    def finish(self, around: Mapping[str, object]) -> None:
        """Take in the other fields of that marketplace."""
        self._take(f"],{_canonical(around)[1:]}")

    def end(self) -> str:
        """Return the checksum."""
        self._take(f"}},{_canonical(self._after)[1:]}")
        return self._sum.hexdigest()

    def _take(self, text: str) -> None:
        self._sum.update(text.encode())


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _around(made: Plan) -> dict[str, Any]:
    """Return the fields of a marketplace besides its changes, as JSON's values."""
    content = MarketplaceIn(
        simulated=made.simulated,
        unread=tuple(made.unread),
        changes=Changes(),
        held=tuple(map(_held, made.held)),
    )
    return content.model_dump(mode="json", exclude={"changes"})


def _held(group: HeldCause) -> HeldIn:
    return HeldIn(
        cause=group.cause,
        hold=group.hold,
        why=WhyIn.model_validate(group.members[0].why),
        products=group.product_ids,
        checksum=group.checksum,
    )


def _change(line: PlanLine) -> ChangeIn:
    return ChangeIn.model_validate(
        {
            "account": line.account,
            "subject": line.product_id,
            "name": line.name,
            "kind": line.kind,
            "takes": line.removes,
            "why": line.why,
            "before": line.before,
            "after": line.after,
            "print": line.fingerprint,
        }
    )
