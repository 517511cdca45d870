"""`flowd plugins`: what each plugin adds, its state, and what is wrong with it."""

from __future__ import annotations

import sys

import click

from flowd.edges.opening import load_registry, read_settings
from flowd.edges.tables import show


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def plugins(ctx: click.Context, as_json: bool) -> None:
    """List plugins: built in, named in flowd.yaml (loaded), and installed but not named (listed).

    Exits 1 when a plugin that flowd.yaml names is broken.
    """
    registry = load_registry(read_settings(ctx))
    rows = [plugin.as_row() for plugin in registry.plugins]
    show(
        rows,
        ["name", "distribution", "version", "kinds", "provides", "maturity", "state", "error"],
        as_json=as_json,
        empty="no plugins are installed",
    )
    if registry.broken:
        sys.exit(1)
