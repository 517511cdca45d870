"""`flowd view`: the JSON documents that interfaces read."""

from __future__ import annotations

import click

from flowd.edges.opening import open_store, read_settings
from flowd.edges.tables import print_json, show
from flowd.errors import ConfigError


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the document with its version, or the list of all.")
@click.pass_context
def view(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Print the document NAME that is kept ready for interfaces; without a NAME, list them.

    The daemon keeps them up to date; without one they are made now.
    """
    from flowd.engine.clock import SystemClock
    from flowd.storage.listening import daemon_runs
    from flowd.storage.views import NAMES, Views

    if name is not None and name not in NAMES:
        raise ConfigError(f"there is no document {name!r}; there are: {', '.join(NAMES)}")
    settings = read_settings(ctx)
    with open_store(settings) as store:
        views = Views(store.database)
        if not daemon_runs(store.database):
            views.refresh(SystemClock().now())
        found = views.read(name)
    if name is None:
        rows = [{"name": one.name, "version": one.version, "changed_at": one.changed_at} for one in found]
        show(rows, ("name", "version", "changed_at"), as_json=as_json, empty="none was made yet: start the daemon")
    elif not found:
        raise ConfigError(f"the document {name} was not made yet: the daemon does so after its first round")
    elif as_json:
        one = found[0]
        print_json({"name": one.name, "version": one.version, "changed_at": one.changed_at, "data": one.data})
    else:
        print_json(found[0].data)
