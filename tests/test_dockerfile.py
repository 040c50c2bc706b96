"""The image and the composed services, as they are written down.

No container engine is needed: the files are parsed. The running service in a read-only
container is tested elsewhere.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocop_sync.settings import ServeSettings, SyncSettings

ROOT = Path(__file__).parent.parent


def read_stages() -> list[list[tuple[str, str]]]:
    """Read the Dockerfile as stages of (instruction, arguments)."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\\\n\s*", "", text)
    stages: list[list[tuple[str, str]]] = []
    for line in filter(None, text.splitlines()):
        instruction, _, arguments = line.partition(" ")
        if instruction == "FROM":
            stages.append([])
        stages[-1].append((instruction, arguments.strip()))
    return stages


STAGES = read_stages()
FINAL = dict(STAGES[-1])
ENVIRONMENT = dict(pair.split("=", 1) for pair in FINAL["ENV"].split())
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name in SERVICES if name != "database"]


def test_the_image_is_made_in_two_stages() -> None:
    images = [dict(stage)["FROM"] for stage in STAGES]

    assert images == ["python:3.13-slim AS build", "python:3.13-slim"]


def test_the_second_stage_takes_the_environment_and_nothing_else() -> None:
    copied = [arguments for word, arguments in STAGES[-1] if word in {"COPY", "ADD"}]

    assert copied == ["--from=build /opt/venv /opt/venv"]


def test_what_is_installed_is_pinned() -> None:
    installs = [args for word, args in STAGES[0] if word == "RUN" and "pip" in args]

    assert installs
    assert all("-c constraints.txt" in arguments for arguments in installs)


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    user, _, group = FINAL["USER"].partition(":")

    assert int(user) >= 10000
    assert int(group) >= 10000


def test_only_the_data_folder_is_written_to() -> None:
    written = {ENVIRONMENT["HOME"], ENVIRONMENT["TMPDIR"], FINAL["WORKDIR"]}

    assert FINAL["VOLUME"] == "/data"
    assert written == {"/data"}
    assert ENVIRONMENT["OCOP_SYNC_DATABASE__URL"] == "sqlite:////data/ocop.db"
    assert ENVIRONMENT["PYTHONDONTWRITEBYTECODE"] == "1"


def test_the_image_starts_the_api_and_the_worker() -> None:
    command = json.loads(FINAL["ENTRYPOINT"]) + json.loads(FINAL["CMD"])

    assert command == ["ocop-sync", "serve", "--every", "60s"]


def test_the_image_tells_whether_it_is_healthy() -> None:
    _, _, check = FINAL["HEALTHCHECK"].partition("CMD ")

    assert json.loads(check) == ["ocop-sync", "health", "--api"]


def test_the_composition_holds_the_service_two_mocks_and_a_database() -> None:
    mocks = {
        s["command"][1] for s in SERVICES.values() if "mock" in s.get("command", ())
    }

    assert mocks == {"postmart", "voso"}
    assert SERVICES["service"]["command"] == ["serve", "--every", "60s"]
    assert SERVICES["database"]["image"] == "postgres:18"


@pytest.mark.parametrize("name", SERVICES)
def test_a_composed_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service
    assert service.get("user", "10001").split(":")[0] not in {"root", "0"}


@pytest.mark.parametrize("name", OURS)
def test_our_composed_services_write_to_the_data_folder_only(name: str) -> None:
    targets = [volume.partition(":")[2] for volume in SERVICES[name]["volumes"]]

    assert targets == ["/data"]
    assert "tmpfs" not in SERVICES[name]


def test_the_mocks_are_reached_on_the_loopback() -> None:
    shared = {SERVICES[name].get("network_mode") for name in ("service", "voso")}
    commands = [SERVICES[name]["command"] for name in ("postmart", "voso")]

    assert shared == {"service:postmart"}
    assert all("127.0.0.1" in command for command in commands)


@pytest.mark.parametrize("name", ["database", "postmart", "voso"])
def test_what_the_service_waits_for_tells_whether_it_is_healthy(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_no_password_is_written_down() -> None:
    variables = {
        key: value
        for service in SERVICES.values()
        for key, value in service.get("environment", {}).items()
        if "PASSWORD" in key
    }

    assert variables
    assert all(value.startswith("${OCOP_") for value in variables.values())


def test_every_credential_that_is_written_down_says_that_it_is_simulated() -> None:
    accounts = json.loads(SERVICES["service"]["environment"]["OCOP_SYNC_ACCOUNTS"])
    named = [source["env"] for each in accounts for source in each["secrets"].values()]

    assert len(named) == len(set(named)) == 11
    assert all(name.startswith("SIMULATED_") for name in named)
    assert set(named) <= set(SERVICES["service"]["environment"])
    assert set(named) <= set(SERVICES["voso"]["environment"])
    assert all("127.0.0.1" in each["base_url"] for each in accounts)


def test_the_service_is_left_the_time_that_it_may_take_to_stop() -> None:
    grace = COMPOSE["services"]["service"]["stop_grace_period"]

    limits = SyncSettings().stop_within_s, ServeSettings().stop_within_s
    assert float(grace.removesuffix("s")) > max(limits)


@pytest.mark.parametrize("name", SERVICES)
def test_the_log_of_a_composed_service_does_not_fill_the_disk(name: str) -> None:
    assert set(SERVICES[name]["logging"]["options"]) == {"max-size", "max-file"}


def test_the_image_names_the_port_of_the_api() -> None:
    assert int(FINAL["EXPOSE"]) == ServeSettings().port
