"""`flowd account`: what accounts there are, what they are called, and what they held."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import click

from flowd.edges.amounts import take_amount
from flowd.edges.deciding import Place, decide, find_account, ledger, today, write
from flowd.edges.groups import Knowing
from flowd.edges.opening import Store, open_store, read_settings
from flowd.edges.period import as_day
from flowd.edges.tables import print_json, show

if TYPE_CHECKING:
    from flowd.config import Settings
    from flowd.domain.decisions import AccountDecision
    from flowd.domain.flows import AccountKind

_LONGEST = 100


@click.group(
    cls=Knowing,
    elsewhere={
        "rename": "say flowd account name ACCOUNT NAME",
        "opening": "say flowd account balance ACCOUNT AMOUNT CURRENCY --on the day before",
        "merge": "flowd account leave-out SECOND --same-as FIRST leaves out one that is there twice already; "
        "`accounts:` of their connection makes two ids one before files are read",
        "remove": "flowd account leave-out ACCOUNT makes it count nowhere; nothing is deleted",
        "delete": "flowd account leave-out ACCOUNT makes it count nowhere; nothing is deleted",
        "show": "flowd balances --account ACCOUNT shows one",
    },
)
def account() -> None:
    """List accounts, name them, add one that no source knows (a purse), say what one held, and leave one out.

    An ACCOUNT is its name, its id, or CONNECTION/ACCOUNT. `flowd undo` takes back what you said.
    """


@account.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per account and asset.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Show every account, what it is called, of what kind it is, and what was there last."""
    with open_store(read_settings(ctx)) as store:
        rows = ledger(store).accounts()
    if as_json:
        print_json(rows)
        return
    lines = [
        {
            **row,
            "account": f"{row['connection']}/{row['account']}",
            "source calls it": _source(row),
            "counts": _counts(row),
        }
        for row in rows
    ]
    columns = ["account", "name", "kind", "asset", "quantity", "worth", "source calls it"]
    columns += ["counts"] if any(row["left_out"] for row in rows) else []
    show(lines, columns, as_json=False, empty="no account is known yet: flowd sync or flowd import brings some")


@account.command()
@click.argument("account")
@click.argument("name", required=False)
@click.option("--kind", help="Of what kind it is: bank, card, cash, broker, wallet_spot …")
@click.pass_context
def name(ctx: click.Context, account: str, name: str | None, kind: str | None) -> None:
    """Call ACCOUNT by NAME, or say its --kind: that stands above what its source says, everywhere."""
    if name is None and kind is None:
        raise click.UsageError("say a NAME or a --kind")
    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        place = find_account(store, account)
        before = _said_before(store, place)
        from flowd.domain.decisions import AccountDecision

        said = AccountDecision(
            connection=place.connection,
            account=place.account,
            name=_name(name) if name is not None else before.name if before else None,
            kind=_kind(kind) if kind is not None else before.kind if before else None,
        )
        _keep(store, settings, said)


@account.command()
@click.argument("name")
@click.option("--kind", default="cash", show_default=True, help="Of what kind it is: cash, bank, manual …")
@click.pass_context
def add(ctx: click.Context, name: str, kind: str) -> None:
    """Add an account that no source knows, such as a purse, and call it NAME."""
    from flowd.domain.decisions import AccountDecision
    from flowd.domain.goals import OWN_WORD

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        called = _name(name)
        taken = [
            row for row in ledger(store).accounts() if called.casefold() in (_low(row["name"]), _low(row["account"]))
        ]
        if taken:
            raise click.UsageError(
                f"{taken[0]['connection']}/{taken[0]['account']} is called so already: choose another"
            )
        _keep(store, settings, AccountDecision(connection=OWN_WORD, account=called, name=called, kind=_kind(kind)))


@account.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("account")
@click.argument("amount")
@click.argument("currency")
@click.option("--on", callback=as_day, metavar="DAY", help="At the end of this day (today).")
@click.pass_context
def balance(ctx: click.Context, account: str, amount: str, currency: str, on: date | None) -> None:
    """Say that ACCOUNT held AMOUNT of CURRENCY at the end of a day: an opening balance, or cash that was counted."""
    from flowd.domain.decisions import BalanceDecision
    from flowd.domain.money import check_asset

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        place = find_account(store, account)
        day = today(store) if on is None else on
        if day > today(store):
            raise click.UsageError(f"--on {day} is yet to come: name a day up to {today(store)}")
        try:
            held = Decimal(0) if re.fullmatch(r"[+-]?0+([.,]0+)?", amount) else take_amount(amount.lstrip("+-"))[0]
            asset = check_asset(currency.upper(), "CURRENCY")
        except ValueError as problem:
            raise click.UsageError(str(problem)) from None
        said = BalanceDecision(
            connection=place.connection,
            account=place.account,
            asset=asset,
            day=day,
            amount=-held if amount.startswith("-") else held,
        )
        decide(store, settings, [(said, day)])
    click.echo(f"{place} held {said.amount} {asset} at the end of {day}")


@account.command("leave-out")
@click.argument("account")
@click.option("--same-as", metavar="OTHER", help="It is this account, seen a second time; OTHER counts.")
@click.pass_context
def leave_out(ctx: click.Context, account: str, same_as: str | None) -> None:
    """Let ACCOUNT count nowhere: it is another one that is there twice, or it is not yours.

    Its transactions, trades, readings and balances stay, and are listed as left out; they count in no income, transfer,
    balance, position, return or net worth. `flowd account take-in ACCOUNT` lets it count again.
    """
    from flowd.domain.decisions import LeftOutDecision

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        place = find_account(store, account)
        other = None if same_as is None else find_account(store, same_as)
        if other == place:
            raise click.UsageError(f"{place} cannot be left out as the same as itself: name the account that counts")
        if other is not None and other.left_out:
            raise click.UsageError(f"{other} is left out itself: flowd account take-in {other} first")
        rows = ledger(store).accounts()
        if doubles := [f"{row['connection']}/{row['account']}" for row in rows if row["same_as"] == str(place)]:
            raise click.UsageError(
                f"{doubles[0]} is left out as the same as {place}, and neither would count: "
                f"flowd account take-in {doubles[0]} first"
            )
        said = LeftOutDecision(
            connection=place.connection,
            account=place.account,
            same_as=None if other is None else (other.connection, other.account),
        )
        decide(store, settings, [(said, today(store))])
    why = "" if other is None else f": it is the same as {other}"
    click.echo(f"{place} counts no more{why}; flowd account take-in {place} lets it count again")


@account.command("take-in")
@click.argument("account")
@click.pass_context
def take_in(ctx: click.Context, account: str) -> None:
    """Let ACCOUNT count again, after flowd account leave-out."""
    from flowd.domain.decisions import LeftOutDecision, undo_event

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        place = find_account(store, account)
        if not place.left_out:
            raise click.UsageError(f"{place} is not left out: it counts")
        said = LeftOutDecision(connection=place.connection, account=place.account)
        write(store, settings, [undo_event(said, today(store))])
    click.echo(f"{place} counts again")


def _keep(store: Store, settings: Settings, said: AccountDecision) -> None:
    decide(store, settings, [(said, today(store))])
    for row in ledger(store).accounts():
        other = f"{row['connection']}/{row['account']}"
        if said.name and _low(row["name"]) == _low(said.name) and other != f"{said.connection}/{said.account}":
            click.echo(f"note: {other} is called so, too: name one otherwise, or write CONNECTION/ACCOUNT", err=True)
            break
    for row in ledger(store).accounts():
        if (row["connection"], row["account"]) == (said.connection, said.account):
            click.echo(f"{said.connection}/{said.account} is called {row['name']} ({row['kind'] or 'kind not known'})")
            return


def _said_before(store: Store, place: Place) -> AccountDecision | None:
    from flowd.domain.decisions import AccountDecision
    from flowd.domain.decisions_read import read_decision

    for row in ledger(store).decisions():
        if row["kind"] == "account":
            decision, _ = read_decision({**cast("dict[str, Any]", row["said"]), "kind": "account"})
            if isinstance(decision, AccountDecision) and (decision.connection, decision.account) == (
                place.connection,
                place.account,
            ):
                return decision
    return None


def _name(text: str) -> str:
    called = text.strip()
    if not called or len(called) > _LONGEST or not called.isprintable():
        raise click.UsageError(f"an account's name has 1 to {_LONGEST} printable characters")
    return called


def _kind(text: str) -> AccountKind:
    from flowd.domain.flows import AccountKind

    try:
        return AccountKind(text.lower())
    except ValueError:
        raise click.UsageError(f"there is no kind {text!r}; there are {', '.join(AccountKind)}") from None


def _low(value: object) -> str:
    return str(value).casefold()


def _counts(row: Any) -> str:
    """Say of an account that is left out that it is, and why."""
    if not row["left_out"]:
        return ""
    return f"left out: the same as {row['same_as']}" if row["same_as"] else "left out"


def _source(row: Any) -> str:
    """Return the source's own words, where somebody says it otherwise."""
    if row["source_name"] is None or (row["source_name"], row["source_kind"]) == (row["name"], row["kind"]):
        return ""
    return f"{row['source_name']} ({row['source_kind']})"
