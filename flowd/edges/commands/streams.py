"""`flowd streams`: each stream of income, how it is doing and why."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import click

from flowd.edges.bars import bars
from flowd.edges.opening import open_store, read_settings
from flowd.edges.period import IN_CURRENCY, ONE_GROUP
from flowd.edges.standing import Standing, as_currency, standing_of
from flowd.edges.tables import Row, print_json, show

_COLUMNS: Final = (
    "stream",
    "group",
    "30 days",
    "90 days",
    "365 days",
    "trend",
    "health",
    "comes",
    "next",
    "share",
    "tax",
    "half a year",
)


@click.command()
@click.option("--group", help=ONE_GROUP)
@click.option("--currency", callback=as_currency, help=IN_CURRENCY)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per stream, group and the total.")
@click.pass_context
def streams(ctx: click.Context, group: str | None, currency: str | None, as_json: bool) -> None:
    """Show each stream: what a day earns (mean of 30, 90 and 365 days), its trend and health, and why.

    30 days is the daily rate. A health of stalled means that nothing came in for longer than usual, stale that its
    source is not read any more. `tax` is what to set aside of what came in since the year began.
    """
    standing = read_standing(ctx, currency)
    rows = [row for row in standing.rows() if group is None or row["group"] == group]
    if as_json:
        print_json(rows)
        return
    told = [row for row in rows if row["scope"] == "stream" or (group is None and row["scope"] == "total")]
    if not any(row["scope"] == "stream" for row in told):
        where = f" in the group {group}: `flowd streams` lists all" if group else ": `flowd status` shows what is read"
        click.echo(f"no stream of income{where}")
        return
    show([line(row) for row in told], _COLUMNS, as_json=False, empty="")
    click.echo(f"earned per day in {standing.currency}, to {told[0]['as_of']}")
    for row in told:
        click.echo(f"{row['label']} is {row['health']}: {row['health_reason']}")
    for text in standing.stands() if group is None else ():
        click.echo(text)
    unknown = [str(row["label"]) for row in told if row["scope"] == "stream" and row["mean_30d"] is None]
    if unknown and told[-1]["scope"] == "total" and told[-1]["mean_30d"] is not None:
        click.echo(f"not in the total of 30 days, because none of them is known: {', '.join(unknown)}")


def read_standing(ctx: click.Context, currency: str | None) -> Standing:
    """Return how streams are doing: as stored; computed now in `currency`, or where nothing is stored yet."""
    settings = read_settings(ctx)
    with open_store(settings) as store:
        return standing_of(store, settings, currency)


def line(row: Mapping[str, object]) -> Row:
    """Return a row as it is shown to people."""
    slope, share = row["slope_pct"], row["share"]
    moved = f" {slope * 100:+.1f} %" if isinstance(slope, Decimal) and row["trend"] in {"growing", "declining"} else ""
    due, amount = row["next_due"], row["next_amount"]
    weeks = row["weeks"]
    return {
        "stream": row["label"] if row["scope"] != "total" else "total",
        "group": row["group"] or "",
        "30 days": _money(row["mean_30d"]),
        "90 days": _money(row["mean_90d"]),
        "365 days": _money(row["mean_365d"]),
        "trend": f"{row['trend']}{moved}",
        "health": row["health"],
        "comes": row["cadence"] or "",
        "next": "" if due is None else f"{due}{'' if amount is None else f' {amount:,.2f}'}",
        "share": "" if not isinstance(share, Decimal) else f"{share * 100:.0f} %",
        "tax": _money(row["tax_reserve"]),
        "half a year": bars(weeks, 26) if isinstance(weeks, list) else "",
    }


def _money(value: object) -> Decimal | None:
    return value.quantize(Decimal("0.01")) if isinstance(value, Decimal) else None
