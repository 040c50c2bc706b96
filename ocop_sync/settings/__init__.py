"""The settings of one deployment: a TOML file, then the environment.

The environment wins: `OCOP_SYNC_DATABASE__URL` sets `database.url`. A list,
such as the accounts, is replaced as a whole, by JSON. Secrets are never in the
settings: these only say where each one is kept, and `SecretsOf` fetches it.
"""

from ocop_sync.settings.groups import (
    AccountSettings,
    BreakerSettings,
    DatabaseSettings,
    DriftSettings,
    LogSettings,
    PolicySettings,
    ProvinceSettings,
    RetrySettings,
    RulesSettings,
    SafetySettings,
    ServeSettings,
    Settings,
    SyncSettings,
)
from ocop_sync.settings.load import (
    DEFAULT_FILE,
    FILE_VARIABLE,
    load_settings,
    setting_path,
)
from ocop_sync.settings.metrics import MetricsSettings
from ocop_sync.settings.notices import MailSettings, WebhookSettings
from ocop_sync.settings.secret import SecretsOf
from ocop_sync.settings.secret_source import SecretSource

__all__ = [
    "DEFAULT_FILE",
    "FILE_VARIABLE",
    "AccountSettings",
    "BreakerSettings",
    "DatabaseSettings",
    "DriftSettings",
    "LogSettings",
    "MailSettings",
    "MetricsSettings",
    "PolicySettings",
    "ProvinceSettings",
    "RetrySettings",
    "RulesSettings",
    "SafetySettings",
    "SecretSource",
    "SecretsOf",
    "ServeSettings",
    "Settings",
    "SyncSettings",
    "WebhookSettings",
    "load_settings",
    "setting_path",
]
