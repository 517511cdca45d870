"""`flowd cashflow`: money that moved and that no source states."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from flowd.edges.amounts import take_amount
from flowd.edges.deciding import amount as written
from flowd.edges.deciding import decide, find_account, find_transaction, ledger, today, write
from flowd.edges.groups import Knowing
from flowd.edges.ledger_words import short
from flowd.edges.opening import open_store, read_settings
from flowd.edges.period import as_day
from flowd.edges.tables import print_json, show

if TYPE_CHECKING:
    from flowd.domain.flows import FlowClass

_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group(cls=Knowing, elsewhere={"undo": "flowd cashflow remove ID, or flowd undo ID"})
def cashflow() -> None:
    """Add money that moved and that no source states: a deposit, a withdrawal, a payment in cash.

    What came into an exchange or a broker from outside is then neither income nor return.
    """


def _movement(command: _Command) -> _Command:
    """Give a command the words of a movement by hand."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON: the transaction."),
        click.option("--note", default="", help="What it was for."),
        click.option("--from", "--to", "counterparty", default="", help="Who it came from, or went to."),
        click.option("--on", "day", callback=as_day, metavar="DAY", help="The day on which it moved (today)."),
        click.argument("currency"),
        click.argument("amount"),
        click.argument("account"),
    ):
        command = option(command)
    return command


# -h would be found in the letters of an amount below zero
_SIGNED: Final = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


@cashflow.command(context_settings=_SIGNED)
@_movement
@click.option(
    "--class",
    "flow_class",
    help="What it is: deposit, withdrawal, expense, salary …; a deposit or a withdrawal by its sign, if left out.",
)
@click.pass_context
def add(ctx: click.Context, /, amount: str, flow_class: str | None, **words: Any) -> None:
    """Add AMOUNT of CURRENCY that came into ACCOUNT (below zero: left it) on a day.

    A withdrawal, an expense and a fee leave the account, whether or not a minus is written.
    """
    _add(ctx, amount=amount, flow_class=flow_class, **words)


@cashflow.command()
@_movement
@click.pass_context
def deposit(ctx: click.Context, /, **words: Any) -> None:
    """Add AMOUNT of CURRENCY that came into ACCOUNT from outside: neither income nor return."""
    _add(ctx, flow_class="deposit", **words)


@cashflow.command()
@_movement
@click.pass_context
def withdraw(ctx: click.Context, /, **words: Any) -> None:
    """Add AMOUNT of CURRENCY that left ACCOUNT for outside: neither an expense nor a loss."""
    _add(ctx, flow_class="withdrawal", **words)


def _add(
    ctx: click.Context,
    *,
    account: str,
    amount: str,
    currency: str,
    day: date | None,
    flow_class: str | None,
    counterparty: str,
    note: str,
    as_json: bool,
) -> None:
    from flowd.domain.decisions import TransactionDecision

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        place = find_account(store, account)
        day = today(store) if day is None else day
        if day > today(store):
            raise click.UsageError(f"--on {day} is yet to come: money that moved did so up to {today(store)}")
        number, asset = _amount(amount, currency)
        number, named = _signed(number, amount, flow_class)
        decision = TransactionDecision(
            key=secrets.token_hex(8),
            connection=place.connection,
            account=place.account,
            day=day,
            amount=number,
            asset=asset,
            flow_class=named,
            counterparty=counterparty.strip(),
            description=note.strip(),
        )
        (subject,) = decide(store, settings, [(decision, day)])
        (row,) = ledger(store).rows_of(subject)
    if as_json:
        print_json(row)
    else:
        click.echo(f"{short(subject)}: {written(row)} on {day} in {place}, {row['flow_class']}")


@cashflow.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Show all money that was added by hand."""
    with open_store(read_settings(ctx)) as store:
        rows = ledger(store).by_hand()
    if as_json:
        print_json(rows)
        return
    lines = [
        {
            **row,
            "id": short(row["subject"]),
            "account": f"{row['connection']}/{row['account']}",
            "amount": written(row),
            "class": row["flow_class"],
            "from": row["counterparty"],
            "note": row["description"],
        }
        for row in rows
    ]
    columns = ["id", "day", "account", "amount", "class", "from", "note"]
    show(lines, columns, as_json=False, empty="nothing was added by hand: flowd cashflow add ACCOUNT AMOUNT CURRENCY")


@cashflow.command()
@click.argument("id")
@click.pass_context
def remove(ctx: click.Context, id: str) -> None:  # noqa: A002 - the word for it
    """Take the movement ID away, which was added by hand; what was said of it stays in the log."""
    from flowd.domain.decisions import undo_event
    from flowd.domain.decisions_read import read_decision

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        whole = find_transaction(store, id)
        said = [row["said"] for row in ledger(store).about(whole.subject) if row["decision"] == whole.subject]
        if not said:
            raise click.UsageError(f"{id} was stated by {whole.row['connection']} and not added by hand")
        decision, problem = read_decision({**cast("dict[str, str]", said[0]), "kind": "transaction"})
        if decision is None:
            raise click.ClickException(f"what was added by hand cannot be read: {problem}")
        write(store, settings, [undo_event(decision, whole.day)])
    click.echo(f"{short(whole.subject)} is taken away: {written(whole.row)} on {whole.day}")


def _amount(text: str, currency: str) -> tuple[Decimal, str]:
    from flowd.domain.money import check_asset

    try:
        number, code, rest = take_amount(text.lstrip("+-"))
        asset = check_asset(currency.upper(), "CURRENCY")
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    if rest or (code and code != asset):
        raise click.UsageError(f"{text!r} names a currency of its own: write the amount alone, and then {asset}")
    return number, asset


def _signed(number: Decimal, text: str, flow_class: str | None) -> tuple[Decimal, FlowClass]:
    """Return the amount with its sign, and what it is."""
    from flowd.domain.flows import FlowClass
    from flowd.edges.commands.transaction import read_class

    minus = text.startswith("-")
    by_sign = FlowClass.WITHDRAWAL if minus else FlowClass.DEPOSIT
    named = by_sign if flow_class is None else read_class(flow_class)
    leaves = named in (FlowClass.WITHDRAWAL, FlowClass.EXPENSE, FlowClass.FEE)
    if (named is FlowClass.DEPOSIT and minus) or (leaves and text.startswith("+")):
        raise click.UsageError(f"{text} is no {named}: leave the sign or the class out")
    return (-number if minus or leaves else number), named
