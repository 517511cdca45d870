"""`flowd positions`: the coins and shares that are held, what they cost, and what they gained."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

import click

from flowd.edges.deciding import find_account
from flowd.edges.opening import load_registry, open_store, read_settings
from flowd.edges.period import IN_CURRENCY, ONE_ACCOUNT
from flowd.edges.standing import as_currency
from flowd.edges.tables import Row, print_json, show

if TYPE_CHECKING:
    from flowd.storage.reports import Row as Stored

METHODS: Final = ("fifo", "average")
_COLUMNS: Final = ("asset", "account", "quantity", "unit cost", "price", "worth", "unrealised", "of it FX", "realised",
                   "income", "fees", "quality")  # fmt: skip
_DIGITS: Final = 8


@click.command()
@click.option(
    "--method", type=click.Choice(METHODS), default="fifo", show_default=True, help="Which units leave first."
)
@click.option("--account", help=ONE_ACCOUNT)
@click.option("--currency", callback=as_currency, help=IN_CURRENCY)
@click.option("--closed", is_flag=True, help="Also those of which nothing is held any more.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per account and asset.")
@click.pass_context
def positions(
    ctx: click.Context, method: str, account: str | None, currency: str | None, closed: bool, as_json: bool
) -> None:
    """Show what is held of each coin and share, what it cost and is worth, and what it gained.

    By fifo the oldest units leave first, by average each has cost the same. Unit cost and price are in what the asset
    is traded in, everything else in one currency; docs/numbers.md says how each number is made. What has no price of
    today, or came from nobody knows where, is told below the table.
    """
    rows = [row for row in read_positions(ctx, method, currency, account) if closed or row["quantity"]]
    if as_json:
        print_json(rows)
        return
    show([line(row) for row in rows], _COLUMNS, as_json=False, empty=_nothing(closed=closed))
    if rows:
        worth = [cast("Decimal", row["value_base"]) for row in rows if row["value_base"] is not None]
        unknown = len(rows) - len(worth)
        lacking = f", {unknown} of them of unknown worth" if unknown else ""
        known = f"worth {sum(worth, Decimal(0)):,.2f} in {rows[0]['base_currency']}{lacking}"
        click.echo(known if worth else f"worth is not known: no price of today, or none in {rows[0]['base_currency']}")
    for row in rows:
        if row["reason"]:
            click.echo(f"{row['connection']}/{row['account']} {row['asset']}: {row['reason']}")


def read_positions(ctx: click.Context, method: str, currency: str | None, account: str | None) -> list[Stored]:
    """Return the positions by one method: as stored, or computed in another currency than the base currency."""
    from flowd.storage.reports import Reports

    settings = read_settings(ctx)
    with open_store(settings) as store:
        place = None if account is None else find_account(store, account)
        if currency is None or currency == settings.tenant.base_currency:
            found = Reports(store.database).positions(method)
        else:
            from flowd.edges.held import positions_in

            computed = positions_in(store, settings, load_registry(settings), currency)
            found = [row for row in computed if row["method"] == method]
        return [row for row in found if place is None or str(place) == f"{row['connection']}/{row['account']}"]


def line(row: Stored) -> Row:
    """Return a row as it is shown to people."""
    said = cast("dict[str, Any]", row)
    income = said["dividends_base"] + said["interest_base"] + said["staking_base"] + said["other_base"]
    return {
        "asset": said["asset"],
        "account": f"{said['connection']}/{said['account']}",
        "quantity": digits(said["quantity"]),
        "unit cost": _priced(said["average_price"], said["quote"]),
        "price": _priced(said["price"], said["quote"]),
        "worth": said["value_base"],
        "unrealised": said["unrealised_base"],
        "of it FX": said["unrealised_fx"],
        "realised": said["realised_base"],
        "income": income,
        "fees": said["fees_base"],
        "quality": said["quality"],
    }


def digits(amount: Decimal) -> str:
    """Write a number of units: as many decimals as it has, eight at most."""
    shown = round(amount, _DIGITS)
    return f"{shown:,f}".rstrip("0").rstrip(".") if shown % 1 else f"{shown:,.0f}"


def _priced(price: Decimal | None, quote: str) -> str:
    if price is None:
        return "—"
    # small prices have their digits far behind the point
    return f"{price:,.2f} {quote}" if abs(price) >= 1 or not price else f"{digits(price)} {quote}"


def _nothing(*, closed: bool) -> str:
    if closed:
        return "no positions: they are made of trades, and of coins and shares that come and leave"
    return "nothing is held; --closed shows what was"
