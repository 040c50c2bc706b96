"""The alerts for Prometheus name metrics, labels and commands that there are.

Where `promtool` is installed (Debian: prometheus), it checks the file as well, and
tries when alerts fire (`tests/data/alerts.test.yml`).
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocop_sync.cli import main
from ocop_sync.metrics.names import COUNTERS, GAUGES, PREFIX
from ocop_sync.metrics.of_process import ProcessMetrics
from ocop_sync.metrics.of_worker import of_worker

ROOT = Path(__file__).parent.parent
FILE = ROOT / "docs" / "prometheus" / "ocop-sync.rules.yml"
FIRINGS = ROOT / "tests" / "data" / "alerts.test.yml"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load(FILE.read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
ENDINGS = {"histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def of_process() -> set[str]:
    """Return the families that a process counts by itself."""
    process = ProcessMetrics()
    found = [*process.registry.collect(), *of_worker(process)]
    names = {each.name for each in found if each.name.startswith(PREFIX)}
    # The library's own of a process, of the worker's, are told of together.
    return {each for each in names if "_process_" not in each}


def series() -> set[str]:
    """Return the name of every series of ours that can be asked for."""
    found = {PREFIX + name for name in GAUGES}
    found |= {f"{PREFIX}{name}_total" for name in COUNTERS}
    return found | {each + end for each in of_process() for end in ENDINGS["histogram"]}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_names_metrics_that_there_are_and_says_what_to_do(
    rule: dict[str, Any],
) -> None:
    named = set(re.findall(rf"\b{PREFIX}\w+", rule["expr"]))

    assert named <= series()
    assert named or rule["expr"].startswith("up{")
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert " / " in rule["annotations"]["summary"]
    commands = re.findall(r"ocop-sync ([a-z]+)", rule["annotations"]["description"])
    assert set(commands) <= set(main.commands)


def test_an_alert_shows_only_labels_that_its_metrics_have() -> None:
    labels = {f"{PREFIX}{name}": keys for name, (_, keys) in GAUGES.items()}
    for rule in RULES:
        shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        kept = {
            key
            for keys in re.findall(r"by \(([^)]+)\)", rule["expr"])
            for key in re.split(r",\s*", keys)
        }
        known = {
            key
            for name in re.findall(rf"\b{PREFIX}\w+", rule["expr"])
            for key in labels.get(name, ())
        }

        assert shown <= (kept or known) | {"instance"}, rule["alert"]


def test_each_trouble_that_must_be_told_has_an_alert() -> None:
    named = " ".join(rule["expr"] for rule in RULES)

    for metric in (
        *("account_good_run_timestamp_seconds", "claims_ended_shown", "held_group"),
        *("account_failing_since_timestamp_seconds", "event_loop_lag_seconds"),
        *("http_request_duration_seconds", "claims_ending", "change_outcomes_total"),
        *("worker_heartbeat_timestamp_seconds", "worker_event_loop_lag_seconds"),
        *("schedule_due_timestamp_seconds", "schedule_failing_runs"),
    ):
        assert PREFIX + metric in named


def test_every_metric_is_documented_and_no_other() -> None:
    documented = re.findall(rf"^\| `({PREFIX}\w+)`", OPERATIONS, re.MULTILINE)

    there = {PREFIX + name for name in GAUGES} | of_process()
    assert set(documented) == there | {f"{PREFIX}{name}_total" for name in COUNTERS}


def test_prometheus_itself_takes_the_rules() -> None:
    """It says so where its own tool is there; elsewhere the form alone is looked at."""
    assert all({"alert", "expr", "labels", "annotations"} <= set(r) for r in RULES)
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    if (promtool := shutil.which("promtool")) is not None:
        for word, file in (("check", FILE), ("test", FIRINGS)):
            checked = subprocess.run(
                [promtool, word, "rules", str(file)],
                capture_output=True,
                check=False,
                text=True,
            )
            assert checked.returncode == 0, checked.stdout + checked.stderr


def test_what_is_to_fire_in_a_trial_is_an_alert_that_there_is() -> None:
    named = re.findall(r'alertname="(\w+)"', FIRINGS.read_text("utf-8"))

    assert named
    assert set(named) <= {rule["alert"] for rule in RULES}
