"""The guide to deployment names settings, commands and files that there are."""

import re
import tomllib
from pathlib import Path

import pytest

from ocop_sync.cli import main
from ocop_sync.settings import Settings

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "deployment.md").read_text("utf-8")


@pytest.fixture
def shown() -> Settings:
    """The settings that the guide shows."""
    (block,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    return Settings.model_validate(tomllib.loads(block))


def test_the_settings_that_it_shows_are_taken(shown: Settings) -> None:
    assert shown.serve.is_secure
    assert shown.metrics.port == 9464
    assert [str(each) for each in shown.serve.trusted_proxies] == ["127.0.0.1/32"]


def test_prometheus_asks_at_the_port_that_it_shows(shown: Settings) -> None:
    rules = (ROOT / "docs" / "prometheus" / "ocop-sync.rules.yml").read_text("utf-8")

    assert f"{shown.metrics.host}:{shown.metrics.port}" in rules
    assert str(shown.serve.port) in GUIDE


def test_the_settings_that_it_names_are_there() -> None:
    named = re.findall(r"`(serve|metrics|sync|log)\.(\w+)(?: = [^`]+)?`", GUIDE)

    assert named
    for group, key in named:
        model = Settings.model_fields[group].annotation
        assert key in getattr(model, "model_fields"), f"{group}.{key}"  # noqa: B009


def test_the_commands_that_it_names_are_there() -> None:
    named = set(re.findall(r"`ocop-sync ([a-z]+)|`(people|keys) add`", GUIDE))

    assert {first or second for first, second in named} <= set(main.commands)


def test_the_files_that_it_links_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", GUIDE)

    assert links
    assert [each for each in links if not (ROOT / "docs" / each).exists()] == []
