"""Open the simulated accounts that the settings name: `ocop-sync mock --open-accounts`.

At a marketplace with an account for each shop, a person opens them. A mock that is
started for a deployment has them opened from the deployment's own settings, with
the secrets that these name: made-up ones, as only addresses of this computer are
taken.
"""

from collections.abc import Mapping, Sequence

import aiohttp
import click

from ocop_sync.cli.app.app import settings_of
from ocop_sync.errors import ConfigurationError
from ocop_sync.settings import SecretsOf
from ocop_sync.testing.mocks.loopback import leads_to_loopback

Shop = Mapping[str, str]
"""The fields that the mock's page takes: its code, and each secret by its name."""


def shops_of(marketplace: str) -> Sequence[Shop]:
    """Return the shops that the settings have accounts of at *marketplace*.

    Raises:
        ConfigurationError: There is none, its address is not on this computer, or a
            secret is missing.
    """
    accounts = [
        each
        for each in settings_of().accounts
        if each.marketplace == marketplace and each.seller_ref
    ]
    if not accounts:
        message = (
            "--open-accounts: thiết lập không có tài khoản gian hàng nào ở"
            f" {marketplace} / the settings name no shop's account at {marketplace}"
        )
        raise ConfigurationError(message)
    for each in accounts:
        if not leads_to_loopback(each.base_url):
            message = (
                f"tài khoản {each.key}: base_url không ở máy này, nên mật khẩu có thể"
                f" là thật / account {each.key}: base_url is not on this computer, so"
                " its secrets may be real"
            )
            raise ConfigurationError(message)
    return [
        {"code": each.seller_ref}
        | {name: SecretsOf(each)(name) for name in each.secrets}
        for each in accounts
    ]


async def open_shops(url: str, shops: Sequence[Shop]) -> None:
    """Open *shops* at the mock that listens at *url*; those that are open stay so.

    Raises:
        ConfigurationError: It refuses one.
    """
    async with aiohttp.ClientSession() as session:
        for shop in shops:
            async with session.post(f"{url}/_mock/shops", json=shop) as answer:
                if not answer.ok:
                    said = str((await answer.json())["error"])
                    message = f"{shop['code']}: không mở được / not opened: {said}"
                    raise ConfigurationError(message)
    click.echo(
        f"đã mở {len(shops)} tài khoản MÔ PHỎNG / {len(shops)} SIMULATED accounts are"
        " open"
    )
