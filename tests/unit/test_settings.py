"""Settings from a file and the environment, secrets, and the texts of errors.

That every setting is in the documentation is tested with the documentation.
"""

import json
import os
import traceback
from pathlib import Path

import pytest
from pydantic import BaseModel

from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.errors import ConfigurationError
from ocop_sync.settings import (
    FILE_VARIABLE,
    AccountSettings,
    SecretsOf,
    SecretSource,
    Settings,
    load_settings,
)

VALUE = "bi-mat-4711"

FULL = """
[database]
url = "sqlite:////data/ocop.db"

[rules]
accept_published = true

[sync]
slice_changes = 20

[[accounts]]
key = "postmart"
marketplace = "postmart"
base_url = "http://127.0.0.1:9101/api"

[accounts.secrets]
client_secret = { env = "POSTMART_SECRET" }
password = { file = "/run/secrets/postmart" }
"""


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start in an empty folder, without settings of the person who tests."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.upper().startswith("OCOP_SYNC_"):
            monkeypatch.delenv(name)


def written(text: str) -> Path:
    path = Path("thu.toml")
    path.write_text(text, "utf-8")
    return path


def test_without_file_and_variables_the_defaults_hold() -> None:
    settings = load_settings()

    assert settings.database.url == "sqlite:///ocop-sync.db"
    assert settings.accounts == ()
    assert not settings.rules.accept_published


def test_a_file_is_read() -> None:
    settings = load_settings(written(FULL))

    account = settings.accounts[0]
    assert settings.database.url == "sqlite:////data/ocop.db"
    assert (settings.sync.slice_changes, settings.sync.slice_seconds) == (20, 5)
    assert account.base_url == "http://127.0.0.1:9101/api"
    assert account.secrets["client_secret"].env == "POSTMART_SECRET"
    assert account.secrets["password"].file == Path("/run/secrets/postmart")


def test_the_environment_wins_over_the_file_key_by_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OCOP_SYNC_SYNC__SLICE_SECONDS", "2.5")
    monkeypatch.setenv("OCOP_SYNC_DATABASE__URL", "postgresql+asyncpg://db/ocop")
    settings = load_settings(written(FULL))

    assert (settings.sync.slice_changes, settings.sync.slice_seconds) == (20, 2.5)
    assert settings.database.url == "postgresql+asyncpg://db/ocop"
    assert settings.rules.accept_published


def test_accounts_come_from_the_environment_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voso = {"key": "voso:CS-1", "marketplace": "voso", "base_url": "http://localhost"}
    monkeypatch.setenv("OCOP_SYNC_ACCOUNTS", json.dumps([voso]))

    keys = [account.key for account in load_settings(written(FULL)).accounts]
    assert keys == ["voso:CS-1"]


def test_a_host_of_traceability_pages_is_a_name_and_no_address() -> None:
    good = load_settings(written("rules.trace_hosts = ['a.example', 'b.c.example']"))
    assert good.rules.trace_hosts == ("a.example", "b.c.example")

    for wrong in ("https://a.example", "a.example/1", "a.example:80", "localhost", ""):
        with pytest.raises(ConfigurationError, match=r"rules\.trace_hosts\[0\]: "):
            load_settings(written(f"rules.trace_hosts = ['{wrong}']"))


@pytest.mark.parametrize("named_by", ["folder", "variable"])
def test_the_file_is_found(named_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("ocop-sync.toml" if named_by == "folder" else "khac.toml")
    path.write_text("[sync]\nslice_changes = 7\n", "utf-8")
    if named_by == "variable":
        monkeypatch.setenv(FILE_VARIABLE, str(path))

    assert load_settings().sync.slice_changes == 7


WRONG_FILES = {
    "unknown group": ("[databse]\nurl = ''", "databse: không có thiết lập này"),
    "unknown key": ("[database]\nulr = ''", "database.ulr: không có thiết lập này"),
    "key that is ours to use": ("_env_file = 'x'", "_env_file: không có"),
    "missing": ("[[accounts]]\nkey = 'a'", "accounts[0].marketplace: chưa khai báo"),
    "not a number": ("[sync]\nlease_s = 'lâu'", "sync.lease_s: giá trị không hợp lệ"),
    "too small": ("[sync]\nslice_changes = 0", "sync.slice_changes: giá trị"),
    "too large": ("[sync]\nslice_changes = 51", "sync.slice_changes: giá trị"),
    "endless": ("[sync]\nlease_s = inf", "sync.lease_s: giá trị không hợp lệ"),
    "share over one": ("[safety]\nshare = 10", "safety.share: giá trị"),
    "other database": ("[database]\nurl = 'mysql://x'", "database.url: giá trị"),
    "other word": ("[log]\nformat = 'xml'", "log.format: giá trị"),
    "not TOML": ("[sync]\nlease_s = lâu", "không phải TOML / not TOML (at line 2"),
}


@pytest.mark.parametrize(("text", "words"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_file_is_named_with_its_key(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(written(text))

    assert words in str(caught.value)
    assert "thu.toml" in str(caught.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(written("[sync]\nlease_s = 0\n[log]\nlevel = 'LOUD'"))

    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["sync.lease_s", "log.level"]


@pytest.mark.parametrize(
    ("content", "words"), [(None, "không có tệp"), (b"\xff", "không phải UTF-8")]
)
def test_an_unreadable_file_is_named(content: bytes | None, words: str) -> None:
    path = Path("thu.toml")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"thu.toml: {words}"):
        load_settings(path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("OCOP_SYNC_SYNC__LEASE_S", VALUE, "sync.lease_s: giá trị không hợp lệ"),
        ("OCOP_SYNC_DATABASE__ULR", VALUE, "database.ulr: không có thiết lập này"),
        ("OCOP_SYNC_DATABSE__URL", VALUE, "không có thiết lập này"),
        ("ocop_sync_databse", VALUE, "không có thiết lập này"),
        ("OCOP_SYNC_ACCOUNTS", VALUE, "không phải JSON"),
        ("OCOP_SYNC_ACCOUNTS", f'[{{"key": "{VALUE}"}}]', "accounts[0].marketplace"),
        ("OCOP_SYNC_DATABASE", f'{{"url": "{VALUE}"}}', "database.url"),
        ("OCOP_SYNC_DATABASE__URL", f"mysql://u:{VALUE}@x", "database.url"),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(written(FULL))

    assert str(caught.value).startswith(f"{name}: ")
    assert words in str(caught.value)
    assert VALUE not in "".join(traceback.format_exception(caught.value))


def account_text(line: str) -> str:
    lines = ["key = 'so-1'", "marketplace = 'm'", "base_url = 'http://localhost'"]
    key = line.partition(" ")[0]
    lines = [old for old in lines if not old.startswith(key)]
    return "\n".join(["[[accounts]]", *lines, line])


@pytest.mark.parametrize(
    "line",
    [
        f"secrets = {{ token = '{VALUE}' }}",
        f"secrets = {{ token = {{ value = '{VALUE}' }} }}",
        f"secrets = {{ token = {{ env = '{VALUE}', file = '{VALUE}' }} }}",
        "secrets = { token = {} }",
        f"base_url = 'http://user:{VALUE}@localhost'",
        f"base_url = 'http://localhost?token={VALUE}'",
        f"base_url = 'http://localhost/api?token={VALUE}'",
        "base_url = 'localhost:9101'",
        "key = ''",
        "calls_per_s = 0",
        "burst = 0",
    ],
)
def test_a_wrong_account_is_refused_and_nothing_of_it_shown(line: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(written(account_text(line)))

    assert f"thu.toml: accounts[0].{line.partition(' ')[0]}" in str(caught.value)
    assert VALUE not in "".join(traceback.format_exception(caught.value))


def test_two_accounts_with_one_key_are_refused() -> None:
    twice = account_text("key = 'so-1'") + "\n" + account_text("key = 'so-1'")
    with pytest.raises(ConfigurationError, match=r"accounts: .*so-1"):
        load_settings(written(twice))


def test_a_secret_may_be_kept_in_a_variable_that_is_named_like_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OCOP_SYNC_POSTMART_SECRET", VALUE)
    text = account_text("secrets = { token = { env = 'OCOP_SYNC_POSTMART_SECRET' } }")
    settings = load_settings(written(text))

    assert SecretsOf(settings.accounts[0])("token") == VALUE
    assert VALUE not in repr(settings)


def account(**source: object) -> AccountSettings:
    return AccountSettings(
        key="so-1",
        marketplace="m",
        base_url="http://localhost",
        secrets={"token": SecretSource.model_validate(source)},
    )


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_is_fetched_from_its_file_as_it_is_now(end: str) -> None:
    secrets = SecretsOf(account(file="token"))
    Path("token").write_text("cũ", "utf-8")
    old = secrets("token")
    Path("token").write_bytes(f" mới {end}".encode())

    assert (old, secrets("token")) == ("cũ", " mới ")


def test_a_secret_that_nobody_declared_is_asked_for_in_vain() -> None:
    with pytest.raises(ConfigurationError, match=r"so-1, secrets.khác: chưa khai báo"):
        SecretsOf(account(env="A"))("khác")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "BIEN.* is empty or not set"),
        ("", "BIEN.* is empty or not set"),
        (f"{VALUE}\r\nX: y", "BIEN.* holds a control character"),
    ],
)
def test_a_variable_without_a_usable_secret_is_named(
    monkeypatch: pytest.MonkeyPatch, value: str | None, words: str
) -> None:
    if value is not None:
        monkeypatch.setenv("BIEN", value)
    with pytest.raises(ConfigurationError, match=words) as caught:
        SecretsOf(account(env="BIEN"))("token")

    assert VALUE not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot read token .FileNotFoundError"),
        (b"\n", "token is empty"),
        (VALUE.encode() + b"\xff", "cannot read token .UnicodeDecodeError"),
    ],
)
def test_a_file_without_a_usable_secret_is_named(
    content: bytes | None, words: str
) -> None:
    if content is not None:
        Path("token").write_bytes(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        SecretsOf(account(file="token"))("token")

    assert VALUE not in "".join(traceback.format_exception(caught.value))


def test_no_secret_is_in_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIEN", VALUE)
    monkeypatch.setenv("OCOP_SYNC_DATABASE__URL", f"postgresql+asyncpg://u:{VALUE}@d/o")
    secrets = SecretsOf(account(env="BIEN"))

    assert secrets("token") == VALUE
    assert VALUE not in f"{secrets!r} {secrets} {load_settings()!r}"


GROUPS = [
    *(Settings, AccountSettings, SecretSource),
    *(
        kind
        for field in Settings.model_fields.values()
        if isinstance(kind := field.annotation, type) and issubclass(kind, BaseModel)
    ),
]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_setting_says_what_it_means(group: type[BaseModel]) -> None:
    silent = [name for name, f in group.model_fields.items() if not f.description]

    assert silent == []


def test_the_defaults_are_those_of_the_parts_that_are_set() -> None:
    settings = load_settings()
    safety, budget = settings.safety, Budget()

    assert RetryPolicy(**settings.retry.model_dump()) == RetryPolicy()
    assert safety.window_h * 3600 == budget.window.total_seconds()
    assert safety.known_end_days * 86400 == budget.known_end.total_seconds()
    assert (safety.min_changes, safety.share) == (budget.min_changes, budget.share)
    assert safety.vanished_share == budget.vanished_share
