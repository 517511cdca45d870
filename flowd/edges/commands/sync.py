"""`flowd sync`: read connections now."""

from __future__ import annotations

import click

from flowd.edges.opening import read_settings


@click.command()
@click.argument("connections", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def sync(ctx: click.Context, connections: tuple[str, ...], as_json: bool) -> None:
    """Read the named connections now (all without a name): by the running daemon, or here when none runs.

    Exits 1 when a feed failed.
    """
    from flowd.edges.once import run_feeds

    ctx.exit(run_feeds(read_settings(ctx), connections or None, alone=False, as_json=as_json))
