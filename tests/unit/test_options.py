"""An adapter's own settings: read by its model, named where they are wrong."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from ocop_sync.marketplace.options import OptionsError, read_options
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.settings import FILE_VARIABLE, load_settings, setting_path
from tests.simple_marketplace import SimpleMarketplace


class Shipping(BaseModel):
    days: int


class ShopOptions(BaseModel):
    """Options as an adapter author writes them, with pydantic's own defaults."""

    shop_id: int
    region: str = Field(default="Bắc", alias="Region")
    shipping: Shipping = Shipping(days=3)


class Open(ShopOptions):
    model_config = ConfigDict(extra="allow")


def having(model: type[BaseModel] | None) -> type[Marketplace]:
    return type("WithOptions", (SimpleMarketplace,), {"options_model": model})


def problems(model: type[BaseModel] | None, values: dict[str, Any]) -> list[str]:
    with pytest.raises(OptionsError) as raised:
        read_options(having(model), values)
    return [
        f"{'.'.join(map(str, each.path))}: {each.en}" for each in raised.value.problems
    ]


def test_options_are_what_the_model_makes_of_them() -> None:
    values = {"shop_id": 7, "Region": "Nam", "shipping": {"days": 1}}

    options = read_options(having(ShopOptions), values)

    assert isinstance(options, ShopOptions)
    assert (options.shop_id, options.region, options.shipping.days) == (7, "Nam", 1)


def test_an_adapter_without_a_model_takes_none() -> None:
    assert read_options(having(None), {}) is None
    assert problems(None, {"shop_id": 7}) == ["shop_id: no such option"]


def test_all_that_is_wrong_is_named_at_once_and_no_value_is_shown() -> None:
    said = problems(
        ShopOptions, {"shop": 7, "shop_id": "bí mật", "shipping": {"days": "x"}}
    )

    assert said[0] == "shop: no such option"
    assert [each.partition(":")[0] for each in said[1:]] == ["shop_id", "shipping.days"]
    assert "bí mật" not in "".join(said)


def test_what_is_missing_is_named() -> None:
    assert problems(ShopOptions, {}) == ["shop_id: Field required"]


def test_a_model_may_take_more_than_it_names() -> None:
    options = read_options(having(Open), {"shop_id": 7, "more": 1})

    assert options is not None
    assert options.model_extra == {"more": 1}


def test_an_option_is_named_by_its_file_or_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OCOP_SYNC_ACCOUNTS", raising=False)
    file = tmp_path / "ocop.toml"
    file.write_text(
        '[[accounts]]\nkey = "a"\nmarketplace = "simple"\n'
        'base_url = "http://localhost"\n[accounts.options]\nshop_id = 7\n',
        "utf-8",
    )
    monkeypatch.setenv(FILE_VARIABLE, str(file))

    settings = load_settings()

    assert dict(settings.accounts[0].options) == {"shop_id": 7}
    assert "7" not in repr(settings.accounts[0])
    place = ("accounts", 0, "options", "shop_id")
    assert setting_path(place, settings.file) == f"{file}: accounts[0].options.shop_id"
    monkeypatch.setenv("OCOP_SYNC_ACCOUNTS", "[]")
    named = setting_path(place, settings.file)
    assert named == "OCOP_SYNC_ACCOUNTS: accounts[0].options.shop_id"
