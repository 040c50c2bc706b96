"""The settings of notices: a webhook, e-mail, both or neither."""

import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from ocop_sync.settings.group import Group, is_loopback
from ocop_sync.settings.secret_source import SecretSource

_URL: Final = re.compile(
    r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d{1,5})?(/[^\s#]*)?", re.ASCII
)
_MAIL: Final = re.compile(r"[^\s@<>,;\"']{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)


class WebhookSettings(Group):
    """A webhook that notices are sent to, signed as Standard Webhooks says."""

    url: str = Field(default="", repr=False)
    """Address that takes them: https, http on this computer alone. Empty: none. It may
    be one of a private network, as whoever writes settings runs the service; redirects
    are not followed. It may hold a token, and is never shown."""

    secret: SecretSource | None = None
    """Where the secret is kept that signs them (`env` or `file`, as those of accounts):
    `whsec_` and 24 to 64 bytes as Base64. Needed with an address."""

    ca_file: Path | None = None
    """Certificates (PEM) of authorities that are believed beside those of this
    computer, for a receiver of one's own. None: no others."""

    @field_validator("url")
    @classmethod
    def _be_secure(cls, value: str) -> str:
        found = _URL.fullmatch(value)
        is_fine = found and (found[1] == "https" or is_loopback(found[2]))
        if value and not is_fine:
            message = (
                "cần https://MÁY[/...], http chỉ cho máy này / needs"
                " https://HOST[/...], http on this computer alone"
            )
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _need_a_secret(self) -> Self:
        if self.url and self.secret is None:
            message = (
                "secret: cần nói khóa ký để ở đâu (env hoặc file) / say where the"
                " secret is kept (env or file)"
            )
            raise ValueError(message)
        return self


class MailSettings(Group):
    """E-mail that notices are sent by."""

    host: Annotated[str, Field(max_length=253)] = ""
    """Name of the server that takes mail. Empty: none is sent."""

    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Its port. 587 with `starttls`; 465 is usual with `tls`."""

    security: Literal["starttls", "tls", "none"] = "starttls"
    """TLS after STARTTLS, from the first byte on, or not at all, which is taken for a
    server on this computer alone. A server without STARTTLS gets neither the password
    nor a message."""

    user: Annotated[str, Field(max_length=200)] = ""
    """User that signs in. Empty: nobody does."""

    password: SecretSource | None = None
    """Where that user's password is kept: `env` or `file`, as those of accounts."""

    ca_file: Path | None = None
    """Certificates (PEM) of authorities that are believed beside those of this
    computer: for a server whose certificate is of the department's own authority. None:
    no others. What they do not vouch for gets neither the password nor a message."""

    address: Annotated[str, Field(max_length=320)] = ""
    """Address that notices come from. Needed with a host."""

    receivers: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    """Addresses that they go to, in one message. At least one is needed with a host."""

    @field_validator("address", "receivers")
    @classmethod
    def _be_addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        given = (value,) if isinstance(value, str) else value
        if any(each and not _MAIL.fullmatch(each) for each in given):
            message = "cần TÊN@MÁY / needs NAME@HOST"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _be_whole(self) -> Self:
        if not self.host:
            return self
        faults = (
            (not self.address, "address: cần địa chỉ gửi / an address is needed"),
            (not all(self.receivers) or not self.receivers, _RECEIVERS),
            (bool(self.user) != (self.password is not None), _BOTH),
            (self.security == "none" and not is_loopback(self.host), _TLS),
        )
        for is_wrong, message in faults:
            if is_wrong:
                raise ValueError(message)
        return self


_RECEIVERS: Final = "receivers: cần ít nhất một địa chỉ / at least one is needed"
_BOTH: Final = "user, password: cần cả hai hoặc không / both or neither are needed"
_TLS: Final = (
    "security: none chỉ cho máy này / none is for a server on this computer alone"
)
