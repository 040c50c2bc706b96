"""The ways that notices go, made of settings.

What speaks to them is loaded where a way is set: most commands send nothing, and start
the sooner.
"""

from collections.abc import Callable
from functools import partial

from ocop_sync.service.notices.sender import Sender
from ocop_sync.settings import MailSettings, SecretSource, Settings, WebhookSettings
from ocop_sync.settings.secret import secret_at


def senders_of(settings: Settings) -> tuple[Sender, ...]:
    """Return the ways that settings name; nothing is sent, and no secret read."""
    found: list[Sender] = []
    if settings.webhook.url:
        found.append(_webhook(settings.webhook))
    if settings.mail.host:
        found.append(_mail(settings.mail))
    return tuple(found)


def _webhook(webhook: WebhookSettings) -> Sender:
    from ocop_sync.senders.webhook import WebhookSender  # noqa: PLC0415

    assert webhook.secret is not None  # noqa: S101  (as its model saw to)
    secret = _secret(webhook.secret, "webhook.secret")
    return WebhookSender(webhook.url, secret, webhook.ca_file)


def _mail(mail: MailSettings) -> Sender:
    from ocop_sync.senders.mail import MailSender, MailServer  # noqa: PLC0415

    password = mail.password
    server = MailServer(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        user=mail.user,
        password=_secret(password, "mail.password") if password else None,
        ca_file=mail.ca_file,
    )
    return MailSender(server, mail.address, mail.receivers)


def _secret(source: SecretSource, setting: str) -> Callable[[], str]:
    return partial(secret_at, source, setting)
