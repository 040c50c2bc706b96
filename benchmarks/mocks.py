"""Mock marketplaces as processes of their own, and accounts at them.

They are those that the registry finds; no benchmark names one.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocop_sync.testing.mocks.mock import mocked_adapters, open_mock


@dataclass(frozen=True, slots=True)
class MockAccount:
    """An account that is open at a mock.

    Attributes:
        marketplace: The marketplace.
        seller: Whose it is; "" for all producers.
        secrets: The secrets that it signs in with, by name.
    """

    marketplace: str
    seller: str
    secrets: Mapping[str, str]

    @property
    def key(self) -> str:
        """Our name of the account."""
        return ":".join(filter(None, (self.marketplace, self.seller)))


@contextmanager
def mock(name: str, *more: str) -> Iterator[str]:
    """Run a mock marketplace, with *more* arguments; yield its address."""
    words = ["mock", name, "--moderation-s", "0", *more]
    command = [sys.executable, "-m", "ocop_sync", *words]
    with subprocess.Popen(  # noqa: S603  (this very service)
        command, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101  (it is a pipe)
            for line in process.stdout:
                if "listening:" in line:
                    yield line.split("listening:")[1].split()[0]
                    break
        finally:
            process.terminate()


@contextmanager
def mocks(options: Callable[[str], Sequence[str]]) -> Iterator[dict[str, str]]:
    """Run every mock with its *options*; yield their addresses by name."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(mock(name, *options(name)))
            for name in mocked_adapters()
        }


def ask(url: str, page: str, **body: object) -> Any:
    """Get a page under /_mock/, or post to it if there is a body."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"{url}/_mock/{page}", data)  # noqa: S310  (the loopback)
    with urllib.request.urlopen(request) as answer:  # noqa: S310  (the loopback)
        return json.load(answer)


def accounts_of(names: Iterable[str], producers: Sequence[str]) -> list[MockAccount]:
    """Return every account that *producers* need at the marketplaces *names*."""
    adapters = mocked_adapters()
    return [
        MockAccount(name, seller, _secrets(name, seller))
        for name in names
        for seller in (
            producers if adapters[name].capabilities.account_per_seller else [""]
        )
    ]


def open_accounts(
    urls: Mapping[str, str], producers: Sequence[str]
) -> list[MockAccount]:
    """Open every account that *producers* need at the mocks that run at *urls*."""
    accounts = accounts_of(urls, producers)
    for account in accounts:
        if open_mock(account.marketplace).opens_accounts:
            url = urls[account.marketplace]
            ask(url, "shops", code=account.seller, **account.secrets)
    return accounts


def write_settings(
    path: Path,
    database: str,
    urls: Mapping[str, str],
    accounts: Iterable[MockAccount],
    more: str = "",
) -> dict[str, str]:
    """Write the settings of *accounts*, each with *more* lines.

    Returns:
        The environment with their secrets.
    """
    environment: dict[str, str] = {}
    parts = [f'database.url = "{database}"', 'log.level = "ERROR"']
    for number, account in enumerate(accounts):
        parts.append(
            f'[[accounts]]\nkey = "{account.key}"\n'
            f'marketplace = "{account.marketplace}"\n'
            f'base_url = "{urls[account.marketplace]}"\n'
            f'seller_ref = "{account.seller}"\n{more}'
        )
        for name, value in account.secrets.items():
            variable = f"BENCHMARK_{number}_{name}".upper()
            environment[variable] = value
            parts.append(f'secrets.{name}.env = "{variable}"')
    path.write_text("\n".join(parts), "utf-8")
    return environment


def _secrets(name: str, seller: str) -> dict[str, str]:
    """Return the secrets of an account: those that the mock names, or chosen here."""
    given = open_mock(name).secrets
    return {each: value or f"{each}-{seller}" for each, value in given.items()}
