"""Accounts of the demonstration, at every marketplace that takes part in it.

There is one at a marketplace that has many sellers in an account, and one for each
producer at the others. Secrets are made up on the first run and kept in one file that
only its owner may read. The settings say where each is kept, as those of a real
deployment do.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from catalog.fiction.generate import TRACE_HOST
from catalog.model.gs1 import KNOWN_HOSTS
from ocop_sync.cli.demo.folder import Folder
from ocop_sync.cli.demo.mocks import RunningMock
from ocop_sync.files import write_text

_PREFIX = "OCOP_DEMO_"


@dataclass(slots=True)
class Vault:
    """The secrets of the demonstration, by environment variable."""

    folder: Folder
    values: dict[str, str] = field(default_factory=dict)

    def load(self) -> None:
        """Read the secrets that were made up before."""
        if self.folder.secrets.exists():
            lines = self.folder.secrets.read_text("utf-8").splitlines()
            self.values = dict(line.split("=", 1) for line in lines if "=" in line)

    def save(self) -> None:
        """Keep the secrets, for their owner alone, and put them where they are read.

        At no time is the file readable for others.
        """
        lines = [f"{name}={value}\n" for name, value in self.values.items()]
        write_text(self.folder.secrets, "".join(lines))
        os.environ.update(self.values)

    def of(self, key: str, name: str, value: str = "") -> str:
        """Return the secret *name* of the account *key*; make it up if need be."""
        made = value or secrets.token_urlsafe(18)
        return self.values.setdefault(variable(key, name), made)


def variable(key: str, name: str) -> str:
    """Return the environment variable that holds a secret."""
    return _PREFIX + re.sub(r"\W", "_", f"{key}_{name}", flags=re.ASCII).upper()


@dataclass(frozen=True, slots=True)
class _Opened:
    """An account that is open: its marketplace, and whose it is; "" for all."""

    marketplace: str
    seller: str

    @property
    def key(self) -> str:
        """Our name of it."""
        parts = (self.marketplace, self.seller)
        return ":".join(filter(None, parts))


async def open_accounts(
    folder: Folder, mocks: Mapping[str, RunningMock], producer_ids: Iterable[str]
) -> None:
    """Open the accounts at all marketplaces, and write settings and secrets."""
    vault = Vault(folder)
    vault.load()
    producers = sorted(producer_ids)
    accounts = [
        _Opened(name, seller)
        for name, running in mocks.items()
        for seller in (producers if running.account_per_seller else [""])
    ]
    for account in accounts:
        await _open(account, mocks[account.marketplace], vault)
    vault.save()
    write_text(folder.settings, _settings(folder, mocks, accounts))


async def _open(account: _Opened, running: RunningMock, vault: Vault) -> None:
    """Open one account with its secrets, unless it is there from the start."""
    named = {"username": f"demo-{account.seller}"}
    signs_in = {
        name: vault.of(account.key, name, value or named.get(name, ""))
        for name, value in running.mock.secrets.items()
    }
    if running.mock.opens_accounts:
        await running.post("shops", code=account.seller, **signs_in)


def _settings(
    folder: Folder, mocks: Mapping[str, RunningMock], accounts: Iterable[_Opened]
) -> str:
    hosts = [*KNOWN_HOSTS, TRACE_HOST]
    parts = [
        "# Written by `ocop-sync demo`, anew on each run. SỐ LIỆU MÔ PHỎNG.",
        f"[database]\nurl = {_text(folder.database_url)}",
        f"[rules]\naccept_published = true\ntrace_hosts = {json.dumps(hosts)}",
        '[log]\nlevel = "INFO"',
        *[_account(each, mocks[each.marketplace]) for each in accounts],
    ]
    return "\n\n".join(parts) + "\n"


def _account(account: _Opened, running: RunningMock) -> str:
    lines = [
        "[[accounts]]",
        f"key = {_text(account.key)}",
        f"marketplace = {_text(account.marketplace)}",
        f"base_url = {_text(running.url)}",
        f"seller_ref = {_text(account.seller)}",
    ]
    lines += [
        f"secrets.{name}.env = {_text(variable(account.key, name))}"
        for name in running.mock.secrets
    ]
    lines += [
        f"options.{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in running.mock.options.items()
    ]
    return "\n".join(lines)


def _text(value: str) -> str:
    """Return *value* as TOML: JSON's strings are strings there, too."""
    return json.dumps(value, ensure_ascii=False)
