"""Opens what a command needs: the settings, the plugins, the database; and closes it again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowd.errors import AlreadyRunning, ConfigError, FlowdError

if TYPE_CHECKING:
    from flowd.config import Settings
    from flowd.plugins import Registry
    from flowd.storage.database import Database
    from flowd.storage.embedded import Embedded


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A database ready for use, and the server behind it where flowd runs one (None: it runs elsewhere)."""

    database: Database
    embedded: Embedded | None
    #: Whether this process started the server; False when a running daemon's server is used.
    started: bool


def read_settings(ctx: click.Context) -> Settings:
    """Read the file named with -c; ConfigError with every problem, or how to make a first file."""
    from flowd.config import load_settings

    path: Path = ctx.find_root().params["config"]
    if not path.exists():
        raise ConfigError(f"there is no {path}: make one with `flowd init`, or name yours with `flowd -c FILE`")
    settings = load_settings(path, os.environ)
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)
    return settings


def load_registry(settings: Settings) -> Registry:
    """Load the plugins that the settings name."""
    from flowd.config import plugin_names
    from flowd.plugins import Probe, load_plugins

    return load_plugins(plugin_names(settings), probe=Probe(cache=settings.state / "plugins.json"))


@contextmanager
def open_store(settings: Settings, *, alone: bool = False, deadline: float = 10.0) -> Iterator[Store]:
    """Start the embedded server (or find the running daemon's), bring the schema up to date, and open the database.

    With `alone`, a server that another flowd holds is an error (AlreadyRunning) instead of being shared.
    """
    from flowd.storage.database import Database
    from flowd.storage.embedded import Embedded
    from flowd.storage.migrate import migrate
    from flowd.storage.tenants import ensure_tenant

    embedded: Embedded | None = None
    started = False
    if settings.database.url is not None:
        dsn = settings.database.url.get_secret_value()
    else:
        assert settings.database.embedded is not None
        embedded = Embedded(settings.database.embedded, settings.database.port)
        try:
            dsn = embedded.start()
            started = True
        except AlreadyRunning:
            if alone:
                raise
            dsn = embedded.url()
    try:
        tenant = settings.tenant
        with Database(dsn, tenant=tenant.name, deadline=deadline) as database:
            if started or embedded is None:
                migrate(database)
                ensure_tenant(database, tenant.name, base_currency=tenant.base_currency, timezone=tenant.timezone)
            yield Store(database=database, embedded=embedded, started=started)
    finally:
        if embedded is not None and started:
            embedded.stop()


def plugin_commands(config: Path | None) -> dict[str, click.Command]:
    """Return the commands that plugins named in the configuration add; none where it cannot be read."""
    from flowd.config import load_settings

    if config is None or not config.exists():
        return {}
    try:
        return dict(load_registry(load_settings(config, os.environ)).commands)
    except FlowdError:
        return {}
