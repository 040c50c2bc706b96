"""One check: its name, its promise, when it is tried, and its outcome.

A check is an async function that gets a `Bench` and raises where the promise is broken.
It is skipped, with the reason, where the marketplace does not claim the capability that
it is about, or where the shop cannot play the act that it needs.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.features import features_of

if TYPE_CHECKING:
    from ocop_sync.testing.kit.bench import Bench

WIRE = "wire faults"
"""Needed by a check that breaks HTTP calls on their way."""


class BrokenPromiseError(AssertionError):
    """The adapter does not do as the port says."""


class NotTriedError(Exception):
    """The check cannot be tried here; the message is the reason."""


class Verdict(StrEnum):
    """The outcome of a check."""

    PROVED = "proved"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a check, with the words for it.

    Attributes:
        words: The reason of a skip, or the broken promise; "" where it is proved.
    """

    verdict: Verdict
    words: str = ""


Run = Callable[["Bench"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check of one promise of the port.

    Attributes:
        name: Its name, such as "create".
        promise: The promise, as a sentence.
        needs: Features of `ocop_sync.marketplace.features` that it is about, and
            `WIRE`. Without one of them it is not tried.
        run: Tries it.
    """

    name: str
    promise: str
    needs: tuple[str, ...]
    run: Run

    def lacks(self, capabilities: Capabilities, *, has_wire: bool) -> str:
        """Return why it is not tried; "" if all is there that it needs."""
        has = features_of(capabilities) | {WIRE: has_wire}
        missing = [each for each in self.needs if not has[each]]
        if missing == [WIRE]:
            return "the shop has no HTTP to break (wire faults)"
        return f"not claimed: {', '.join(missing)}" if missing else ""


def check(name: str, promise: str, *needs: str) -> Callable[[Run], Check]:
    """Make a check of a function."""
    return lambda run: Check(name, promise, needs, run)


def ensure(condition: object, words: str) -> None:
    """Go on if *condition* holds.

    Raises:
        BrokenPromiseError: It does not; *words* say what came instead.
    """
    if not condition:
        raise BrokenPromiseError(words)


def ensure_same(found: object, expected: object, what: str) -> None:
    """Go on if both are equal; else say in what they differ."""
    if found != expected:
        ensure(False, f"{what}: {'; '.join(_differences(found, expected))}")


def _differences(found: Any, expected: Any, where: str = "") -> Iterator[str]:
    """Yield what differs, of two values of one class field by field."""
    if is_dataclass(expected) and type(found) is type(expected):
        for each in fields(expected):
            there, wanted = getattr(found, each.name), getattr(expected, each.name)
            if there != wanted:
                yield from _differences(there, wanted, f"{each.name} ")
    else:
        yield f"{where}expected {expected!r}, found {found!r}"


async def outcome_of(
    check: Check, open_bench: Callable[[], Awaitable["Bench"]]
) -> Outcome:
    """Try a check on a bench of its own, and close that."""
    bench = await open_bench()
    try:
        reason = check.lacks(bench.can, has_wire=bench.wire is not None)
        if reason:
            return Outcome(Verdict.SKIPPED, reason)
        await bench.begin()
        await check.run(bench)
    except NotTriedError as reason_why:
        return Outcome(Verdict.SKIPPED, str(reason_why))
    except BrokenPromiseError as broken:
        return Outcome(Verdict.FAILED, str(broken))
    except Exception as error:  # noqa: BLE001 - an adapter may raise anything
        return Outcome(Verdict.FAILED, f"{type(error).__name__}: {error}")
    finally:
        await bench.close()
    return Outcome(Verdict.PROVED)


def named(checks: Sequence[Check], name: str) -> Check:
    """Return the check of that name."""
    return next(each for each in checks if each.name == name)
