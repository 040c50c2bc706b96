"""Read the settings, and report their faults in words to act on.

A wrong setting is named with its file and key, or with its environment
variable; its value is not shown, as it may be a secret put in the wrong place.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from ocop_sync.errors import ConfigurationError
from ocop_sync.settings.groups import DELIMITER, PREFIX, Settings

DEFAULT_FILE = Path("ocop-sync.toml")
"""Read if it exists and no other file is named."""
FILE_VARIABLE = f"{PREFIX}FILE"
"""Environment variable that names another file."""

_VIETNAMESE = {
    "missing": "chưa khai báo",
    "extra_forbidden": "không có thiết lập này",
}


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings from a file and the environment.

    Args:
        path: The TOML file. None for the one that `OCOP_SYNC_FILE` names, or
            else "ocop-sync.toml" in the current folder, if it is there.

    Raises:
        ConfigurationError: The file cannot be read, or settings are unknown,
            missing or wrong; all of them are named at once.
    """
    path = path or _named_file()
    values = {} if path is None else _read(path)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems = [_problem(details, path) for details in error.errors()]
        raise ConfigurationError("\n".join(problems)) from error
    except SettingsError as error:
        raise _unreadable_variable(error) from None
    _refuse_unknown_variables(settings)
    return settings.read_from(path)


def _named_file() -> Path | None:
    if name := os.environ.get(FILE_VARIABLE):
        return Path(name)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        message = f"{path}: không có tệp thiết lập này / no such settings file"
        raise ConfigurationError(message) from error
    except OSError as error:
        message = f"{path}: không đọc được / cannot be read ({type(error).__name__})"
        raise ConfigurationError(message) from error
    except UnicodeError:
        message = f"{path}: không phải UTF-8 / not UTF-8"
        raise ConfigurationError(message) from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at .*\)$", str(error))
        message = f"{path}: không phải TOML / not TOML {place[0] if place else ''}"
        raise ConfigurationError(message.rstrip()) from None
    for key in values:
        if key.startswith("_"):  # means something else to pydantic-settings
            message = f"{path}: {key}: {_VIETNAMESE['extra_forbidden']} / unknown"
            raise ConfigurationError(message)
    return values


def _problem(details: ErrorDetails, path: Path | None) -> str:
    """Put one of pydantic's findings into words; they hold no value."""
    words = details["msg"].removeprefix("Value error, ")
    vietnamese = _VIETNAMESE.get(details["type"], "giá trị không hợp lệ")
    return f"{setting_path(details['loc'], path)}: {vietnamese} / {words}"


def setting_path(loc: tuple[int | str, ...], path: Path | None) -> str:
    """Say where the setting *loc* stands: in which variable or file, and its key."""
    key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")
    return f"{_source(loc, path)}{key}"


def _source(loc: tuple[int | str, ...], path: Path | None) -> str:
    present = {name.upper(): name for name in os.environ}
    names = [str(part).upper() for part in loc]
    for length in range(len(names), 0, -1):
        variable = PREFIX + DELIMITER.join(names[:length])
        if variable in present:
            return f"{present[variable]}: "
    return "" if path is None else f"{path}: "


def _unreadable_variable(error: SettingsError) -> ConfigurationError:
    field = re.search(r'field "(\w+)"', str(error))
    variable = PREFIX + (field[1].upper() if field else "?")
    return ConfigurationError(f"{variable}: không phải JSON / not JSON")


def _refuse_unknown_variables(settings: Settings) -> None:
    """Refuse a variable that is named like a setting and is none: a typing error."""
    sources = (s for account in settings.accounts for s in account.secrets.values())
    known = {FILE_VARIABLE, *(source.env for source in sources)}
    for name in sorted(os.environ):
        group = name.upper().removeprefix(PREFIX).partition(DELIMITER)[0].lower()
        ours = name.upper().startswith(PREFIX) and name not in known
        if ours and group not in Settings.model_fields:
            message = f"{name}: {_VIETNAMESE['extra_forbidden']} / no such setting"
            raise ConfigurationError(message)
