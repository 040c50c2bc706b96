"""The demonstration, as `make demo` leaves it: made once, and opened in copies.

To make it takes a quarter of a minute of processor time. All workers of a run of tests
share one: whoever comes first makes it, and the others wait.
"""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from ocop_sync.bootstrap import open_deployment
from ocop_sync.cli.demo.accounts import Vault
from ocop_sync.cli.demo.folder import Folder
from ocop_sync.cli.worker import sync_regularly
from ocop_sync.requested_runs import RequestedRuns, carrying_out
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.settings import load_settings
from ocop_sync.testing.mocks.mock import mocked_adapters, open_mock
from ocop_sync.worker import Wake
from tests import forked
from tests.e2e.served import serve

QUICK = ("--moderation-s", "0.2")
_FOLLOW_FOR = timedelta(seconds=8)
_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Demonstration:
    """What a demonstration has left that ran to its end.

    Attributes:
        folder: Its folder, in which nothing may be changed.
        run: How it ended, and what it printed.
    """

    folder: Path
    run: subprocess.CompletedProcess[str]


def demonstrated(factory: pytest.TempPathFactory) -> Demonstration:
    """Return the one demonstration of this run of tests, with all its products."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    place = shared / "demonstration"
    place.mkdir(exist_ok=True)
    folder, told = place / "new", place / "told.json"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(vars(demonstrate(folder, "--once"))), "utf-8")
    run = subprocess.CompletedProcess[str](**json.loads(told.read_text("utf-8")))
    return Demonstration(folder, run)


def command(folder: Path, *words: str) -> list[str]:
    """Return the command that demonstrates in *folder*."""
    return [
        *(sys.executable, "-m", "ocop_sync", "demo", "--folder", str(folder)),
        *QUICK,
        *words,
    ]


def demonstrate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Demonstrate in *folder*, with the settings of another deployment around."""
    elsewhere = {
        **os.environ,
        "OCOP_SYNC_DATABASE__URL": f"sqlite:///{folder}/real.db",
    }
    return forked.run(command(folder, *words), env=elsewhere, text=True, timeout=600)


def copied(demonstration: Path, to: Path) -> Folder:
    """Copy a demonstration with its settings and secrets."""
    here = Folder(demonstration)
    shutil.copytree(here.path, to)
    place = Folder(to)
    settings = place.settings.read_text("utf-8")
    place.settings.write_text(
        settings.replace(str(here.path), str(place.path)), "utf-8"
    )
    make_secrets_known(place)
    return place


def make_secrets_known(place: Folder) -> None:
    """Put the secrets of a demonstration where its settings read them."""
    vault = Vault(place)
    vault.load()
    vault.save()


@asynccontextmanager
async def reopened(place: Folder) -> AsyncIterator[Deployment]:
    """Open a copy, and its marketplaces, which decide at once, in this process."""
    text = place.settings.read_text("utf-8")
    accounts = tomllib.loads(text)["accounts"]
    was_at = {each["marketplace"]: each["base_url"] for each in accounts}
    with ExitStack() as stack:
        for name in mocked_adapters():
            app = open_mock(name).make_app(data=place.data_of(name), moderation_s=0)
            text = text.replace(was_at[name], stack.enter_context(serve(app)).url)
        place.settings.write_text(text, "utf-8")
        async with open_deployment(load_settings(place.settings)) as deployment:
            yield deployment


@asynccontextmanager
async def at_work(deployment: Deployment) -> AsyncIterator[Callable[[], None]]:
    """Sync what is changed, and carry out runs that are asked for, as `demo` does.

    Yields what tells the workers that something was written.
    """
    wake, asked = Wake(), Wake()
    at = AtWork(deployment=deployment, follow_for=_FOLLOW_FOR)

    def look() -> None:
        wake.ask()
        asked.ask()

    async with carrying_out(RequestedRuns(at, asked), deployment.stop):
        syncing = asyncio.create_task(
            sync_regularly(
                deployment,
                every=_EVERY,
                follow_for=at.follow_for,
                wake=wake,
                turn=at.turn,
            )
        )
        try:
            yield look
        finally:
            deployment.stop.ask("hết kiểm thử / the tests are over")
            await syncing
