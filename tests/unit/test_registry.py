"""Which adapters are found, which are refused, and the checks of opening one.

The entry points here are made by hand; that the installed ones load is tested
with the adapters.
"""

import re
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest
from aiohttp import web

from ocop_sync.errors import AuthenticationError, ConfigurationError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import Facet
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.marketplace.registry import (
    GROUP,
    MOCKS,
    available,
    mock_names,
    open_marketplace,
    unusable,
)
from ocop_sync.testing.memory import InMemoryMarketplace, offline_context
from ocop_sync.testing.mocks.mock import Mock, open_mock
from tests.simple_marketplace import SimpleMarketplace


class Good(InMemoryMarketplace):
    name = "good"


class Real(Good.having(simulated=False)):  # type: ignore[misc] # made at run time
    name = "real"


class OfLastYear(InMemoryMarketplace):
    name = "old"
    port_version = 0


class Misnamed(InMemoryMarketplace):
    name = "another"


class Unable(InMemoryMarketplace):
    name = "unable"
    capabilities = None  # type: ignore[assignment] # what is refused


class Unmapped(InMemoryMarketplace):
    name = "unmapped"
    mapping = None  # type: ignore[assignment] # what is refused


class Unfinished(Marketplace):
    name = "unfinished"
    port_version = Good.port_version


class Versionless(Marketplace):
    name = "versionless"


class Promising(SimpleMarketplace):
    name = "promising"
    capabilities = replace(
        SimpleMarketplace.capabilities, has_search=True, facets=frozenset(Facet)
    )


class Telling(SimpleMarketplace):
    name = "telling"
    capabilities = replace(SimpleMarketplace.capabilities, tells_sales=True)


class Optioned(SimpleMarketplace):
    name = "optioned"
    options_model = dict  # type: ignore[assignment] # what is refused


class Outsider:
    name = "outsider"


def __getattr__(name: str) -> object:
    """Fail as the code of an adapter may when it is loaded, with any error."""
    if name == "Faulty":
        message = "hỏng"
        raise ValueError(message)
    raise AttributeError(name)


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def here(name: str, attribute: str) -> EntryPoint:
    return point(name, f"{__name__}:{attribute}")


GOOD = here("good", "Good")


def account(marketplace: str, base_url: str = "http://127.0.0.1:9101") -> Account:
    return Account(key="so-1", marketplace=marketplace, base_url=base_url)


def test_what_is_installed_is_found_by_name_in_order() -> None:
    found = available([here("real", "Real"), GOOD])

    assert list(found.items()) == [("good", Good), ("real", Real)]


def test_the_same_entry_point_seen_twice_is_one() -> None:
    assert list(available([GOOD, GOOD])) == ["good"]


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([here("old", "OfLastYear")], "port version 0, not 1"),
        ([here("versionless", "Versionless")], "port version None"),
        ([here("misnamed", "Misnamed")], "calls itself another"),
        ([here("unfinished", "Unfinished")], "lacks .*create"),
        ([here("unable", "Unable")], "lacks capabilities"),
        ([here("unmapped", "Unmapped")], "lacks mapping"),
        ([here("promising", "Promising")], "lacks find, set_stars, which its"),
        ([here("telling", "Telling")], "tells_sales, but has no events"),
        ([here("optioned", "Optioned")], "options_model is no pydantic model"),
        ([here("outsider", "Outsider")], "no class of Marketplace"),
        ([here("function", "account")], "no class of Marketplace"),
        ([here("missing", "Missing")], "cannot be loaded"),
        ([point("gone", "khong_co_mo_dun:Lop")], "cannot be loaded"),
        ([here("faulty", "Faulty")], "cannot be loaded .ValueError: hỏng"),
        ([GOOD, here("good", "Real")], "taken twice"),
    ],
    ids=lambda value: value[-1].name if isinstance(value, list) else "",
)
def test_an_adapter_that_does_not_fit_is_named_and_stops_no_other(
    points: list[EntryPoint], words: str
) -> None:
    name, other = points[-1].name, here("real", "Real")

    why = unusable([*points, other])[name]

    assert list(available([*points, other])) == ["real"]
    assert re.search(words, why)
    assert name in why
    with pytest.raises(ConfigurationError, match=words):
        open_marketplace(account(name), offline_context(), points)


def test_the_least_that_works_is_an_adapter() -> None:
    point = EntryPoint("simple", "tests.simple_marketplace:SimpleMarketplace", GROUP)

    assert available([point]) == {"simple": SimpleMarketplace}


async def test_what_a_marketplace_has_no_place_for_is_left_out_of_its_adapter() -> None:
    market = SimpleMarketplace(account("simple"))

    with pytest.raises(NotImplementedError):
        await market.find(client_refs=["SP-00001"])
    with pytest.raises(AuthenticationError):
        market.verify_push("http://localhost", {}, b"")


async def test_an_account_opens_the_adapter_that_it_names() -> None:
    context = offline_context()
    market = open_marketplace(account("good"), context, [GOOD])

    assert type(market) is Good
    assert (market.account, market.context) == (account("good"), context)


async def test_one_broken_adapter_does_not_stop_the_others() -> None:
    points = [GOOD, point("gone", "khong_co_mo_dun:Lop")]

    assert open_marketplace(account("good"), offline_context(), points).name == "good"


async def test_an_unknown_marketplace_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"so-1.*'shopee'.*good"):
        open_marketplace(account("shopee"), offline_context(), [GOOD])


@pytest.mark.parametrize(
    "base_url", ["https://api.example", "http://10.0.0.7:80", "http://127.0.0.1@a.vn"]
)
async def test_a_simulated_marketplace_is_called_on_this_computer_only(
    base_url: str,
) -> None:
    with pytest.raises(ConfigurationError, match=r"so-1.*mô phỏng"):
        open_marketplace(account("good", base_url), offline_context(), [GOOD])


async def test_a_real_marketplace_is_called_where_it_is() -> None:
    points = [here("real", "Real")]
    market = open_marketplace(
        account("real", "https://api.example"), offline_context(), points
    )

    assert market.account.base_url == "https://api.example"


MOCK = Mock(
    make_app=lambda **_: web.Application(),
    secrets={"user": "", "key": "mau"},
    writes=["save"],
    creates="save",
    rating="rating",
)


def mock_here(name: str, attribute: str) -> EntryPoint:
    return EntryPoint(name, f"{__name__}:{attribute}", MOCKS)


def test_a_mock_is_found_by_the_name_of_its_marketplace_without_being_loaded() -> None:
    points = [mock_here("good", "MOCK"), mock_here("broken", "Missing")]

    assert mock_names(points) == ["broken", "good"]
    assert open_mock("good", points) is MOCK


def test_accounts_are_opened_where_a_secret_may_be_chosen() -> None:
    assert MOCK.opens_accounts
    assert not replace(MOCK, secrets={"key": "mau"}).opens_accounts


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "good: .* no mock of it"),
        ([mock_here("good", "Missing")], "good: cannot be loaded"),
        ([mock_here("good", "Good")], "mock of good is no Mock"),
        ([mock_here("good", "MOCK"), mock_here("good", "Good")], "taken twice"),
    ],
    ids=["none", "missing", "no mock", "two"],
)
def test_a_mock_that_cannot_be_used_is_named(
    points: list[EntryPoint], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        open_mock("good", points)
