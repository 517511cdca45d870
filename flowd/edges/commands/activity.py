"""`flowd activity`: the activity log, once or live."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime

import click

from flowd.domain.json import to_json
from flowd.edges.opening import open_store, read_settings
from flowd.edges.period import NEWEST
from flowd.edges.tables import Row, show

_COLUMNS = ("started_at", "connection", "feed", "outcome", "seconds", "new", "revised", "unchanged", "error")


@click.command()
@click.argument("connection", required=False)
@click.option("-n", "--lines", type=click.IntRange(1), default=20, show_default=True, help=NEWEST)
@click.option("-f", "--follow", is_flag=True, help="Go on showing runs as they end; Ctrl-C stops.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (with --follow, one object per line).")
@click.pass_context
def activity(ctx: click.Context, connection: str | None, lines: int, follow: bool, as_json: bool) -> None:
    """Show the newest runs: which feed was read when, what came of it, and how it ended."""
    from flowd.storage.reports import Reports

    with open_store(read_settings(ctx)) as store:
        reports = Reports(store.database)
        rows = [_with_new(row) for row in reports.activity(connection=connection, limit=lines)]
        if not follow:
            show(rows, _COLUMNS, as_json=as_json, empty="nothing has been read yet: `flowd run` starts reading")
            return
        open_runs: dict[int, None] = {}
        last = 0
        while True:
            last = _print_ended(rows, open_runs, last, as_json=as_json)
            time.sleep(1)
            # From the oldest run that had not ended on, so that its end is shown too.
            after = min(open_runs, default=last + 1) - 1
            rows = [_with_new(row) for row in reports.activity(connection=connection, after=after, limit=1000)]


def _with_new(row: dict[str, object]) -> dict[str, object]:
    """Add up what a run brought: readings, rates and events together."""
    counts = [row["snapshots"], row["rates"], row["events"]]
    return {**row, "new": sum(count for count in counts if isinstance(count, int))}


def _print_ended(rows: Sequence[Row], open_runs: dict[int, None], last: int, *, as_json: bool) -> int:
    """Print each run once, when it has ended; return the highest run number seen."""
    for row in rows:
        run = row["run"]
        assert isinstance(run, int)
        if run <= last and run not in open_runs:
            continue
        last = max(last, run)
        if row["outcome"] == "running":
            open_runs[run] = None
            continue
        open_runs.pop(run, None)
        click.echo(json.dumps(to_json(row), ensure_ascii=False) if as_json else _line(row))
    return last


def _line(row: Row) -> str:
    at = row["started_at"]
    assert isinstance(at, datetime)
    text = f"{at.astimezone():%H:%M:%S}  {row['connection']}/{row['feed']}  {row['outcome']}"
    if row["seconds"] is not None:
        text += f"  {row['seconds']:.2f} s"
    counts = [f"{row[name]} {name}" for name in ("new", "revised", "unchanged") if row[name]]
    text += "  " + (", ".join(counts) or "nothing new")
    return text + (f"  {row['error']}" if row["error"] else "")
