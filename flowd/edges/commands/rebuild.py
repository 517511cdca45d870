"""`flowd rebuild`: everything derived, anew."""

from __future__ import annotations

import click

from flowd.edges.opening import load_registry, open_store, read_settings
from flowd.edges.tables import print_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def rebuild(ctx: click.Context, as_json: bool) -> None:
    """Drop everything derived and compute it again from the raw logs: the same rows, byte for byte.

    May be used while the daemon runs. What was read is not touched.
    """
    from flowd.engine.clock import SystemClock
    from flowd.engine.derivation import Derivation

    settings = read_settings(ctx)
    with open_store(settings) as store:
        derived = Derivation(store.database, load_registry(settings), settings, SystemClock()).rebuild()
    if as_json:
        print_json({"rows": derived.rows, "seconds": round(derived.seconds, 3)})
    else:
        click.echo(f"derived {derived.rows:,} rows anew in {derived.seconds:.1f} s")
