"""flowd.yaml as typed, frozen settings: every key there is, with what it means."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, model_validator
from pydantic import SecretStr as Secret

from flowd.api import Isolation, Severity
from flowd.config.problems import Path as KeyPath
from flowd.config.problems import Place, Problem
from flowd.config.rules import RuleSettings
from flowd.config.section import Section
from flowd.config.source import Places
from flowd.config.values import (
    Asset,
    Color,
    Duration,
    Free,
    KeptSecret,
    Listen,
    Name,
    PeriodText,
    Share,
    Texts,
    Zone,
    refused,
    split_listen,
)
from flowd.secrets import Sources

StreamName = Annotated[str, Field(min_length=1, max_length=200)]
PluginName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class TenantSettings(Section):
    """Whose money this is: the person, household or company that every row belongs to."""

    name: Name = Field("home", description="name of the tenant; it stays the same for ever")
    base_currency: Asset = Field(description="the one currency everything is added up in")
    timezone: Zone = Field(description="decides when a day begins, as an IANA name such as Europe/Berlin")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.timezone)


class DatabaseSettings(Section):
    """Where everything is kept: in PostgreSQL run by flowd itself, or in a server of one's own."""

    embedded: Path | None = Field(None, description="folder of the database flowd runs itself")
    url: Secret | None = Field(None, description="address of a PostgreSQL server of one's own, as a secret")
    grafana_password: Secret | None = Field(
        None, description="password for grafana_<tenant> on a server of one's own; the embedded one has its own"
    )
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="port of the embedded database on 127.0.0.1; a free one by default"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> DatabaseSettings:
        if self.embedded is not None and self.url is not None:
            raise refused("names both embedded and url", "keep the one that is to be used")
        if self.url is not None and self.port is not None:
            raise refused("gives a port beside url", "put the port into the url")
        return self


class HttpSettings(Section):
    """The daemon's own pages: health, metrics and the API."""

    listen: Listen = Field("127.0.0.1:8787", description="host and port to listen on")

    @property
    def host(self) -> str:
        """The host to listen on, without the brackets of IPv6."""
        return split_listen(self.listen)[0]

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose."""
        return split_listen(self.listen)[1]


class LogSettings(Section):
    """What flowd says while it runs."""

    format: LogFormat = Field(LogFormat.TEXT, description="text for people, json for collectors")
    level: LogLevel = Field(LogLevel.INFO, description="debug, info, warning or error")


class SecretsSettings(Section):
    """The key with which tokens that sources renew are kept in the database."""

    key: KeptSecret | None = Field(None, description="seals stored tokens; `flowd key new` makes one")
    old_keys: tuple[KeptSecret, ...] = Field((), description="keys used before, until `flowd key rotate` was run")

    @model_validator(mode="after")
    def _old_beside_new(self) -> SecretsSettings:
        if self.old_keys and self.key is None:
            raise refused("has old_keys and no key", "write the key in use as `key`; `flowd key new` makes a new one")
        return self


class FeedSettings(Section):
    """How often one feed of a connection is read."""

    every: Duration | None = Field(None, description="time between two runs; the connector's own by default")
    timeout: Duration | None = Field(None, description="a run that takes longer is ended")


class IncomeMethod(StrEnum):
    """What income of an account is made from: its change in value, or the transactions of its ledger."""

    VALUE = "value"
    LEDGER = "ledger"


class AccountSettings(Section):
    """What is said of one account of a connection."""

    income: IncomeMethod | None = Field(None, description="value or ledger; the connection's by default")


class ConnectionSettings(Section):
    """One configured use of a connector; its name is its identity for ever."""

    type: PluginName = Field(description="the connector, as `flowd plugins` lists it")
    config: Free = Field(default_factory=dict, repr=False, description="the connector's own settings")
    feeds: dict[str, FeedSettings] = Field(default_factory=dict, description="other intervals than the connector's own")
    enabled: bool = Field(True, description="false keeps what was read and reads nothing more")
    income: IncomeMethod | None = Field(
        None, description="what income is made from: value (wallets and brokers, by default) or ledger (all others)"
    )
    accounts: dict[Annotated[str, Field(min_length=1, max_length=200)], AccountSettings] = Field(
        default_factory=dict, description="accounts of which something else is said, by the source's id"
    )
    isolation: Isolation | None = Field(None, description="process or thread; the connector's own by default")
    _line: int = PrivateAttr(default=0)

    @property
    def line(self) -> int:
        """The line of flowd.yaml on which the connection begins; 0 if it has none."""
        return self._line


class StreamSettings(Section):
    """How one stream of income is shown; all of it may be left out."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(None, description="title on charts")
    group: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="streams of a group are shown together"
    )
    color: Color | None = Field(None, description="colour on charts, such as '#2e7d32' or green")
    target: Annotated[Decimal, Field(ge=0, allow_inf_nan=False, max_digits=38)] | None = Field(
        None, description="what it should bring in a month, in base currency"
    )
    every: PeriodText | None = Field(
        None, description="how often it pays, such as 'month on 25'; found out if not said"
    )
    tax: Share | None = Field(None, description="share of what is received that is to be set aside, such as 30%")
    passive: bool | None = Field(
        None, description="whether it comes in without work; interest, dividends, rent and staking do if not said"
    )
    of: Texts | None = Field(
        None, description="other streams that take the name, group, colour, tax and passive of this one"
    )


class SwitchSettings(Section):
    """One analytic or alert: whether it is on, and its own settings."""

    enabled: bool = Field(True, description="false switches it off")
    config: Free = Field(default_factory=dict, repr=False, description="its own settings")


class NotifierSettings(Section):
    """One way to be told that something needs attention."""

    type: PluginName = Field(description="the notifier, as `flowd plugins` lists it")
    config: Free = Field(
        default_factory=dict, repr=False, description="the notifier's own settings, such as an address"
    )
    severity: Severity = Field(Severity.WARNING, description="least severity that is told: info, warning or error")
    enabled: bool = Field(True, description="false switches it off")


class Settings(Section):
    """All of flowd.yaml: paths are absolute, the core's secrets are read, those of connections are still references."""

    tenant: TenantSettings = Field(description="whose money this is")
    database: DatabaseSettings = Field(
        default_factory=lambda: DatabaseSettings(embedded=Path("var/db")), description="where everything is kept"
    )
    http: HttpSettings = Field(default_factory=lambda: HttpSettings(), description="health, metrics and API")
    log: LogSettings = Field(default_factory=lambda: LogSettings(), description="what flowd says while it runs")
    secrets: SecretsSettings = Field(
        default_factory=lambda: SecretsSettings(), description="the key with which tokens are kept"
    )
    state: Path = Field(Path("var"), description="folder for the spool and other files of the running daemon")
    connections: dict[Name, ConnectionSettings] = Field(default_factory=dict, description="what is read")
    streams: dict[StreamName, StreamSettings] = Field(default_factory=dict, description="how income is shown")
    rules: tuple[RuleSettings, ...] = Field((), description="what transactions are; the first that matches wins")
    plugins: tuple[PluginName, ...] = Field((), description="plugins to load beside those of connections and notifiers")
    analytics: dict[str, SwitchSettings] = Field(default_factory=dict, description="computations, on or off")
    alerts: dict[str, SwitchSettings] = Field(default_factory=dict, description="alerts, on or off")
    notifiers: dict[Name, NotifierSettings] = Field(default_factory=dict, description="who is told, and how")
    importers: dict[str, Free] = Field(
        default_factory=dict, repr=False, description="settings of file formats, such as profiles"
    )

    _places: Places = PrivateAttr(default_factory=lambda: Places(file="flowd.yaml"))
    _sources: Sources = PrivateAttr(default_factory=lambda: Sources(environ={}, folder=Path()))
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())

    @property
    def file(self) -> str:
        """The file the settings were read from, as it was named."""
        return self._places.file

    @property
    def folder(self) -> Path:
        """The folder of the file: relative paths start there."""
        return self._sources.folder

    @property
    def sources(self) -> Sources:
        """Where secrets are looked up."""
        return self._sources

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is not wrong but should be known, such as a secret file that others may read."""
        return self._warnings

    def place(self, *path: str | int) -> Place:
        """Return where the setting `path` was written: `place("connections", "salary", "type")`."""
        return self._places.of(path)

    def place_of_value(self, path: KeyPath) -> Place:
        """Return where the value of the setting `path` begins."""
        return self._places.of_value(path)


def plugin_names(settings: Settings) -> tuple[str, ...]:
    """Return the plugins that flowd.yaml needs, in its order: listed ones, connectors, then notifiers."""
    connectors = (connection.type for connection in settings.connections.values() if connection.enabled)
    notifiers = (notifier.type for notifier in settings.notifiers.values() if notifier.enabled)
    return tuple(dict.fromkeys([*settings.plugins, *connectors, *notifiers]))
