"""`docker compose up`, as processes: something is on sale without anybody's doing."""

import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.composition import composed, listed_at
from tests.postgres import NoServerError, running_server
from tests.test_dockerfile import ENVIRONMENT, FINAL

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Life:
    """What came of it, from `up` to `down`.

    Attributes:
        said: What one-off services and mocks said, by name.
        log: What the worker wrote until it had synced.
        status: What `status --json` says then.
        again: The same of one-off services when they are started once more.
        catalog: What `export` writes after that.
    """

    said: dict[str, str]
    log: str
    ready: int
    status: str
    again: dict[str, str]
    catalog: str


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    try:
        with running_server() as server, server.empty_database() as url:
            yield live(tmp_path_factory, url)
    except NoServerError as error:
        pytest.skip(str(error))


def live(tmp_path_factory: pytest.TempPathFactory, url: str) -> Life:
    entry = json.loads(FINAL["ENTRYPOINT"])
    folder = tmp_path_factory.mktemp("compose")
    with composed(
        folder,
        ENVIRONMENT,
        entry,
        url,
        OCOP_POSTGRES_PASSWORD="x",  # noqa: S106
    ) as services:
        services.start()
        log = services.lines("service", "synced")
        (url,) = re.findall(r'"message": "serving".*?"url": "([^"]+)"', log)
        with urllib.request.urlopen(f"{url}/health/ready") as told:  # noqa: S310 (loopback)
            ready = told.status
        said = dict(services.said)
        status = services.run("service", "status", "--json").stdout
        again = {name: services.run_once(name) for name in ("upgrade", "catalog")}
        catalog = services.run("service", "export", "-").stdout
        services.stop()
    return Life(
        said=said,
        log=log,
        ready=ready,
        status=status,
        again=again,
        catalog=catalog,
    )


def test_products_are_on_sale_at_both_marketplaces_after_the_first_sync(
    life: Life,
) -> None:
    listed = listed_at(life.status)

    assert set(listed) == {"postmart", "voso"}
    assert min(listed.values()) >= 5, life.log
    assert "Traceback" not in life.log


def test_the_shops_of_the_accounts_are_opened_and_said_to_be_simulated(
    life: Life,
) -> None:
    assert "3 SIMULATED accounts are open" in life.said["voso"]
    assert '"simulated": true' in life.status
    assert '"stopped": []' in life.log


def test_the_api_is_ready(life: Life) -> None:
    assert life.ready == 200


def test_no_product_waits_for_an_account(life: Life) -> None:
    """Accounts and catalog fit each other: their producers are the same."""
    assert "no_account" not in life.status


def test_a_second_start_changes_nothing_in_the_catalog(life: Life) -> None:
    assert life.again["catalog"] == ""
    assert "nothing to do" in life.again["upgrade"]
    assert "MAU-00024" in life.catalog
    assert "MAU-CS-0004" not in life.catalog
