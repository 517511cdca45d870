"""`flowd transaction`: find transactions, and say what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

import click

from flowd.edges.amounts import take_amount
from flowd.edges.deciding import (
    COLUMNS,
    Whole,
    amount,
    decide,
    find_account,
    find_transaction,
    ledger,
    shown,
    today,
    write,
)
from flowd.edges.groups import Knowing
from flowd.edges.ledger_words import decision_line, event_line, short
from flowd.edges.opening import Store, open_store, read_settings
from flowd.edges.parts import read_parts
from flowd.edges.period import NEWEST, ONE_ACCOUNT, Period, period_options
from flowd.edges.tables import print_json, show

if TYPE_CHECKING:
    from decimal import Decimal

    from flowd.domain.decisions import ClassDecision


#: So much is shown of a field that a source states besides.
_LONGEST: Final = 300


@click.group(
    cls=Knowing,
    elsewhere={
        "add": "flowd cashflow add adds one by hand",
        "category": "say flowd transaction class ID --category NAME",
        "note": "say flowd transaction class ID --note TEXT",
        "undo": "flowd undo takes back what was said of one",
        "remove": "flowd cashflow remove takes away what was added by hand; a source's word stays",
    },
)
def transaction() -> None:
    """Find transactions, and say what they are, of what parts, and which are one payment or one transfer.

    What you say is kept as an event: saying it again revises it, and `flowd undo` takes it back. An ID is the
    beginning of a transaction's key, as `flowd transaction list` shows it.
    """


@transaction.command("list")
@click.argument("text", required=False)
@click.option("--account", help=ONE_ACCOUNT)
@click.option("--amount", "of_amount", help="Of this amount, in or out, such as 49.90.")
@period_options
@click.option("--class", "flow_class", help="Taken for this, such as rent, expense or transfer.")
@click.option("--category", help="Filed under this.")
@click.option("-n", "--lines", type=click.IntRange(1), default=50, show_default=True, help=NEWEST)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_(
    ctx: click.Context,
    text: str | None,
    account: str | None,
    of_amount: str | None,
    period: Period,
    flow_class: str | None,
    category: str | None,
    lines: int,
    as_json: bool,
) -> None:
    """Show the newest transactions, or those with TEXT in them."""
    with open_store(read_settings(ctx)) as store:
        place = None if account is None else find_account(store, account)
        rows = ledger(store).transactions(
            text=text,
            account=None if place is None else (place.connection, place.account),
            amount=None if of_amount is None else _number(of_amount),
            since=period.since(today(store)),
            until=period.until(),
            flow_class=flow_class,
            category=category,
            limit=lines,
        )
    if as_json:
        print_json(rows)
    else:
        show([shown(row) for row in rows], COLUMNS, as_json=False, empty="no transaction fits")


@transaction.command("show")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the rows, decisions and versions.")
@click.pass_context
def show_(ctx: click.Context, id: str, as_json: bool) -> None:  # noqa: A002 - the word for it
    """Show a transaction: what it is taken for and why, what was decided about it, what its source said when."""
    with open_store(read_settings(ctx)) as store:
        whole = find_transaction(store, id)
        found = ledger(store)
        rows, decisions, versions = (
            found.rows_of(whole.subject),
            found.about(whole.subject),
            found.versions(whole.subject),
        )
    if as_json:
        print_json({"rows": rows, "decisions": decisions, "versions": versions})
        return
    show([shown(row) for row in rows], COLUMNS, as_json=False, empty="it is not derived yet")
    click.echo(f"key {whole.subject}")
    for line in besides(cast("Mapping[str, Any]", versions[-1]["data"]) if versions else {}):
        click.echo(line)
    for row in decisions:
        told = decision_line(str(row["kind"]), cast("Mapping[str, Any]", row["said"]), row["other"])
        problem = f" (does not apply: {row['problem']})" if row["problem"] else ""
        click.echo(f"you said: {told}{problem}; take it back with flowd undo {short(row['decision'])}")
    for version in versions:
        said = event_line(str(version["type"]), cast("Mapping[str, Any]", version["data"]))
        who = "you" if version["connection"] == "(you)" else version["connection"]
        click.echo(f"version {version['version']}, {version['added_at']:%Y-%m-%d %H:%M} by {who}: {said}")


@transaction.command("class")
@click.argument("id")
@click.argument("flow_class", metavar="[CLASS]", required=False)
@click.option("--stream", help="The stream in which it counts; an empty one takes back what was said.")
@click.option("--category", help="What to file it under; an empty one takes back what was said.")
@click.option("--note", help="What to note about it; an empty one takes back what was said.")
@click.pass_context
def class_(
    ctx: click.Context,
    id: str,  # noqa: A002 - the word for it
    flow_class: str | None,
    stream: str | None,
    category: str | None,
    note: str | None,
) -> None:
    """Say what the transaction ID is: its CLASS (salary, rent, expense, transfer …), stream, category, note.

    It stands above every rule and everything flowd finds. What is left out stays as it was said before.
    """
    from flowd.domain.decisions import ClassDecision, Said

    if flow_class is None and stream is None and category is None and note is None:
        raise click.UsageError("say a CLASS, --stream, --category or --note")
    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        whole = find_transaction(store, id)
        before = _said_before(store, whole)
        said = before.said if before is not None else Said()
        if flow_class is not None:
            said = replace(said, flow_class=read_class(flow_class))
        if stream is not None:
            said = replace(said, stream=stream or None)
        if category is not None:
            said = replace(said, category=category or None)
        if note is not None:
            said = replace(said, note=note or None)
        if said != Said():
            decide(store, settings, [(ClassDecision(of=whole.subject, said=said), whole.day)])
        elif before is not None:
            from flowd.domain.decisions import undo_event

            write(store, settings, [undo_event(before, whole.day)])
        _tell(store, whole)


# -h would be found in the letters of -50=other
@transaction.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("id")
@click.argument("parts", metavar="PART...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def split(ctx: click.Context, id: str, parts: tuple[str, ...]) -> None:  # noqa: A002 - the word for it
    """Split the transaction ID into parts that add up to it.

    A PART is AMOUNT[=CLASS][/CATEGORY][@STREAM], such as 50=expense/food; the amount may be `rest`. Without a sign
    it has the transaction's, and +4000 or -1200 have their own: so a net wage falls into gross and tax.
    """
    from flowd.domain.decisions import SplitDecision

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        whole = find_transaction(store, id)
        try:
            found = read_parts(parts, cast("Decimal", whole.row["amount"]))
        except ValueError as problem:
            raise click.UsageError(str(problem)) from None
        decide(store, settings, [(SplitDecision(of=whole.subject, parts=found), whole.day)])
        _tell(store, whole)


@transaction.command()
@click.argument("duplicate")
@click.argument("original")
@click.pass_context
def merge(ctx: click.Context, duplicate: str, original: str) -> None:
    """Say that the transaction DUPLICATE is the same payment as ORIGINAL, and does not count."""
    from flowd.domain.decisions import DuplicateDecision

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        one, other = _two(store, duplicate, original)
        for row in ledger(store).decisions():
            if row["kind"] != "duplicate" or (row["about"], row["other"]) == (one.subject, other.subject):
                continue
            # of a circle nothing would count
            if row["about"] == other.subject:
                raise click.UsageError(
                    f"{original} itself counts as the same as {short(row['other'])}: name that one, or take it back "
                    f"with flowd undo {short(row['decision'])}"
                )
            if row["other"] == one.subject:
                raise click.UsageError(
                    f"{short(row['about'])} counts as the same as {duplicate}: take that back first with "
                    f"flowd undo {short(row['decision'])}"
                )
        if one.row["amount"] != other.row["amount"] or one.row["asset"] != other.row["asset"]:
            click.echo(f"note: their amounts differ, {amount(one.row)} and {amount(other.row)}", err=True)
        decide(store, settings, [(DuplicateDecision(of=one.subject, other=other.subject), one.day)])
        _tell(store, one)


@transaction.command()
@click.argument("one")
@click.argument("other")
@click.pass_context
def distinct(ctx: click.Context, one: str, other: str) -> None:
    """Say that ONE and OTHER are two payments: `flowd duplicates` never proposes them again."""
    from flowd.domain.decisions import DistinctDecision

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        first, second = _two(store, one, other)
        decide(store, settings, [(DistinctDecision(of=first.subject, other=second.subject), first.day)])
    click.echo(f"{short(first.subject)} and {short(second.subject)} are two payments")


@transaction.command()
@click.argument("out")
@click.argument("into")
@click.option("--refuse", is_flag=True, help="Say that they are no transfer, and are never to be taken for one.")
@click.pass_context
def transfer(ctx: click.Context, out: str, into: str, refuse: bool) -> None:
    """Say that OUT, which left an account of yours, and INTO, which came into another, are one transfer."""
    from flowd.domain.decisions import TransferDecision, TransferVerdict, decision_event, undo_event
    from flowd.domain.decisions_read import read_decision

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        gone, came = _two(store, out, into)
        if gone.row["amount"] >= 0 or came.row["amount"] <= 0:
            raise click.UsageError(f"{out} has to be what went out, {into} what came in: is it the other way round?")
        verdict = TransferVerdict.REFUSED if refuse else TransferVerdict.CONFIRMED
        new = TransferDecision(of=gone.subject, other=came.subject, verdict=verdict)
        events = [decision_event(new, gone.day)]
        for row in [] if refuse else ledger(store).decisions():
            legs = {row["about"], row["other"]}
            if (
                row["kind"] != "transfer"
                or legs == {gone.subject, came.subject}
                or not legs & {gone.subject, came.subject}
            ):
                continue
            said = {**cast("dict[str, Any]", row["said"]), "kind": "transfer"}
            before, _ = read_decision({**said, "of": str(row["about"]), "other": str(row["other"])})
            if isinstance(before, TransferDecision) and before.verdict is TransferVerdict.CONFIRMED:
                # a leg belongs to one transfer
                events.append(undo_event(before, cast("date", row["day"])))
        write(store, settings, events)
        told = "no transfer, and never will be taken for one" if refuse else "one transfer"
        click.echo(f"{short(gone.subject)} and {short(came.subject)} are {told}")


def besides(data: Mapping[str, Any]) -> list[str]:
    """Return what else a source states of a transaction, a line each, such as its value date or its parts."""
    raw = data.get("raw")
    if not isinstance(raw, Mapping):
        return []
    lines = []
    for name, value in sorted(raw.items()):
        listed = value if isinstance(value, list) else [value]
        texts = [", ".join(map(str, one.values())) if isinstance(one, Mapping) else str(one) for one in listed]
        lines.append(f"{name.replace('_', ' ')}: {'; '.join(text for text in texts if text)[:_LONGEST]}")
    return lines


def read_class(text: str) -> Any:
    """Return the flow class called `text`; a usage error lists them."""
    from flowd.domain.flows import FlowClass

    try:
        return FlowClass(text.lower())
    except ValueError:
        raise click.UsageError(f"there is no class {text!r}; there are {', '.join(FlowClass)}") from None


def _said_before(store: Store, whole: Whole) -> ClassDecision | None:
    """Return what was said of the class before; what is not in force counts as nothing."""
    from flowd.domain.decisions import ClassDecision
    from flowd.domain.decisions_read import read_decision

    for row in ledger(store).about(whole.subject):
        if row["kind"] == "class" and row["about"] == whole.subject:
            said = cast("dict[str, Any]", row["said"])
            decision, _ = read_decision({**said, "kind": "class", "of": str(whole.subject)})
            if isinstance(decision, ClassDecision):
                return decision
    return None


def _two(store: Store, one: str, other: str) -> tuple[Whole, Whole]:
    first, second = find_transaction(store, one), find_transaction(store, other)
    if first.subject == second.subject:
        raise click.UsageError(f"{one} and {other} are the same transaction: name two")
    return first, second


def _tell(store: Store, whole: Whole) -> None:
    rows = ledger(store).rows_of(whole.subject)
    show([shown(row) for row in rows], COLUMNS, as_json=False, empty="it is not derived yet")


def _number(text: str) -> Decimal:
    try:
        return take_amount(text.lstrip("+-"))[0]
    except ValueError as problem:
        raise click.UsageError(f"--amount: {problem}") from None
