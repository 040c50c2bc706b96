"""Fetch the secrets of an account from where the settings say they are kept."""

import os
import re

from ocop_sync.errors import ConfigurationError
from ocop_sync.redaction import never_show
from ocop_sync.settings.groups import AccountSettings
from ocop_sync.settings.secret_source import SecretSource

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class SecretsOf:
    """The secrets of one account, by name; fetched anew each time, never shown.

    A file that a secret store rotates is therefore read as it is now.
    """

    def __init__(self, account: AccountSettings) -> None:
        self._key = account.key
        self._sources = account.secrets

    def __repr__(self) -> str:
        return f"SecretsOf({self._key!r})"

    def __call__(self, name: str) -> str:
        """Return the secret *name*.

        Raises:
            ConfigurationError: It is not set, empty, or holds a control
                character, which no header takes. The message says where to set
                it, never a value.
        """
        source = self._sources.get(name)
        if source is None:
            entry = f'[[accounts]] key = "{self._key}": '
            entry += f'secrets.{name} = {{ env = "TÊN_BIẾN" }}'
            raise self._wrong(
                name,
                f"chưa khai báo, ghi vào tệp thiết lập: {entry}",
                f"not in the settings, write there: {entry}",
            )
        place = _place(source)
        value = self._fetch(name, source, place)
        if not value:
            raise self._wrong(name, f"{place} trống", f"{place} is empty or not set")
        if _CONTROL.search(value):
            raise self._wrong(
                name,
                f"{place} chứa ký tự điều khiển",
                f"{place} holds a control character",
            )
        never_show(value)  # a marketplace may echo it
        return value

    def where(self) -> str:
        """Say where each secret is kept, for people; no value of them."""
        return "; ".join(f"{n}: {_place(s)}" for n, s in sorted(self._sources.items()))

    def _fetch(self, name: str, source: SecretSource, place: str) -> str:
        try:
            return _read(source)
        except (OSError, UnicodeError) as error:
            # Danger: the text of a UnicodeError would show the secret that it could not
            # read.
            why = type(error).__name__
            raise self._wrong(
                name,
                f"không đọc được {place} ({why})",
                f"cannot read {place} ({why})",
            ) from None

    def _wrong(self, name: str, vietnamese: str, english: str) -> ConfigurationError:
        return ConfigurationError(
            f"tài khoản {self._key}, secrets.{name}: {vietnamese}"
            f" / account {self._key}, secrets.{name}: {english}"
        )


def secret_at(source: SecretSource, setting: str) -> str:
    """Return the secret that *setting* says is kept at *source*; read anew each time.

    Raises:
        ConfigurationError: It is not set, empty, or cannot be read.
    """
    place = _place(source)
    try:
        value = _read(source)
    except (OSError, UnicodeError) as error:
        why = type(error).__name__
        message = f"{setting}: không đọc được / cannot read {place} ({why})"
        raise ConfigurationError(message) from None
    if not value or _CONTROL.search(value):
        message = (
            f"{setting}: {place} trống hoặc có ký tự điều khiển / is empty, or holds a"
            " control character"
        )
        raise ConfigurationError(message)
    never_show(value)
    return value


def _read(source: SecretSource) -> str:
    if source.file is None:
        return os.environ.get(source.env, "")
    return source.file.read_text("utf-8").rstrip("\r\n")


def _place(source: SecretSource) -> str:
    if source.env:
        return f"biến/variable {source.env}"
    return str(source.file)
