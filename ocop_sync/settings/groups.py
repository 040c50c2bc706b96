"""Every setting, with its unit and the reason for its default.

Which values make sense is decided here. The use of a setting is decided by the code to
which `ocop_sync.bootstrap` hands it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    IPvAnyNetwork,
    PrivateAttr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from catalog.model.gs1 import KNOWN_HOSTS
from ocop_sync.settings.group import Group, is_loopback
from ocop_sync.settings.metrics import MetricsSettings
from ocop_sync.settings.notices import MailSettings, WebhookSettings
from ocop_sync.settings.secret_source import SecretSource

PREFIX = "OCOP_SYNC_"
"""The beginning of the names of our environment variables."""
DELIMITER = "__"
"""The mark between a group and a key in these names."""

_DATABASE = re.compile(r"sqlite:///(?!:memory:).|postgresql\+asyncpg://.")
_ADDRESS = re.compile(r"https?://[^\s/@?#]+(?:/[^\s@?#]*)?")

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
Host = Annotated[
    str, Field(max_length=253, pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Hours = Annotated[float, Field(gt=0, le=8_784)]
"""Up to a leap year: a longer time is a slip, or more than a clock can count."""
Days = Annotated[float, Field(ge=0, le=3_660)]
Products = Annotated[int, Field(ge=0, le=1_000_000)]


class DatabaseSettings(Group):
    """Where everything is kept."""

    url: str = Field(default="sqlite:///ocop-sync.db", repr=False)
    """SQLite (`sqlite:///FILE`) or PostgreSQL (`postgresql+asyncpg://`).
    By default a file in the current folder, which needs no server: enough for a
    province on one computer. It may hold a password, and is never shown."""

    backup_folder: Path | None = None
    """Where a schedule of the kind `backup` keeps copies of SQLite; it is made if it
    is not there. None: such a schedule fails and says so."""

    backups_kept: Annotated[int, Field(ge=1, le=1_000)] = 7
    """How many of these copies stay: a week of nightly ones. An older one is removed
    only once a new one is whole."""

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not _DATABASE.match(value):
            message = (
                "cần sqlite:///TỆP hoặc postgresql+asyncpg://MÁY/TÊN / needs"
                " sqlite:///FILE or postgresql+asyncpg://HOST/NAME"
            )
            raise ValueError(message)
        return value


class RulesSettings(Group):
    """How the eligibility rules are applied."""

    accept_published: bool = False
    """Take stars as certified that only a public report names. Off: without its
    decision a certificate proves nothing; on for demonstrations."""

    extend_rest_days: bool = False
    """Let a certificate that ends on a rest day run to the next working day. Off:
    no text says so of OCOP certificates; the department may decide otherwise."""

    trace_hosts: tuple[Host, ...] = KNOWN_HOSTS
    """Hosts whose traceability pages are shown on listings, each exactly as it is
    called. By default the one that Quảng Ninh's report of June 2022 names; a page
    elsewhere is a warning (E07), and is not shown before its host is added here."""

    folder: Path | None = None
    """Folder of rule files to use instead of those that are shipped. None: the
    shipped ones, which are tested."""


class ProvinceSettings(Group):
    """Which province this deployment serves."""

    communes: Path | None = None
    """File of its communes before and since 1 July 2025 (its form:
    `docs/importing.md`); the province's name stands in it. None: Quảng Ninh's, which
    ships."""


class AccountSettings(Group):
    """One account at one marketplace."""

    key: Name
    """Our name of the account, shown everywhere, such as "voso:CS-0001"."""

    marketplace: Name
    """Name of the marketplace, as `ocop-sync marketplaces list` shows it."""

    base_url: str
    """Address of its API: http(s)://host[:port][/path]."""

    seller_ref: str = ""
    """The one producer that the account serves. Empty: it serves all, as the
    department's account does."""

    secrets: Mapping[str, SecretSource] = {}
    """Where each secret is kept, by the name that the adapter asks for."""

    calls_per_s: Seconds | None = None
    """Calls a second that this account may make. None: what the marketplace
    allows every account."""

    burst: Count | None = None
    """Calls that may be made at once. None: as the marketplace allows."""

    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    """Most calls in flight to this account, reads and writes. None:
    `sync.concurrency`."""

    options: Mapping[str, Any] = Field(default={}, repr=False)
    """Settings of the marketplace's adapter itself, by its own names; no secrets.
    None where the adapter names none."""

    @field_validator("base_url")
    @classmethod
    def _be_an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            message = (
                "phải có dạng http(s)://máy[:cổng][/đường-dẫn], không kèm mật khẩu"
            )
            raise ValueError(message)
        return value


class SyncSettings(Group):
    """How a run works through its plan."""

    read_whole_every_h: Seconds = 24
    """Hours after which an account is read whole again, before anything new is
    created. A day: twins and edits made by hand are seen the next day at the
    latest, at the price of one read of every page."""

    slice_changes: Annotated[int, Field(ge=1, le=50)] = 50
    """Most changes between two looks at what has become urgent. 50 is one call
    where a marketplace takes batches."""

    slice_seconds: Seconds = 5
    """Longest time between two such looks: a withdrawal waits no longer."""

    lease_s: Seconds = 60
    """Seconds after which another process may take over an account whose run no
    longer shows signs of life. Longer than the longest call, or two would write
    at once; no longer, or a crash stops withdrawals."""

    stop_within_s: Annotated[float, Field(ge=0)] = 20
    """Seconds that calls under way are awaited once SIGTERM or Ctrl-C has asked to
    stop. What has no answer then is read back by the next run. 20: the longest
    call of a marketplace twice, and less than the 30 that Kubernetes gives; Docker
    gives 10 (`docker stop -t 30`)."""

    concurrency: Annotated[int, Field(ge=1, le=64)] = 64
    """Most calls in flight to one account. There are as many as its pace and its
    answering time ask for: 20 at 50 calls a second and 0.4 s. More than 64 bought no
    speed; where no pace is known, 16 are the most."""


class RetrySettings(Group):
    """How patiently a call is repeated that is known not to have been applied."""

    attempts: Count = 5
    """Most calls in all. Five bridge a restart of the other side."""

    first_wait_s: Seconds = 0.5
    """Longest wait after the first failure, in seconds; it doubles each time. Half
    a second: most failures are over by then."""

    longest_wait_s: Seconds = 30
    """Seconds that the doubling ends at: long enough to be no burden."""

    longest_asked_s: Seconds = 60
    """Longest wait in seconds that a marketplace may ask for. A minute: a wrong
    Retry-After must not stop withdrawals for a day."""

    give_up_after_s: Seconds = 120
    """Seconds after which a call is left to the next run, which asks anew what is
    most urgent."""


class BreakerSettings(Group):
    """When an account is left alone."""

    failures: Count = 5
    """Calls in a row that fail until no more are made. Five: a single bad answer
    happens."""

    cool_down_s: Seconds = 30
    """Seconds until one probe is made, and between probes: 120 calls an hour do
    not hurt a marketplace that is down."""


class SafetySettings(Group):
    """How much may be taken from buyers without being asked."""

    window_h: Hours = 24
    """Hours over which it is counted. A day: a person sees it in time."""

    min_changes: Products = 5
    """Products that are always allowed: in a small shop a share says nothing."""

    share: Share = 0.10
    """Share of the live listings at the window's start. A tenth: more in a day is
    more often a mistake than the truth."""

    known_end_days: Days = 7
    """Days that a certificate's end must have stood in the database to count as
    known beforehand, and pass. A week: a wrong import is noticed by then."""

    approval_h: Hours = 72
    """Hours after which what a person has approved is asked anew. Three days: a
    weekend lies in between, and what is older is another plan."""

    vanished_share: Share = 0.05
    """Share of a marketplace's live listings that may be gone at once before the
    marketplace itself is doubted, and nothing is created anew."""


Policy = Literal["repair", "accept", "ask"]


class PolicySettings(Group):
    """The policy for edits at one marketplace, where it differs from elsewhere."""

    content: Policy | None = None
    """Titles, texts, pictures, packs. None: as at the other marketplaces."""

    price: Policy | None = None
    """Prices. None: as at the other marketplaces."""

    stock: Policy | None = None
    """Stock. None: as at the other marketplaces."""

    stars: Policy | None = None
    """The OCOP claim. None: as at the other marketplaces."""


class DriftSettings(Group):
    """The policy for edits by others at a marketplace.

    `repair` writes it over, `accept` leaves it as it was found, `ask` leaves it until
    a person has said which version stays. A claim that has ended goes in any case.
    """

    content: Policy = "ask"
    """Titles, texts, pictures, packs. Ask: whoever edits them means something."""

    price: Policy = "ask"
    """Prices. Ask: a price is its producer's, and may be right there."""

    stock: Policy = "repair"
    """Stock that is lower than we left it, although no sale is known. Repair: it is
    put up once sales were read later than the listing."""

    stars: Policy = "repair"
    """The OCOP claim. Repair: it is a state certificate, and nobody's to edit."""

    at: Mapping[Name, PolicySettings] = {}
    """The same four keys for one marketplace: `drift.at.postmart.price = "repair"`."""


_PUBLIC_URL = re.compile(r"(https?)://([^\s/@?#:\[\]]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")


class ServeSettings(Group):
    """How the service is reached."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    """Address that `serve` listens at. By default this computer alone: a proxy that
    speaks https stands before it. Anything else needs a `serve.public_url` of https."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port that `serve` listens at. 0: one that is free, which it names."""

    public_url: str = "http://127.0.0.1:8080"
    """Address by which people reach the service: https://HOST[:PORT], http only on
    this computer. It begins the links for producers and the addresses of uploaded
    pictures, and forms are taken from pages of this address alone."""

    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Addresses of proxies that stand before the service, such as `10.0.0.0/8`. Only
    they are believed when they tell for which address they ask."""

    forwarded_header: Literal["X-Forwarded-For", "Forwarded"] = "X-Forwarded-For"
    """Header by which they tell it. The other one is never read: a proxy passes it on
    as it came in."""

    calls_per_minute: Count = 600
    """Calls a minute of one key or session, a sixth of them at once; as many pictures
    and as many pushes are taken of one address. 600: a program that enters 500 prices
    in one call needs far fewer."""

    calls_per_minute_of_an_address: Count = 120
    """Calls a minute of one address that show no key or session that holds, and visits
    of the pages to sign in by. 120: mobile networks share addresses."""

    connections: Count = 700
    """Connections that are open at once; one more is told to come back, and closed.
    700: a process may open 1,024 files unless its system says otherwise."""

    connections_of_an_address: Count = 200
    """Connections of one address that are open at once, and calls that are under way at
    once for one address, as proxies tell it. 200: mobile networks share addresses."""

    stop_within_s: Annotated[float, Field(ge=0)] = 20
    """Seconds that calls of the API are awaited once SIGTERM or Ctrl-C has asked to
    stop; new ones are refused meanwhile, and runs stop as `sync.stop_within_s` says.
    20: less than the 30 that the shipped unit and composition give."""

    public_figures: bool = False
    """Everybody may read the figures of coverage and the certified products, without a
    key. By default nobody may: whoever answers for the figures switches it on."""

    @field_validator("public_url")
    @classmethod
    def _be_secure(cls, value: str) -> str:
        found = _PUBLIC_URL.fullmatch(value.removesuffix("/"))
        if found is None or (found[1] == "http" and not is_loopback(found[2])):
            message = (
                "cần https://MÁY[:CỔNG], không có đường dẫn; http chỉ cho máy này"
                " (127.0.0.1, localhost) / needs https://HOST[:PORT] without a path;"
                " http on this computer alone"
            )
            raise ValueError(message)
        return _as_browsers_state_it(found[1], found[2], found[3] or "")

    @model_validator(mode="after")
    def _be_secure_for_others(self) -> Self:
        if not is_loopback(self.host) and not self.is_secure:
            message = (
                "host: máy khác gọi được địa chỉ này, nên public_url phải là https://MÁY"
                " / other computers reach this host: public_url must be https://HOST"
            )
            raise ValueError(message)
        return self

    @property
    def is_secure(self) -> bool:
        """Say whether people reach it over https."""
        return self.public_url.startswith("https://")


def _as_browsers_state_it(scheme: str, host: str, port: str) -> str:
    """Return an address as browsers state it as the origin of a page."""
    known = {"https": ":443", "http": ":80"}
    try:
        ascii_host = host.encode("idna").decode().lower()
    except UnicodeError:
        message = "tên máy không hợp lệ / no host is called so"
        raise ValueError(message) from None
    return f"{scheme}://{ascii_host}{port if port != known[scheme] else ''}"


class LogSettings(Group):
    """The log on standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least important messages that are written. INFO tells what each run did,
    not each call."""

    format: Literal["text", "json"] = "text"
    """For people, or one JSON object a line for machines."""


class Settings(BaseSettings):
    """All settings of one deployment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    database: DatabaseSettings = DatabaseSettings()
    """Where everything is kept."""
    province: ProvinceSettings = ProvinceSettings()
    """Which province this deployment serves."""
    rules: RulesSettings = RulesSettings()
    """How the eligibility rules are applied."""
    accounts: tuple[AccountSettings, ...] = ()
    """The accounts at marketplaces; none at first."""
    sync: SyncSettings = SyncSettings()
    """How a run works through its plan."""
    retry: RetrySettings = RetrySettings()
    """How patiently a call is repeated."""
    breaker: BreakerSettings = BreakerSettings()
    """When an account is left alone."""
    safety: SafetySettings = SafetySettings()
    """How much may be taken from buyers without being asked."""
    drift: DriftSettings = DriftSettings()
    """What becomes of what somebody edited at a marketplace."""
    serve: ServeSettings = ServeSettings()
    """How the service is reached."""
    metrics: MetricsSettings = MetricsSettings()
    """Metrics for Prometheus, at a port of their own."""
    webhook: WebhookSettings = WebhookSettings()
    """A webhook that notices are sent to."""
    mail: MailSettings = MailSettings()
    """E-mail that notices are sent by."""
    log: LogSettings = LogSettings()
    """What is written to standard error."""

    _file: Path | None = PrivateAttr(default=None)

    def read_from(self, file: Path | None) -> Self:
        """Remember from which *file* they were read, for messages; None for none."""
        self._file = file
        return self

    @property
    def file(self) -> Path | None:
        """Return the file from which they were read, if there was one."""
        return self._file

    @field_validator("accounts")
    @classmethod
    def _have_keys_of_their_own(
        cls, accounts: tuple[AccountSettings, ...]
    ) -> tuple[AccountSettings, ...]:
        keys = [account.key for account in accounts]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            message = f"key bị trùng / same key twice: {', '.join(twice)}"
            raise ValueError(message)
        return accounts

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, which comes as arguments."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings
