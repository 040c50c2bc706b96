"""The settings of notices: addresses that are safe, secrets that are kept elsewhere."""

import pytest
from pydantic import ValidationError

from ocop_sync.bootstrap.notices import senders_of
from ocop_sync.errors import ConfigurationError
from ocop_sync.settings import (
    MailSettings,
    SecretSource,
    Settings,
    WebhookSettings,
)
from ocop_sync.settings.secret import secret_at

KEPT = {"env": "OCOP_TEST_SECRET"}
MAIL = {
    "host": "mail.so.example",
    "address": "ocop@so.example",
    "receivers": ["a@so.example"],
}


@pytest.mark.parametrize(
    "url",
    [
        "https://hook.example/a?token=b",
        "https://10.0.0.7:8443/hook",
        "http://127.0.0.1:9000/",
        "http://localhost/hook",
        "http://[::1]:9000/hook",
    ],
)
def test_a_webhook_is_https_but_on_this_computer(url: str) -> None:
    assert WebhookSettings.model_validate({"url": url, "secret": KEPT}).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/",
        "http://10.0.0.7/",
        "https://user:secret@hook.example/",
        "ftp://hook.example/",
        "https://",
        "https://hook.example/a b",
        "http://127.0.0.1.evil.example/",
    ],
)
def test_any_other_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        WebhookSettings.model_validate({"url": url, "secret": KEPT})

    assert "hook.example" not in str(caught.value)


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(ValidationError, match="secret"):
        WebhookSettings(url="https://hook.example/")


def test_an_address_that_may_hold_a_token_is_never_shown() -> None:
    hook = WebhookSettings.model_validate(
        {"url": "https://hook.example/a?token=b", "secret": KEPT}
    )

    assert "token" not in repr(hook)


@pytest.mark.parametrize(
    "more",
    [
        {"address": ""},
        {"receivers": []},
        {"receivers": ["a@so.example\nBcc: b@so.example"]},
        {"address": "ocop"},
        {"user": "ocop"},
        {"password": KEPT},
        {"security": "none"},
    ],
)
def test_mail_that_could_not_go_or_would_go_in_the_clear_is_refused(
    more: dict[str, object],
) -> None:
    assert MailSettings.model_validate(MAIL).security == "starttls"
    with pytest.raises(ValidationError):
        MailSettings.model_validate(MAIL | more)


def test_mail_in_the_clear_goes_to_a_server_on_this_computer() -> None:
    found = MailSettings.model_validate(
        MAIL | {"host": "localhost", "security": "none"}
    )

    assert found.security == "none"


def test_the_ways_are_those_that_settings_name() -> None:
    nothing = Settings()
    both = Settings(
        webhook=WebhookSettings.model_validate(
            {"url": "https://hook.example/", "secret": KEPT}
        ),
        mail=MailSettings.model_validate(MAIL),
    )

    assert senders_of(nothing) == ()
    assert [each.name for each in senders_of(both)] == ["webhook", "mail"]


def test_a_secret_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SecretSource(env="OCOP_TEST_SECRET")
    for bad in ("", "a\nb"):
        monkeypatch.setenv("OCOP_TEST_SECRET", bad)
        with pytest.raises(ConfigurationError, match=r"mail\.password"):
            secret_at(source, "mail.password")

    monkeypatch.setenv("OCOP_TEST_SECRET", "bí mật")

    assert secret_at(source, "mail.password") == "bí mật"
