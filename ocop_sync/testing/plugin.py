"""The pytest plugin: each check is a test, and the outcomes make one page.

pytest finds it by its entry point. `--conformance-page FILE` writes the page, for each
adapter that was tried; without it a line for each is shown. The checks are imported
only where a test asks for one.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_NOTE = "conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the page."""
    parser.getgroup("ocop-sync").addoption(
        "--conformance-page",
        metavar="FILE",
        help="write what the conformance kit has proved of adapters to FILE (Markdown)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect the outcomes of all tests, of all processes."""
    config.pluginmanager.register(_Pages(config), "ocop_sync.conformance_pages")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each check."""
    if "conformance_check" in metafunc.fixturenames:
        from ocop_sync.testing.kit.checks import CHECKS  # noqa: PLC0415 - only where asked for

        metafunc.parametrize(
            "conformance_check", CHECKS, ids=[each.name for each in CHECKS]
        )


@pytest.fixture
def conformance_note(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Callable[[Any, Any], None]:
    """Return what notes an outcome, and skips or fails the test."""

    def note(check: Any, outcome: Any) -> None:
        from ocop_sync.testing.kit.page import claims_of  # noqa: PLC0415 - as above

        shop = request.cls.shop
        who = f"{shop.adapter.name} ({shop.__name__})", claims_of(shop.adapter)
        asked = ", ".join(check.needs), check.name, check.promise
        record_property(_NOTE, [*who, *asked, str(outcome.verdict), outcome.words])
        if outcome.verdict == "skipped":
            pytest.skip(outcome.words)
        if outcome.verdict == "failed":
            pytest.fail(f"{check.promise}\n{outcome.words}", pytrace=False)

    return note


class _Pages:
    """Keeps the outcomes until the end, and writes them down."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._told: list[tuple[str, ...]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note an outcome, also one of another process."""
        if report.when == "call":
            for name, told in report.user_properties:
                if name == _NOTE and isinstance(told, list | tuple):
                    self._told.append(tuple(map(str, told)))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the page, and show a line for each adapter."""
        if not self._told:
            return
        from ocop_sync.clock import system_clock  # noqa: PLC0415 - as above
        from ocop_sync.files import write_whole  # noqa: PLC0415 - as above
        from ocop_sync.testing.kit.checks import CHECKS  # noqa: PLC0415 - as above
        from ocop_sync.testing.kit.page import line, page, rows_by_adapter  # noqa: PLC0415

        file = self._config.getoption("--conformance-page")
        order = [each.name for each in CHECKS]
        self._told.sort(key=lambda told: order.index(told[3]))
        tried = rows_by_adapter(self._told)
        terminalreporter.section("conformance of adapters")
        for name, rows in tried.items():
            terminalreporter.write_line(line(name, rows))
        if file:
            day = f"{system_clock():%Y-%m-%d}"
            text = "\n".join(page(name, rows, day) for name, rows in tried.items())
            with write_whole(Path(file)) as target:
                target.write(text.encode())
            terminalreporter.write_line(f"written: {file}")
