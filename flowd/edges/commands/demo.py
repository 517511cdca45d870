"""`flowd demo`: the daemon on made-up income, in a folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import click

_DEMO = """\
# Made-up income of a made-up exchange and payout platform: delete this folder when you have seen enough.
tenant: {name: demo, base_currency: EUR, timezone: Europe/Berlin}
database: {embedded: ./db}
state: ./state
http: {listen: "127.0.0.1:8788"}
connections:
  demo: {type: demo, config: {seed: 1, months: 18}}
  salary: {type: recurring, config: {amount: 4200, currency: EUR, every: month on L, start: 2025-01-01}}
  rates: {type: ecb}
"""


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demo's configuration and data go.",
)
def demo(folder: Path) -> None:
    """Run flowd on made-up income, in a folder of its own, until Ctrl-C: your own data is not touched."""
    from flowd.edges.daemon import Daemon

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "flowd.yaml"
    if not path.exists():
        path.write_text(_DEMO)
    click.echo(f"the demo's configuration: {path}")
    Daemon(path, os.environ, say=lambda line: click.echo(line)).run()
