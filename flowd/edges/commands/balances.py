"""`flowd balances`: what every account holds and held, and where that does not follow from its transactions."""

from __future__ import annotations

from datetime import date
from typing import Final, cast

import click

from flowd.edges.deciding import find_account, today
from flowd.edges.opening import open_store, read_settings
from flowd.edges.period import ONE_ACCOUNT, Period, Reach, Step, as_day, named, period_options
from flowd.edges.same_place import twice
from flowd.edges.standing import as_currency
from flowd.edges.tables import Row, print_json, show

#: How many days what was read or stated counts.
_COUNTED: Final = 100
#: How many steps are shown where nobody said it.
_STEPS: Final = Reach(count=12)
_NOW: Final = ("account", "kind", "asset", "balance", "moved", "worth", "quality", "as_of", "source")
_THEN: Final = ("period", "account", "asset", "balance", "moved", "as_of", "source")
_GAPS: Final = ("account", "asset", "first_day", "last_day", "stated", "booked", "gap", "what", "against")
_UNITS: Final = ("balance", "moved", "stated", "booked", "gap")
_EMPTY: Final = "no account is known yet: `flowd sync` reads them, `flowd import` reads statements"


@click.command()
@click.option(
    "--by", "step", type=click.Choice(["day", "week", "month", "quarter", "year"]), help="A line at the end of each."
)
@period_options
@click.option("--on", callback=as_day, metavar="DAY", help="At the end of this day.")
@click.option("--account", help=ONE_ACCOUNT)
@click.option("--asset", callback=as_currency, help="Of this currency, coin or share only.")
@click.option("--currency", callback=as_currency, hidden=True, help="--asset, as it was called.")
@click.option("--gaps", is_flag=True, help="Where a balance changed by something else than its transactions.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: one object per account and asset (and step), or gap."
)
@click.pass_context
def balances(
    ctx: click.Context,
    step: Step | None,
    period: Period,
    on: date | None,
    account: str | None,
    asset: str | None,
    currency: str | None,
    gaps: bool,
    as_json: bool,
) -> None:
    """Show what every account holds: as it was read, or as statements and transactions tell.

    Where no balance was ever stated, only what was moved is known: `flowd account balance` gives one. With --by the
    last 12 of each are shown, if no --since and no --last is given.
    """
    from flowd.storage.balance_reports import BalanceReports, Which

    if gaps and step is not None:
        raise click.UsageError("--gaps lists gaps with their own days: leave out --by")
    if on is not None and (gaps or period or step is not None):
        raise click.UsageError("--on is one day: leave out --gaps, --by, --since, --until, --last and --year")
    if period and not gaps and step is None:
        raise click.UsageError("say with --by how often (day, week, month, quarter, year), or one day with --on")
    with open_store(read_settings(ctx)) as store:
        reports, day = BalanceReports(store.database), today(store)
        place = None if account is None else find_account(store, account)
        which = Which(
            connection=None if place is None else place.connection,
            account=None if place is None else place.account,
            asset=asset or currency,
        )
        if gaps:
            rows = reports.gaps(which, period.since(day), period.until())
            columns = list(_GAPS)
        elif on is not None:
            rows, columns = reports.by_step("day", on, on, which), list(_THEN[1:])
        elif step is None:
            rows, columns = reports.now(which), list(_NOW)
        else:
            since = period.since(day, step=step, otherwise=_STEPS) or day
            rows, columns = reports.by_step(step, since, period.until() or day, which), list(_THEN)
        missing = [row for row in reports.gaps(which) if row["what"] == "gap"]
        resting = place is not None and place.left_out
    if as_json:
        print_json(rows)
        return
    if resting:
        click.echo(
            f"{place} is left out, and holds nothing that counts: flowd account take-in {place} lets it count again"
        )
        return
    if gaps:
        show(_named(rows), columns, as_json=False, empty="balances follow from what was booked", exact=_UNITS)
        return
    # what no line has only makes the table wider
    wanted = [column for column in columns if column != "moved" or any(row["moved"] is not None for row in rows)]
    told = [{**row, "period": named(step, cast("date", row["period"]))} if step else row for row in rows]
    show(_named(told), wanted, as_json=False, empty=_EMPTY, exact=_UNITS)
    if old := sorted({_name(row) for row in rows if _is_old(row, day)}):
        click.echo(
            f"not counted as worth, because nothing was read or stated for over {_COUNTED} days: {', '.join(old)}; "
            "import what came since"
        )
    for one, other in twice({(str(row["connection"]), str(row["account"])) for row in rows}):
        click.echo(
            f"{one} and {other} are probably one account, and both count: read it from one source, by one number, and "
            f"leave out what says less: flowd account leave-out {other} --same-as {one}, or the other way round"
        )
    for name in sorted({_name(row) for row in rows if row["source"] == "relative"}):
        click.echo(f"of {name} only movements are known: `flowd account balance` says what it held on a day")
    if missing:
        many = "s" if len(missing) > 1 else ""
        click.echo(f"{len(missing)} gap{many} between balances and transactions: `flowd balances --gaps`")


def _is_old(row: Row, today: date) -> bool:
    """Say whether what an account held is too long ago to count; of a purse and a house it is never."""
    as_of = row["as_of"]
    old = isinstance(as_of, date) and (today - as_of).days > _COUNTED
    return old and "worth" in row and row["worth"] is None and row["balance"] is not None


def _named(rows: list[dict[str, object]]) -> list[Row]:
    """Return rows as they are shown to people: an account by its name."""
    return [{**row, "account": _name(row)} for row in rows]


def _name(row: Row) -> str:
    return str(row["name"]) if row["name"] != row["account"] else _path(row)


def _path(row: Row) -> str:
    return f"{row['connection']}/{row['account']}"
