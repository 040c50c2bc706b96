"""Where metrics may be asked for."""

import pytest
from pydantic import ValidationError

from ocop_sync.settings import MetricsSettings


def test_metrics_are_told_nowhere_unless_a_port_is_set() -> None:
    assert MetricsSettings().port is None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_this_computer_may_ask_for_metrics(host: str) -> None:
    assert MetricsSettings(port=9464, host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "may.example"])  # noqa: S104
def test_an_address_for_others_is_refused_unless_it_is_meant(host: str) -> None:
    with pytest.raises(ValidationError, match=r"metrics\.open_to_others"):
        MetricsSettings(port=9464, host=host)

    assert MetricsSettings(port=9464, host=host, open_to_others=True).host == host
