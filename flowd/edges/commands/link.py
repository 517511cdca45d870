"""`flowd link` and `flowd unlink`: access that is granted by logging in at the source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from flowd.edges.loopback import PORT
from flowd.edges.opening import load_registry, open_store, read_settings
from flowd.errors import ConfigError, FlowdError

if TYPE_CHECKING:
    from flowd.config import Settings
    from flowd.edges.assembly import Assembly


@click.command()
@click.argument("connection")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=PORT,
    show_default=True,
    help="Port on which the browser comes back.",
)
@click.option("--redirect", metavar="URL", help="Address of that port as the source sees it, where it wants https.")
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the page, if there is a browser.")
@click.option(
    "--timeout", type=click.FloatRange(1, 86400), default=900, show_default=True, help="Seconds to wait for the answer."
)
@click.pass_context
def link(ctx: click.Context, connection: str, port: int, redirect: str | None, browser: bool, timeout: float) -> None:
    """Log in at a connection's source, so that flowd may read there, and keep the tokens it gives, encrypted.

    Works while the daemon runs (it reads the connection at once) and while it does not. Run it again whenever the
    access has ended. Exits 1 when nothing was linked.
    """
    from flowd.edges.linking import Way
    from flowd.edges.linking import link as do_link
    from flowd.storage.listening import ask
    from flowd.storage.reports import Reports

    if redirect is not None and not redirect.startswith(("https://", "http://")):
        raise click.BadParameter("write the whole address, such as https://my.tunnel.example/callback")
    settings = read_settings(ctx)
    way = Way(port=port, redirect=redirect, browser=browser, timeout=timeout)
    with _parts(settings, connection) as (parts, running):
        done = do_link(parts, connection, way, click.echo)
        until = f", until {done.expires_at:%Y-%m-%d}" if done.expires_at is not None else ""
        click.echo(f"{connection} is linked{': ' if done.summary else ''}{done.summary}{until}")
        if running:
            with suppress(FlowdError):
                ask(parts.database, linked=[connection], sync=[connection])
            # A daemon notes how each of its feeds is doing as soon as it first ran.
            if any(row["connection"] == connection for row in Reports(parts.database).connections()):
                click.echo("the running daemon reads it now")
            else:
                click.echo("the running daemon does not know this connection yet: reload it (SIGHUP)")
        else:
            click.echo(f"`flowd sync {connection}` reads it now, `flowd run` from now on")


@click.command()
@click.argument("connection")
@click.pass_context
def unlink(ctx: click.Context, connection: str) -> None:
    """Delete the tokens of a connection; what was read stays. Take the consent back at the source, too.

    Exits 1 when there were none.
    """
    from flowd.edges.tokens import token_keeper
    from flowd.storage.consents import ConsentStore
    from flowd.storage.listening import ask

    settings = read_settings(ctx)
    with open_store(settings) as store, token_keeper(settings, store.database) as tokens:
        there = tokens.unlink(connection)
        ConsentStore(store.database).remove(connection)
        with suppress(FlowdError):
            ask(store.database, unlinked=[connection])
    if not there:
        click.echo(f"{connection} is not linked", err=True)
        ctx.exit(1)
    click.echo(f"the tokens of {connection} are deleted; to end its access, take the consent back at the source")


@contextmanager
def _parts(settings: Settings, connection: str) -> Iterator[tuple[Assembly, bool]]:
    """Start what is needed to talk with one connection's source."""
    from flowd.config.binding import bind_connections
    from flowd.edges.assembly import Assembly
    from flowd.engine.clock import SystemClock
    from flowd.storage.listening import daemon_runs

    registry = load_registry(settings)
    bound = bind_connections(settings, registry)
    if connection in bound.problems:
        raise ConfigError("; ".join(str(problem) for problem in bound.problems[connection]))
    if connection not in bound.connections:
        known = [name for name, one in bound.connections.items() if one.type.links]
        raise ConfigError(f"no such connection: {connection}. These can be linked: {', '.join(known) or 'none'}")
    if not bound.connections[connection].type.links:
        kind = bound.connections[connection].type.name
        raise ConfigError(f"{connection} is not linked: a connection of the type {kind} has its keys in flowd.yaml")
    with open_store(settings) as store:
        running = daemon_runs(store.database)
        parts = Assembly.of(settings, registry, bound, store.database, clock=SystemClock())
        parts.start(alone=not running)
        try:
            yield parts, running
        finally:
            parts.stop()
