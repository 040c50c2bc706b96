"""Look for what no error may show: secrets, and personal data of an answer."""

import traceback

from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import ensure
from ocop_sync.testing.kit.wire_faults import PHONE

_SHORTEST = 4


def everything_told(error: BaseException) -> str:
    """Return all that a log of *error* would show."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen:
        parts += [repr(seen), str(seen), *traceback.format_exception_only(seen)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


def ensure_shows_nothing(bench: Bench, came: object) -> None:
    """Go on if what came of a call shows no secret and no telephone number."""
    told = everything_told(came) if isinstance(came, BaseException) else repr(came)
    for name, secret in bench.shop.secrets.items():
        is_shown = len(secret) >= _SHORTEST and secret in told
        ensure(not is_shown, f"it shows the secret {name!r}")
    ensure(PHONE not in told, "it shows a telephone number")
