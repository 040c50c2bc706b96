"""Plans as files: what a person reviews before it is sent.

The file is for people and comes back as it was: its checksum tells a change by
hand, and every change in it is compared with the present before it is sent
(`ocop_sync.service.reviewed`). It is no approval: what is above the budget is
named in it as held, and stays so.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
)

from catalog.eligibility import Text
from ocop_sync.engine.review import Why
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.plan import Line, Plan

FORMAT: Final = "ocop-sync plan"
VERSION: Final = 1
MOST_BYTES = 64 * 2**20
"""The largest file that is written or read; some 20,000 new listings."""
SIMULATED: Final = "SỐ LIỆU MÔ PHỎNG / SIMULATED FIGURES"

_Key = Annotated[str, Field(min_length=1, max_length=64)]
_Subject = Annotated[str, Field(min_length=1, max_length=32)]
_Print = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
    print: _Print


class HeldIn(_Part):
    """A group that waits for a person, and is not part of the plan."""

    cause: str
    hold: str
    why: WhyIn
    products: tuple[str, ...]
    checksum: _Print


class MarketplaceIn(_Part):
    """What would be done at one marketplace."""

    simulated: bool
    unread: tuple[_Key, ...]
    changes: tuple[ChangeIn, ...]
    held: tuple[HeldIn, ...]


class PlanFile(_Part):
    """A whole plan."""

    format: Literal["ocop-sync plan"]
    version: Literal[1]
    made_at: AwareDatetime
    simulated: bool
    notice: str
    marketplaces: dict[_Key, MarketplaceIn]
    checksum: str


def write_plan(plans: Sequence[Plan], now: datetime) -> bytes:
    """Return *plans* as a file.

    Raises:
        ConfigurationError: It would be larger than what is read again.
    """
    simulated = any(each.simulated for each in plans)
    said: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.replace(microsecond=0),
        "simulated": simulated,
        "notice": SIMULATED if simulated else "",
        "marketplaces": {each.marketplace: _marketplace(each) for each in plans},
        "checksum": "",
    }
    plan = PlanFile.model_validate(said)
    plan = plan.model_copy(update={"checksum": _checksum(plan)})
    text = json.dumps(plan.model_dump(mode="json"), ensure_ascii=False, indent=1)
    data = text.encode() + b"\n"
    if len(data) > MOST_BYTES:
        message = (
            f"kế hoạch quá lớn ({len(data) >> 20} MB): lập riêng từng sàn"
            " / the plan is too large: make one for each marketplace"
        )
        raise ConfigurationError(message)
    return data


def read_plan(path: Path) -> PlanFile:
    """Read a plan that was written by `write_plan`.

    Raises:
        ConfigurationError: It is none, is too large, or was changed since.
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _refused(path, "tệp quá lớn", "the file is too large")
    try:
        plan = PlanFile.model_validate_json(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])[:100] or "-"
        vi = f"không phải tệp kế hoạch, hoặc không còn đủ ({where})"
        en = f"not a plan file, or not a whole one ({where})"
        raise _refused(path, vi, en) from None
    if plan.checksum != _checksum(plan):
        vi = "tệp đã bị sửa sau khi lập (sai mã kiểm)"
        raise _refused(path, vi, "the file was changed since (wrong checksum)")
    return plan


def _refused(path: Path, vi: str, en: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: {vi}; lập lại bằng: ocop-sync plan --out TỆP"
        f" / {en}; make it anew with that command"
    )


def _checksum(plan: PlanFile) -> str:
    """Return what stands for the whole plan."""
    said = plan.model_dump(mode="json", exclude={"checksum"})
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _marketplace(made: Plan) -> Mapping[str, object]:
    return {
        "simulated": made.simulated,
        "unread": made.unread,
        "changes": [_change(line) for line in made.lines if not line.is_second],
        "held": [
            {
                "cause": group.cause,
                "hold": group.hold.value,
                "why": _why(group.members[0].why),
                "products": group.product_ids,
                "checksum": group.checksum,
            }
            for group in made.held
        ],
    }


def _change(line: Line) -> Mapping[str, object]:
    return {
        "account": line.account,
        "subject": line.product_id,
        "name": line.name,
        "kind": line.kind,
        "takes": line.takes,
        "why": _why(line.why),
        "before": line.before,
        "after": line.after,
        "print": line.print,
    }


def _why(why: Why) -> Mapping[str, object]:
    return {"code": why.code, "seen": _seen(why.seen)}


def _seen(text: Text) -> Mapping[str, str]:
    return {"vi": text.vi, "en": text.en}
