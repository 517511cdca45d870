"""`flowd transfers`: what moved between your own accounts, and what waits for your word on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import click

from flowd.edges.opening import open_store, read_settings
from flowd.edges.period import NEWEST, Period, Reach, period_options
from flowd.edges.tables import money, print_json, show

if TYPE_CHECKING:
    from flowd.domain.decisions import TransferVerdict

_STATES: Final = ("applied", "proposed", "confirmed", "refused", "open")
_KEY: Final = re.compile(r"[0-9a-f-]{4,36}")
_SHOWN: Final = 8
_YEAR: Final = Reach(count=365, unit="d")
#: Days after which the other side of what was sent has arrived, if it is read at all.
_ARRIVED: Final = 7


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice(_STATES), multiple=True, help="Only these; say it again for more of them.")
@period_options
@click.option("-n", "--lines", type=click.IntRange(1, 100_000), default=200, show_default=True, help=NEWEST)
@click.option("--days", type=click.IntRange(1, 100_000), hidden=True, help="--last, as it was called.")
@click.option("--limit", type=click.IntRange(1, 100_000), hidden=True, help="--lines, as it was called.")
@click.option("--why", is_flag=True, help="Also say what each score is made of.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per transfer, with all that is known.")
@click.pass_context
def transfers(
    ctx: click.Context,
    state: tuple[str, ...],
    period: Period,
    lines: int,
    days: int | None,
    limit: int | None,
    why: bool,
    as_json: bool,
) -> None:
    """Show transfers between your own accounts: found ones, proposed ones, and those whose other side was not seen.

    Those of the last year are shown, if no --since and no --last is given.

    What is proposed waits for `flowd transfers confirm ID` or `refuse ID`; until then it counts as what it is by
    itself. An open one says that an account may be missing: its other side is nowhere flowd reads.
    """
    if ctx.invoked_subcommand is not None:
        return
    with open_store(read_settings(ctx)) as store:
        from flowd.storage.reports import Reports
        from flowd.storage.transfer_reports import TransferReports

        today = cast("date", Reports(store.database).tenant()["today"])
        reports = TransferReports(store.database)
        since = period.since(today, otherwise=_YEAR) if days is None else today - timedelta(days=days)
        rows = reports.transfers(state, since, period.until(), limit or lines)
        counts = reports.counts()
    if as_json:
        print_json(rows)
        return
    columns = ["id", "state", "from", "to", "sent", "arrived", "days", "points"]
    show([_line(row, today) for row in rows], columns, as_json=False, empty="no such transfer; see --state and --since")
    if why:
        for row in rows:
            click.echo(f"{_short(row)}: {row['why']}")
    if proposed := counts.get("proposed", 0):
        click.echo(f"{proposed} proposed: say flowd transfers confirm ID, or refuse ID (see --why)")


@transfers.command()
@click.argument("id")
@click.pass_context
def confirm(ctx: click.Context, id: str) -> None:  # noqa: A002 - the word for it
    """Say that the pair ID is one transfer: what arrived is no income, and what was kept on the way is a fee."""
    from flowd.domain.decisions import TransferVerdict

    _decide(ctx, id, TransferVerdict.CONFIRMED)


@transfers.command()
@click.argument("id")
@click.pass_context
def refuse(ctx: click.Context, id: str) -> None:  # noqa: A002 - the word for it
    """Say that the pair ID is no transfer: both count as what they are by themselves, or with another."""
    from flowd.domain.decisions import TransferVerdict

    _decide(ctx, id, TransferVerdict.REFUSED)


def _decide(ctx: click.Context, text: str, verdict: TransferVerdict) -> None:
    from flowd.domain.decisions import TransferDecision
    from flowd.edges.deciding import decide
    from flowd.storage.transfer_reports import TransferReports

    digits = text.lower()
    if not _KEY.fullmatch(digits):
        raise click.UsageError(f"{text!r} is no transfer's id: it has 4 digits or more of 0-9 and a-f, as listed")
    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        found = TransferReports(store.database).named(digits)
        if len(found) != 1:
            fix = "flowd transfers lists them" if not found else f"it is one of {', '.join(map(_short, found))}"
            raise click.UsageError(f"{text} means {'no' if not found else 'more than one'} transfer: {fix}")
        row: Mapping[str, Any] = found[0]
        if row["out_subject"] is None or row["in_subject"] is None:
            raise click.UsageError(
                f"of {_short(row)} one side was not seen; flowd transaction transfer OUT INTO says which two are one"
            )
        decision = TransferDecision(of=row["out_subject"], other=row["in_subject"], verdict=verdict)
        decide(store, settings, [(decision, row["out_day"])])
    click.echo(f"{verdict.value}: {_said(row)}; flowd undo takes it back")


def _line(row: Mapping[str, Any], today: date) -> dict[str, object]:
    waits = row["state"] == "open" and row["out_day"] is not None and (today - row["out_day"]).days <= _ARRIVED
    unseen = "on its way" if waits else "not seen"
    return {
        "id": _short(row),
        "state": row["state"],
        "from": row["out_name"] or unseen,
        "to": row["in_name"] or unseen,
        "sent": _side(row, "out"),
        "arrived": _side(row, "in"),
        "days": row["days"],
        "points": None if row["score"] is None else f"{row['score'] * 100:.0f}",
    }


def _side(row: Mapping[str, Any], side: str) -> str:
    if row[f"{side}_day"] is None:
        return "—"
    amount, places = row[f"{side}_amount"], 2
    if amount != amount.quantize(amount.__class__("0.01")):
        places = 8
    return f"{row[f'{side}_day']}  {money(amount, places)} {row[f'{side}_asset']}"


def _said(row: Mapping[str, Any]) -> str:
    return f"{_side(row, 'out')} from {row['out_name']}, {_side(row, 'in')} to {row['in_name']}"


def _short(row: Mapping[str, Any]) -> str:
    return str(row["transfer"])[:_SHOWN]
