"""`flowd duplicates`: payments that were probably stated twice; nothing is merged but on your word."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from flowd.domain.duplicates import PROPOSED
from flowd.edges.alike import merge_all, proposed
from flowd.edges.deciding import amount, today
from flowd.edges.ledger_words import short
from flowd.edges.opening import open_store, read_settings
from flowd.edges.period import Period, Reach, period_options
from flowd.edges.tables import print_json, show

if TYPE_CHECKING:
    from flowd.domain.duplicates import Likeness, Line


#: How many days are looked at where none are named.
DAYS: Final = 400


@click.command()
@period_options
@click.option(
    "--score",
    type=click.FloatRange(0, 1),
    default=PROPOSED,
    show_default=True,
    help="Only pairs of this score or more.",
)
@click.option("--days", type=int, hidden=True, help="--last, as it was called.")
@click.option("--merge", is_flag=True, help="Make one payment of each pair that would be listed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per pair.")
@click.pass_context
def duplicates(ctx: click.Context, period: Period, score: float, days: int | None, merge: bool, as_json: bool) -> None:
    """Show pairs of transactions that are probably one payment: one account, one amount, nearly one day.

    Nothing is done about them until you say so: `flowd transaction merge` makes one of two, `flowd transaction
    distinct` says that they are two, and --merge makes one of every pair, as after importing a month in two formats.
    `flowd undo` takes any of it back. The last 400 days are looked at, if no --since and no --last is given.
    """
    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        since = period.since(today(store), otherwise=Reach(count=DAYS, unit="d"))
        since = today(store) - timedelta(days=max(days, 0)) if days is not None else since
        until = period.until()
        found = proposed(store, since, until, score=score)
        if merge:
            merge_all(store, settings, found)
            # a payment that is there three times is in one pair at a time
            while more := proposed(store, since, until, score=score):
                merge_all(store, settings, more)
                found += more
    if as_json:
        print_json([_plainly(pair) for pair in found])
        return
    rows: list[dict[str, object]] = [
        {
            "score": f"{pair.score:.2f}",
            "duplicate": short(pair.dropped.subject),
            "original": short(pair.kept.subject),
            "amount": amount({"amount": pair.kept.amount, "asset": pair.kept.asset}),
            "account": f"{pair.kept.connection}/{pair.kept.account}",
            "original said": _said(pair.kept),
            "duplicate said": _said(pair.dropped),
            "why": pair.why,
        }
        for pair in found
    ]
    columns = ["score", "duplicate", "original", "amount", "account", "original said", "duplicate said", "why"]
    show(rows, columns, as_json=False, empty="nothing looks as if it were stated twice")
    if rows and merge:
        click.echo(f"merged {len(rows):,}; flowd undo lists them, and takes each back")
    elif rows:
        first = rows[0]
        pair = f"{first['duplicate']} {first['original']}"
        click.echo(f"one payment: flowd transaction merge {pair}; two: flowd transaction distinct {pair}")
        if len(rows) > 1:
            click.echo("each pair one payment: flowd duplicates --merge, with --score for the likeliest only")
        if across := next((pair for pair in found if _place(pair.kept) != _place(pair.dropped)), None):
            places = f"{_place(across.dropped)} --same-as {_place(across.kept)}"
            click.echo(f"one account that is there twice: flowd account leave-out {places}")


def _plainly(pair: Likeness) -> dict[str, object]:
    kept, dropped = pair.kept, pair.dropped
    return {
        "score": f"{pair.score:.2f}",
        "why": pair.why,
        "amount": kept.amount,
        "asset": kept.asset,
        "original": str(kept.subject),
        "original_account": f"{kept.connection}/{kept.account}",
        "original_day": kept.day,
        "original_text": _text(kept),
        "duplicate": str(dropped.subject),
        "duplicate_account": f"{dropped.connection}/{dropped.account}",
        "duplicate_day": dropped.day,
        "duplicate_text": _text(dropped),
    }


def _place(line: Line) -> str:
    return f"{line.connection}/{line.account}"


def _text(line: Line) -> str:
    return " · ".join(part for part in (line.counterparty, line.description) if part)


def _said(line: Line) -> str:
    return f"{line.day} {_text(line)[:50]}".strip()
