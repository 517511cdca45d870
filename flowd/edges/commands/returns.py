"""`flowd returns`: what accounts that are worth something returned, whatever money came or left."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import click

from flowd.edges.opening import load_registry, open_store, read_settings
from flowd.edges.period import EACH, IN_CURRENCY
from flowd.edges.returned import SCOPES, WINDOWS, Returned, computed, stored
from flowd.edges.sparkline import sparkline
from flowd.edges.standing import as_currency
from flowd.edges.tables import Row, print_json, show

#: Under a year a rate per year is no headline: it is in the JSON, by its name.
_YEAR: Final = 365
_WIDTH: Final = 24


@click.command()
@click.option("--window", "names", type=click.Choice(WINDOWS), multiple=True, help="One window only; may be repeated.")
@click.option("--by", "scope", type=click.Choice(SCOPES), default="total", show_default=True, help=EACH)
@click.option("--currency", callback=as_currency, help=IN_CURRENCY)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per portfolio and window.")
@click.pass_context
def returns(ctx: click.Context, names: tuple[str, ...], scope: str, currency: str | None, as_json: bool) -> None:
    """Show gain and returns over 7, 30, 90 and 365 days, the year to date and the whole time.

    TWR is what a unit of money would have returned, whatever came or left; MWR what the money that was there returned.
    Both are over the window; per year only from 365 days on. The line is the TWR from the window's first day to its
    last. docs/numbers.md says how each number is made.
    """
    found = read_returned(ctx, scope, currency)
    rows = [row for row in found.rows if not names or row["window"] in names]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(
            "no returns yet: they are of accounts that are worth something (wallets, brokers), from their first whole "
            "day on; `flowd status` shows what is read"
        )
        return
    lines = [line(row, found) for row in rows]
    wanted = ("name", *COLUMNS) if scope != "total" else COLUMNS
    # what no line has only makes the table wider
    columns = [column for column in wanted if any(told[column] for told in lines)]
    show(lines, columns, as_json=False, empty="")
    click.echo(f"in {found.currency}, to {max(row['until'] for row in rows)}")
    for row in rows:
        if row["reason"]:
            who = f"{row['label']}, {row['window']}" if scope != "total" else row["window"]
            click.echo(f"{who}: {row['reason']}")


def read_returned(ctx: click.Context, scope: str, currency: str | None) -> Returned:
    """Return the windows of all portfolios of `scope`: as stored; computed in `currency`, or where none are stored."""
    from flowd.storage.reports import Reports

    settings = read_settings(ctx)
    with open_store(settings) as store:
        base = settings.tenant.base_currency
        found = stored(Reports(store.database), base, scope) if currency in (None, base) else None
        if found is None:
            from flowd.edges.histories import history_of

            registry = load_registry(settings)
            found = computed(history_of(store, settings, registry, currency), settings, registry, scope)
    return found


COLUMNS: Final = ("window", "worth", "gain", "gain %", "TWR", "MWR", "TWR a year", "XIRR", "volatility", "worst fall",
                  "quality", "TWR day by day")  # fmt: skip


def line(row: Mapping[str, Any], found: Returned) -> Row:
    """Return a row as it is shown to people."""
    whole_year = row["days"] >= _YEAR
    return {
        "name": row["label"],
        "window": row["window"],
        "worth": _money(row["closing"]),
        "gain": _money(row["pnl"]),
        "gain %": _share(row["pnl_pct"]),
        "TWR": _share(row["twr"]),
        "MWR": _share(row["mwr"]),
        "TWR a year": _share(row["twr_annual"]),
        "XIRR": _share(row["xirr"]) if whole_year else "",
        "volatility": _share(row["volatility"], sign=""),
        "worst fall": _share(row["max_drawdown"], sign=""),
        "quality": row["quality"],
        "TWR day by day": sparkline(found.index(row), _WIDTH) if row["twr"] is not None else "",
    }


def _share(value: Decimal | None, sign: str = "+") -> str:
    return "" if value is None else f"{value * 100:{sign},.2f} %".rjust(10)


def _money(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}".rjust(12)
