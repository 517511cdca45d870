"""`flowd db`: the address of the database, and a shell on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import click

from flowd.edges.opening import open_store, read_settings
from flowd.errors import ConfigError

_ROLES = click.Choice(["owner", "app", "grafana"])


@click.group()
def db() -> None:
    """The database: its address, or a shell on it."""


@db.command()
@click.option("--role", type=_ROLES, default="owner", show_default=True, help="Whose login.")
@click.option("--tcp", is_flag=True, help="Over TCP on 127.0.0.1, as a Grafana on this machine needs it.")
@click.option("--hide", is_flag=True, help="Leave the password out.")
@click.pass_context
def url(ctx: click.Context, role: str, tcp: bool, hide: bool) -> None:
    """Print the address of the database, password included: keep it to yourself."""
    from flowd.storage.embedded import Embedded
    from flowd.storage.tenants import grafana_role

    settings = read_settings(ctx)
    if settings.database.embedded is None:
        assert settings.database.url is not None
        if role != "owner":
            raise ConfigError("database.url names one login; the others are in your server's hands (docs/database.md)")
        click.echo("(hidden: database.url is a secret)" if hide else settings.database.url.get_secret_value())
        return
    server = Embedded(settings.database.embedded, settings.database.port)
    login = grafana_role(settings.tenant.name) if role == "grafana" else f"flowd_{role}"
    click.echo(server.url(login, tcp=tcp, password=not hide))


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("psql_arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def shell(ctx: click.Context, psql_arguments: tuple[str, ...]) -> None:
    """Open psql on the database, as its owner; what follows is handed to psql (such as -c 'SELECT 1')."""
    settings = read_settings(ctx)
    with open_store(settings) as store:
        if store.embedded is not None:
            program = str(store.embedded.program("psql"))
        else:
            program = shutil.which("psql") or ""
            if not program:
                raise ConfigError("psql is not installed: install PostgreSQL's client, or use `flowd db url`")
        tenant = f"-c flowd.tenant={store.database.tenant_id}"
        # The address goes through the environment, so that the password is not in the list of processes.
        environ = {**os.environ, "PGOPTIONS": tenant, **_as_environment(store.database.dsn)}
        sys.exit(subprocess.call([program, *psql_arguments], env=environ))


def _as_environment(dsn: str) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "dbname": "PGDATABASE",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
    }
    known = conninfo_to_dict(dsn)
    return {names[name]: str(value) for name, value in known.items() if name in names and value is not None}
