"""Notices by e-mail, over SMTP with TLS."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from ssl import SSLContext
from typing import Final, Literal

import aiosmtplib

from ocop_sync.errors import ConfigurationError
from ocop_sync.senders.trust import trusted
from ocop_sync.service.notices.sender import Message, UndeliveredError

WITHIN_S: Final = 20.0
"""Each step of the conversation must have ended within so long."""

_PASSWORD: Final = "mail.password"  # noqa: S105  (a setting's name)

_CA_FILE: Final = "mail.ca_file"

_log = logging.getLogger(__name__)

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes mail.

    Attributes:
        host: Its name.
        port: Its port.
        security: TLS from the first byte on, after STARTTLS, or not at all.
        user: The user that signs in; "" if nobody does.
        password: Returns the password; asked each time, as it may change.
        ca_file: Certificates of further authorities that are believed.
    """

    host: str
    port: int
    security: Security
    user: str = ""
    password: Callable[[], str] | None = None
    ca_file: Path | None = None


class MailSender:
    """Sends notices to some addresses, all of them in one message.

    Danger: without STARTTLS where it is asked for, neither password nor message goes.

    Args:
        server: The server.
        address: The address that they come from.
        receivers: The addresses that they go to.
    """

    name = "mail"

    def __init__(
        self, server: MailServer, address: str, receivers: Sequence[str]
    ) -> None:
        self._server = server
        self._address = address
        self._receivers = receivers

    async def send(self, message: Message, at: datetime) -> None:
        """Send *message* at the instant *at*.

        Raises:
            UndeliveredError: It did not arrive.
        """
        server = self._server
        try:
            refused, _ = await aiosmtplib.send(
                self._mail(message, at),
                hostname=server.host,
                port=server.port,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                tls_context=self._trusted(),
                username=server.user or None,
                password=self._password(),
                timeout=WITHIN_S,
            )
        except aiosmtplib.SMTPResponseException as error:
            kind = f"SMTP {error.code}"
            raise UndeliveredError(kind) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise UndeliveredError(type(error).__name__) from None
        if refused:  # the others have it: to send it again would tell them again
            _log.warning("receivers of a notice refused", extra={"count": len(refused)})

    def _trusted(self) -> SSLContext | None:
        if self._server.security == "none":
            return None
        return trusted(self._server.ca_file, _CA_FILE)

    def _password(self) -> str | None:
        if self._server.password is None:
            return None
        try:
            return self._server.password()
        except ConfigurationError:
            raise UndeliveredError(_PASSWORD) from None

    def _mail(self, message: Message, at: datetime) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._address
        mail["To"] = ", ".join(self._receivers)
        mail["Subject"] = f"{message.title.vi} / {message.title.en}"
        mail["Date"] = format_datetime(at.astimezone(UTC))
        mail["Message-ID"] = f"<{message.id}@{self._address.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(
            f"{message.title.vi}\n{message.text.vi}\n\n"
            f"{message.title.en}\n{message.text.en}\n"
        )
        return mail
