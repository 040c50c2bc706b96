"""Leave a marketplace alone that fails call after call, and probe it singly.

One breaker for each account, from run to run: its credentials may be all that is wrong.
The meaning of one failed call is decided in `ocop_sync.calls.retry_policy`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ocop_sync.errors import (
    CallRefusedError,
    MarketplaceError,
    RateLimitedError,
    RestingError,
    UnavailableError,
)


class Breaker:
    """Opens after some failures in a row, and closes when one probe succeeds.

    A failure is a whole call that raised a `MarketplaceError`. A 429 is no failure, nor
    is a call that was refused for its content: the other side is well then. While the
    breaker is open, only its probe decides: calls that began before are too old to say
    anything. One rest is waited out: most failures are over by then. If the probe after
    it fails as well, the account is left to the next run.

    Args:
        failures: How many failures in a row open it.
        cool_down_s: Seconds until a probe may go through, and between probes.
        time: Monotonic seconds.
    """

    def __init__(
        self, *, failures: int, cool_down_s: float, time: Callable[[], float]
    ) -> None:
        self._limit = failures
        self._cool_down_s = cool_down_s
        self._time = time
        self._failures = 0
        self._last: MarketplaceError | None = None
        self._probe_at: float | None = None
        self._probing = False
        self._probes_failed = 0
        self._is_well = False

    @property
    def is_open(self) -> bool:
        """Whether calls are being held back."""
        return self._probe_at is not None

    @contextmanager
    def watch(self, *, apart: bool = False) -> Iterator[None]:
        """Watch the call that is awaited inside.

        Args:
            apart: It has failed again and again by itself: as long as the last of the
                others has succeeded, its failure says nothing of the other side.

        Raises:
            UnavailableError: The breaker is open, and a probe will tell more: the
                call is not made.
            RestingError: The same after a probe has failed.
        """
        with self._watching(is_probe=self._enter(), apart=apart):
            yield

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Watch a call inside that another breaker holds back.

        It may open this one, as it says that the other side is down; it never is its
        probe, as it may be all that is wrong.
        """
        with self._watching(is_probe=False):
            yield

    @contextmanager
    def _watching(self, *, is_probe: bool, apart: bool = False) -> Iterator[None]:
        try:
            yield
        except (RateLimitedError, CallRefusedError):
            self._count(is_probe=is_probe, is_well=True)
            raise
        except MarketplaceError as error:
            self._last = error
            if not (apart and self._is_well and not is_probe):
                self._count(is_probe=is_probe, is_well=False)
            raise
        except BaseException:
            # Cancelled, or an error of ours: it says nothing of the other side.
            self._probing = self._probing and not is_probe
            raise
        self._count(is_probe=is_probe, is_well=True)

    def _enter(self) -> bool:
        if self._probe_at is None:
            return False
        wait_s = self._probe_at - self._time()
        if wait_s > 0 or self._probing:
            # The last failure may be of another item's call: it is no answer to this.
            last = "; lời gọi hỏng gần nhất / the last call that failed: "
            said = f"{last}«{self._last}»" if self._last else ""
            message = (
                "chưa thử, vì các lời gọi tới tài khoản đang hỏng"
                f" / not tried, as calls to the account fail{said}"
            )
            if self._probes_failed:
                raise RestingError(message) from self._last
            wait_s = max(wait_s, 1.0)
            raise UnavailableError(message, retry_after=wait_s) from self._last
        self._probing = True
        return True

    def _count(self, *, is_probe: bool, is_well: bool) -> None:
        if self._probe_at is not None and not is_probe:
            return
        self._probing = self._probing and not is_probe
        self._is_well = is_well
        self._failures = 0 if is_well else self._failures + 1
        self._probes_failed = 0 if is_well else self._probes_failed + is_probe
        is_broken = self._failures >= self._limit
        self._probe_at = self._time() + self._cool_down_s if is_broken else None
