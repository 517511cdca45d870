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
    from flowd.engine.studying import Outcome, Studies

    settings, clock = read_settings(ctx), SystemClock()
    registry = load_registry(settings)
    with open_store(settings) as store:
        derived = Derivation(store.database, registry, settings, clock).rebuild()
        studied = Studies(store.database, registry, settings, clock).run(rebuild=True)
    if as_json:
        studies = [one.as_row() for one in studied]
        print_json({"rows": derived.rows, "seconds": round(derived.seconds, 3), "studies": studies})
    else:
        click.echo(f"derived {derived.rows:,} rows anew in {derived.seconds:.1f} s")
        rows, seconds = sum(one.rows for one in studied), sum(one.seconds for one in studied)
        click.echo(f"studied the whole history anew: {rows:,} rows in {seconds:.1f} s")
    failed = [one for one in studied if one.outcome is Outcome.FAILED]
    for one in failed:
        click.echo(f"failed: the study {one.study}: {one.reason}", err=True)
    if failed:
        ctx.exit(1)
