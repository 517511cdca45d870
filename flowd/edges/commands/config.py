"""`flowd config`: the configuration as flowd reads it, and its JSON Schema."""

from __future__ import annotations

import click

from flowd.edges.opening import load_registry, read_settings
from flowd.edges.tables import print_json


@click.group()
def config() -> None:
    """Show the configuration as flowd reads it, or its JSON Schema."""


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of YAML.")
@click.pass_context
def show_settings(ctx: click.Context, as_json: bool) -> None:
    """Print every setting in force, defaults and environment included; secrets stay hidden."""
    from flowd.config.binding import bind_connections
    from flowd.config.showing import show

    settings = read_settings(ctx)
    values = show(settings, bind_connections(settings, load_registry(settings)))
    if as_json:
        print_json(values)
        return
    import yaml

    click.echo(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), nl=False)


@config.command()
@click.pass_context
def schema(ctx: click.Context) -> None:
    """Print the JSON Schema of flowd.yaml, with the settings of every connector that it names."""
    from flowd.config.schema import json_schema
    from flowd.plugins import load_plugins

    path = ctx.find_root().params["config"]
    registry = load_registry(read_settings(ctx)) if path.exists() else load_plugins(())
    print_json(json_schema(registry.connectors))
