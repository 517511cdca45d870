"""`flowd study`: what is computed over whole histories, now."""

from __future__ import annotations

from typing import Final

import click

from flowd.edges.opening import load_registry, open_store, read_settings
from flowd.edges.tables import print_json, show
from flowd.errors import ConfigError

_COLUMNS: Final = ("study", "outcome", "rows", "changed", "seconds", "reason")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per study.")
@click.option("--background", is_flag=True, hidden=True, help="Give way to everything else, and end with the parent.")
@click.pass_context
def study(ctx: click.Context, names: tuple[str, ...], as_json: bool, background: bool) -> None:
    """Bring studies up to date: returns, statistics, expected receipts, projections, goals (all without a NAME).

    The daemon does so by itself at its start, when a day is over, and a few minutes after corrections. A study whose
    facts and settings are the same as before is not computed again. Exits 1 when one could not be made.
    """
    if background:
        from flowd.engine.background import give_way

        give_way()
    from flowd.engine.clock import SystemClock
    from flowd.engine.derivation import Derivation
    from flowd.engine.studying import Outcome, Studies
    from flowd.storage.listening import daemon_runs

    settings = read_settings(ctx)
    registry = load_registry(settings)
    if unknown := set(names) - set(registry.studies):
        known = ", ".join(registry.studies) or "none"
        raise ConfigError(f"no such study: {', '.join(sorted(unknown))}. There are: {known}")
    clock = SystemClock()
    with open_store(settings) as store:
        if not background and not daemon_runs(store.database):
            Derivation(store.database, registry, settings, clock).catch_up()
        results = Studies(store.database, registry, settings, clock).run(names or None)
    rows = [dict(result.as_row()) for result in results]
    if as_json:
        print_json(rows)
    else:
        show(rows, _COLUMNS, as_json=False, empty="there is no study: all are switched off in flowd.yaml")
    if any(result.outcome is Outcome.FAILED for result in results):
        ctx.exit(1)
