"""The interface of a mock for whoever starts it: the command, the demo, a test.

A marketplace ships its mock under its own name in the entry point group
`ocop_sync.mocks`. That is all that its users know of it: they start it, open
accounts as a person would, and ask for the pages of `docs/mocks/control.md`. How
its API looks stays between the mock and its adapter.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Protocol

from aiohttp import web

from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.marketplace.registry import available, load_mock, mock_names
from ocop_sync.testing.mocks.clock import MockClock


class MakeApp(Protocol):
    """Make the application of a mock; it may take more arguments than these."""

    def __call__(
        self,
        *,
        data: Path | None = None,
        seed: int | None = 1,
        clock: MockClock | None = None,
        moderation_s: float = 2.0,
        quota_per_s: float | None = None,
        check_pictures: bool = False,
    ) -> web.Application:
        """Return the application.

        Args:
            data: File that keeps its state; None keeps it in memory.
            seed: Of the listings made by hand that an empty marketplace starts
                with; None starts it without any.
            clock: Its present; the computer's if not given.
            moderation_s: Seconds that a review takes; infinite if only
                `/_mock/approve` and `/_mock/refuse` end reviews.
            quota_per_s: Calls a second that it takes; None for any number.
            check_pictures: Fetch pictures, from this computer only, and refuse those
                that are missing or too small; else every address is believed.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Mock:
    """The mock of one marketplace.

    Attributes:
        make_app: Makes its application.
        secrets: The secrets with which an account signs in, by the adapter's own names;
            empty where whoever opens the account chooses them.
        writes: Names of the operations that write.
        creates: The one of them that creates listings.
        rating: The name in `/_mock/edit` of the buyers' rating of a listing.
        options: The adapter's own settings of an account, where it needs some.
    """

    make_app: MakeApp
    secrets: Mapping[str, str]
    writes: Collection[str]
    creates: str
    rating: str
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def opens_accounts(self) -> bool:
        """Whether accounts are opened: `POST /_mock/shops {code, each secret}`.

        Where it is not so, an account is there from the start.
        """
        return not all(self.secrets.values())


def mocked_adapters() -> dict[str, type[Marketplace]]:
    """Return the installed adapters whose marketplace ships a mock, sorted by name."""
    named = mock_names()
    return {name: each for name, each in available().items() if name in named}


def open_mock(name: str, points: Iterable[EntryPoint] | None = None) -> Mock:
    """Return the mock that marketplace *name* ships, by *points* or those installed.

    Raises:
        ConfigurationError: There is none, or it cannot be used.
    """
    found = load_mock(name, points)
    if not isinstance(found, Mock):
        message = (
            f"sàn mô phỏng {name}: không phải Mock / the mock of {name} is no Mock"
        )
        raise ConfigurationError(message)
    return found
