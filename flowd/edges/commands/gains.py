"""`flowd gains`: what was realised by selling, spending and changing coins and shares, by year and holding period."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, cast

import click

from flowd.edges.commands.positions import METHODS, digits
from flowd.edges.deciding import today
from flowd.edges.opening import open_store, read_settings
from flowd.edges.period import Period, between, period_options
from flowd.edges.tables import print_json, show

_COLUMNS: Final = ("year", "asset", "held", "units", "proceeds", "fees", "cost", "gain", "of it FX", "quality")
_NO_ADVICE: Final = "This is no tax advice: what is taxed, by which method and from when, is for the law of the place."


@click.command()
@period_options
@click.option("--method", type=click.Choice(METHODS), default="fifo", show_default=True, help="Which units left first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per year, asset and holding period.")
@click.pass_context
def gains(ctx: click.Context, period: Period, method: str, as_json: bool) -> None:
    """Show what disposals gained, per year, asset and whether the units had been held for over a year.

    Amounts are in base currency, at the rates of the days on which units came and left. By average nobody can say how
    long units were held. This is no tax advice.
    """
    from flowd.storage.reports import Reports

    settings = read_settings(ctx)
    with open_store(settings) as store:
        since, until = period.since(today(store)), period.until()
        rows = Reports(store.database).gains(method, since, until)
    if as_json:
        print_json(rows)
        return
    lines = [
        {
            "year": str(row["year"]),
            "asset": row["asset"],
            "held": row["held"],
            "units": digits(cast("Decimal", row["quantity"])),
            "proceeds": row["proceeds"],
            "fees": row["fee"],
            "cost": row["cost"],
            "gain": row["gain"],
            "of it FX": row["fx"],
            "quality": row["quality"],
        }
        for row in rows
    ]
    show(lines, _COLUMNS, as_json=False, empty=f"nothing was sold, spent or changed{between(since, until)}")
    if not rows:
        return
    known = [cast("Decimal", row["gain"]) for row in rows if row["gain"] is not None]
    unknown = sum(cast("int", row["unknown"]) for row in rows)
    click.echo(f"gained {sum(known, Decimal(0)):,.2f} in {rows[0]['base_currency']}")
    if unknown:
        click.echo(f"of {unknown} days' disposals the gain is not known, and is left out:")
        for reason in dict.fromkeys(str(row["reason"]) for row in rows if row["reason"]):
            click.echo(f"  {reason}")
    click.echo(_NO_ADVICE)
