"""The composed services as processes on this computer: there is no container engine.

The services of `compose.yaml` run with their own command, entry point, variables and
health check, in the order of `depends_on` and with its waits. Otherwise than in
containers: folders stand for the volumes, ports are free ones, all share one network
and user, and PostgreSQL is the tests' own server.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests import forked

ROOT = Path(__file__).parent.parent
ENDS_WITHIN_S = 60
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
_READY = re.compile(r"listening: http://127\.0\.0\.1:(\d+)")


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """Put *variables* into a text as Docker Compose does."""

    def value(found: re.Match[str]) -> str:
        name, kind, other = found.groups()
        if variables.get(name):
            return variables[name]
        if kind == "?":
            raise ValueError(other)
        return other or ""

    return _VARIABLE.sub(value, text)


@dataclass
class Composition:
    """What runs of `compose.yaml`.

    Attributes:
        folder: Holds a folder for each volume.
        image: The image's entry point and variables.
        database_url: Stands for the composed database.
        variables: What whoever starts it has set.
    """

    folder: Path
    entry: Sequence[str]
    image: Mapping[str, str]
    database_url: str
    variables: Mapping[str, str]
    ports: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    @cached_property
    def services(self) -> dict[str, dict[str, Any]]:
        text = (ROOT / "compose.yaml").read_text("utf-8")
        services: dict[str, dict[str, Any]] = yaml.safe_load(
            interpolated(text, self.variables)
        )["services"]
        return services

    def start(self) -> None:
        """Start all services, each once those that it waits for are as it wants."""
        waiting = [name for name in self.services if name != "database"]
        while waiting:
            free = [n for n in waiting if not set(self._needs(n)) & set(waiting)]
            assert free, f"nothing can start: {waiting}"
            for name in free:
                self._start_one(name)
                waiting.remove(name)

    def stop(self) -> None:
        """Stop all that runs, those first that were started last."""
        for process in reversed(self.running.values()):
            process.terminate()
            process.communicate(timeout=ENDS_WITHIN_S)
        self.running.clear()

    def run(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Do what `docker compose run` or `exec` does: a command of a service."""
        return forked.run(
            [*self._entry(name), *words],
            cwd=self.data(name),
            env=self.environment(name),
            text=True,
            timeout=ENDS_WITHIN_S,
        )

    def run_once(self, name: str) -> str:
        """Run a service that ends by itself, to its good end; return what it says."""
        done = self.run(name, *self._command(name))
        assert done.returncode == 0, (name, done.stdout, done.stderr)
        return done.stdout

    def data(self, name: str) -> Path:
        """Return what a service calls /data; it is made if need be."""
        (volume,) = self.services[name]["volumes"]
        place = self.folder / str(volume).partition(":")[0]
        place.mkdir(exist_ok=True)
        return place

    def environment(self, name: str) -> dict[str, str]:
        """Return the variables that a service sees: nothing of ours."""
        given = {**self.image, **self.services[name].get("environment", {})}
        values = {key: self._here(name, str(value)) for key, value in given.items()}
        if "OCOP_SYNC_DATABASE__URL" in self.services[name].get("environment", {}):
            values["OCOP_SYNC_DATABASE__URL"] = self.database_url
        # Others on this computer may serve at the port of the settings.
        values |= {"OCOP_SYNC_SERVE__PORT": "0", "OCOP_SYNC_METRICS__PORT": "0"}
        programs = f"{Path(sys.executable).parent}:{os.defpath}"
        return {**values, "PATH": programs, "LC_ALL": "C.UTF-8"}

    def lines(self, name: str, word: str) -> str:
        """Read what a service says until a line has *word*; return those lines."""
        stream = self.running[name].stderr
        assert stream is not None
        read = []
        for line in stream:
            read.append(line)
            if word in line:
                return "".join(read)
        raise AssertionError("".join(read))

    def _needs(self, name: str) -> Mapping[str, Any]:
        needs: Mapping[str, Any] = self.services[name].get("depends_on", {})
        return {each: how for each, how in needs.items() if each != "database"}

    def _start_one(self, name: str) -> None:
        for other, how in self._needs(name).items():
            if how["condition"] == "service_healthy":
                self.ensure_healthy(other)
        if self.services[name]["restart"].startswith("on-failure"):
            self.said[name] = self.run_once(name)
            return
        command = self._command(name)
        if "--port" in command:  # any free one: which, it says itself
            place = command.index("--port") + 1
            wanted, command[place] = command[place], self.ports.get(name, "0")
        self.running[name] = forked.Popen(
            [*self._entry(name), *command],
            cwd=self.data(name),
            env=self.environment(name),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if "--port" in command:
            self.ports[wanted] = self._port(name)

    def _port(self, name: str) -> str:
        stream = self.running[name].stdout
        assert stream is not None
        said = ""
        for line in stream:
            said += line
            if found := _READY.search(line):
                self.said[name] = said
                return found[1]
        assert self.running[name].stderr is not None
        raise AssertionError(said + self.running[name].stderr.read())  # type: ignore[union-attr]

    def ensure_healthy(self, name: str) -> None:
        """Ask a service how it is by its own health check."""
        (kind, *check) = self.services[name]["healthcheck"]["test"]
        assert kind == "CMD"
        words = [self._here(name, word) for word in check]
        done = forked.run(
            words,
            env=self.environment(name),
            cwd=self.data(name),
            timeout=ENDS_WITHIN_S,
        )
        assert done.returncode == 0, (name, done.stdout, done.stderr)

    def _command(self, name: str) -> list[str]:
        return [self._here(name, word) for word in self.services[name]["command"]]

    def _entry(self, name: str) -> list[str]:
        return list(self.services[name].get("entrypoint", self.entry))

    def _here(self, name: str, text: str) -> str:
        """Put this computer's folder and ports in the place of the container's."""
        text = re.sub(r"/data\b", str(self.data(name)), text)
        for wanted, port in self.ports.items():
            text = text.replace(wanted, port)
        return text


@contextmanager
def composed(
    folder: Path,
    image: Mapping[str, str],
    entry: Sequence[str],
    database_url: str,
    **variables: str,
) -> Iterator[Composition]:
    """Prepare the composed services; all that runs at the end is stopped."""
    composition = Composition(folder, entry, image, database_url, variables)
    try:
        yield composition
    finally:
        for process in composition.running.values():
            process.kill()
            process.communicate()


def listed_at(status: str) -> dict[str, int]:
    """Return how many products `status --json` calls listed, by marketplace."""
    return {
        name: counts["listed"]
        for name, counts in json.loads(status)["marketplaces"].items()
    }
