"""Accounts of the demonstration: one at Postmart, one for each producer at Voso.

Secrets are made up on the first run and kept in one file that only its owner
may read. The settings say where each is kept, as those of a real deployment do.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adapters.postmart.mock.app import CLIENT_ID, CLIENT_SECRET
from catalog.fiction.generate import TRACE_HOST
from catalog.gs1 import KNOWN_HOSTS
from ocop_sync.cli.demo.folder import Folder
from ocop_sync.cli.demo.mocks import Mock
from ocop_sync.files import write_text

_PREFIX = "OCOP_DEMO_"
_OF_POSTMART = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


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


async def open_accounts(
    folder: Folder, mocks: Mapping[str, Mock], producer_ids: Iterable[str]
) -> None:
    """Open the accounts at both marketplaces, and write settings and secrets."""
    vault = Vault(folder)
    vault.load()
    producers = sorted(producer_ids)
    for name, value in _OF_POSTMART.items():
        vault.of("postmart", name, value)
    for code in producers:
        key = _key(code)
        await mocks["voso"].post(
            "shops",
            code=code,
            username=vault.of(key, "username", f"demo-{code}"),
            password=vault.of(key, "password"),
            secret=vault.of(key, "secret"),
        )
    vault.save()
    write_text(folder.settings, _settings(folder, mocks, producers))


def _key(producer_id: str) -> str:
    return f"voso:{producer_id}"


def _settings(
    folder: Folder, mocks: Mapping[str, Mock], producers: Iterable[str]
) -> str:
    hosts = [*KNOWN_HOSTS, TRACE_HOST]
    parts = [
        "# Written by `ocop-sync demo`, anew on each run. SỐ LIỆU MÔ PHỎNG.",
        f"[database]\nurl = {_text(folder.database_url)}",
        f"[rules]\naccept_published = true\ntrace_hosts = {json.dumps(hosts)}",
        '[log]\nlevel = "INFO"',
        _account("postmart", "postmart", mocks, "", tuple(_OF_POSTMART)),
    ]
    names = ("username", "password", "secret")
    parts += [_account(_key(code), "voso", mocks, code, names) for code in producers]
    return "\n\n".join(parts) + "\n"


def _account(
    key: str,
    marketplace: str,
    mocks: Mapping[str, Mock],
    seller_ref: str,
    names: Iterable[str],
) -> str:
    lines = [
        "[[accounts]]",
        f"key = {_text(key)}",
        f"marketplace = {_text(marketplace)}",
        f"base_url = {_text(mocks[marketplace].url)}",
        f"seller_ref = {_text(seller_ref)}",
    ]
    lines += [f"secrets.{n}.env = {_text(variable(key, n))}" for n in names]
    return "\n".join(lines)


def _text(value: str) -> str:
    """Return *value* as TOML: JSON's strings are strings there, too."""
    return json.dumps(value, ensure_ascii=False)
