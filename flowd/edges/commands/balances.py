"""`flowd balances`: what every account holds and held, and where that does not follow from its transactions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, cast

import click

from flowd.edges.deciding import find_account, today
from flowd.edges.opening import open_store, read_settings
from flowd.edges.tables import Row, print_json, show

if TYPE_CHECKING:
    from flowd.storage.balance_reports import Step

_MONTHS: Final = {"day": 0, "week": 0, "month": 1, "quarter": 3, "year": 12}
_DAYS: Final = {"day": 1, "week": 7}
_NOW: Final = ("account", "kind", "asset", "balance", "moved", "worth", "quality", "as_of", "source")
_THEN: Final = ("period", "account", "asset", "balance", "moved", "as_of", "source")
_GAPS: Final = ("account", "asset", "first_day", "last_day", "stated", "booked", "gap", "what", "against")
_UNITS: Final = ("balance", "moved", "stated", "booked", "gap")
_EMPTY: Final = "no account is known yet: `flowd sync` reads them, `flowd import` reads statements"


@click.command()
@click.option(
    "--by", "step", type=click.Choice(list(_MONTHS)), help="At the end of each day, week, month, quarter or year."
)
@click.option("--last", type=click.IntRange(1, 10_000), default=12, show_default=True, help="With --by: how many.")
@click.option("--account", help="One account only: its name, its id, or CONNECTION/ACCOUNT.")
@click.option("--currency", help="Balances in this currency or coin only.")
@click.option("--gaps", is_flag=True, help="Where a balance changed by something else than its transactions.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: one object per account and asset (and step), or gap."
)
@click.pass_context
def balances(
    ctx: click.Context,
    step: str | None,
    last: int,
    account: str | None,
    currency: str | None,
    gaps: bool,
    as_json: bool,
) -> None:
    """Show what every account holds: as it was read, or as statements and transactions tell.

    Where no balance was ever stated, only what was moved is known: `flowd account balance` gives one.
    """
    from flowd.storage.balance_reports import BalanceReports, Which

    if gaps and step is not None:
        raise click.UsageError("--gaps lists gaps with their own days: leave out --by")
    with open_store(read_settings(ctx)) as store:
        reports = BalanceReports(store.database)
        place = None if account is None else find_account(store, account)
        which = Which(
            connection=None if place is None else place.connection,
            account=None if place is None else place.account,
            asset=None if currency is None else currency.upper(),
        )
        if gaps:
            rows, columns = reports.gaps(which), list(_GAPS)
        elif step is None:
            rows, columns = reports.now(which), list(_NOW)
        else:
            since = _since(today(store), step, last)
            rows, columns = reports.by_step(cast("Step", step), since, which), list(_THEN)
        missing = [row for row in reports.gaps(which) if row["what"] == "gap"]
    if as_json:
        print_json(rows)
        return
    if gaps:
        show(_named(rows), columns, as_json=False, empty="balances follow from what was booked", exact=_UNITS)
        return
    # what no line has only makes the table wider
    wanted = [column for column in columns if column != "moved" or any(row["moved"] is not None for row in rows)]
    show(_named(rows), wanted, as_json=False, empty=_EMPTY, exact=_UNITS)
    for name in sorted({_name(row) for row in rows if row["source"] == "relative"}):
        click.echo(f"of {name} only movements are known: `flowd account balance` says what it held on a day")
    if missing:
        many = "s" if len(missing) > 1 else ""
        click.echo(f"{len(missing)} gap{many} between balances and transactions: `flowd balances --gaps`")


def _since(today: date, step: str, last: int) -> date:
    """Return a day within the first of the `last` steps that end with the one of today."""
    if step in _DAYS:
        return date.fromordinal(max(1, today.toordinal() - _DAYS[step] * (last - 1)))
    months = today.year * 12 + today.month - 1
    begun = months - months % _MONTHS[step] - _MONTHS[step] * (last - 1)
    return date(max(1, begun // 12), begun % 12 + 1, 1)


def _named(rows: list[dict[str, object]]) -> list[Row]:
    """Return rows as they are shown to people: an account by its name."""
    return [{**row, "account": _name(row)} for row in rows]


def _name(row: Row) -> str:
    return str(row["name"]) if row["name"] != row["account"] else _path(row)


def _path(row: Row) -> str:
    return f"{row['connection']}/{row['account']}"
