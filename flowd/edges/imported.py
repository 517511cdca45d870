"""Says what was understood of a file, and what came of importing it: for people in lines, for programs in keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from flowd.domain.records import Rate, Record, Snapshot, Trade, Transaction
from flowd.edges.tables import many, show, units

if TYPE_CHECKING:
    from flowd.engine.filetally import Stated
    from flowd.engine.imports import ImportPlan
    from flowd.errors import FileRefused

#: Up to so many accounts are named; a file may hold thousands.
_NAMED: Final = 5
_PREVIEWED: Final = ("booked_at", "amount", "asset", "counterparty", "description")


def as_row(plan: ImportPlan) -> dict[str, Any]:
    """Return what reading a file showed, as `flowd import --json` prints it."""
    return {
        "file": str(plan.path),
        "refused": None,
        "importer": plan.importer,
        "label": plan.label,
        "how": plan.how,
        "guessed": plan.guessed,
        "sure": round(plan.sure, 2),
        "accounts": dict(plan.accounts),
        "rows": plan.rows,
        "first": plan.first,
        "last": plan.last,
        "statements": [_statement(stated) for stated in plan.statements],
        "notes": list(plan.notes),
        "preview": [_preview(record) for record in plan.preview],
    }


def refused_row(path: Path, problem: FileRefused) -> dict[str, Any]:
    """Return that a file was refused, and why."""
    return {"file": str(path), "refused": str(problem)}


def _statement(stated: Stated) -> dict[str, object]:
    opening, closing = stated.opening, stated.closing
    return {
        "account": stated.account,
        "asset": stated.asset,
        "rows": stated.rows,
        "first": stated.first,
        "last": stated.last,
        "opening_day": None if opening is None else opening.day,
        "opening": None if opening is None else opening.amount,
        "closing_day": None if closing is None else closing.day,
        "closing": None if closing is None else closing.amount,
        "fits": stated.fits,
    }


def _preview(record: Record) -> dict[str, object]:
    """Return a record as a row of a preview; what is no movement of money says what it is in `description`."""
    names = ("account", "booked_at", "amount", "asset", "kind", "counterparty", "description", "external_id")
    row = {name: getattr(record, name, None) for name in names}
    match record:
        case Trade():
            fee = f", fee {units(record.fee)} {record.fee_asset}" if record.fee else ""
            told = f"{record.side} {units(record.quantity)} {record.base} at {units(record.price)} {record.quote}{fee}"
            return {**row, "booked_at": record.at, "description": told}
        case Snapshot():
            told = f"it holds {units(record.quantity)} {record.asset}"
            return {**row, "booked_at": record.at, "asset": None, "description": told}
        case Rate():
            told = f"1 {record.base} is worth {units(record.value)} {record.quote}"
            return {**row, "booked_at": record.at, "description": told}
        case Transaction() if record.pending:
            return {**row, "description": f"{record.description} (pending)".strip()}
    return row


def tell_refused(result: Mapping[str, Any]) -> None:
    """Say that nothing of a file was kept, and why."""
    click.echo(f"{result['file']}: refused, nothing of it was kept: {result['refused']}", err=True)


def tell(result: Mapping[str, Any], *, dry_run: bool) -> None:
    """Say in a few lines what was understood of a file, and what came of it."""
    days = f"{result['first']} to {result['last']}" if result["first"] else "no days"
    counts = result["accounts"]
    whose = (
        "account " + ", ".join(f"{name} ({count:,})" for name, count in counts.items())
        if len(counts) <= _NAMED
        else f"{len(counts):,} accounts"
    )
    click.echo(f"{result['file']}: {many(result['rows'], 'row')}, {days}, {whose}")
    click.echo(
        f"  read as {result['importer']}, {result['how']}"
        + (f" (sure: {result['sure']:.0%})" if result["guessed"] else "")
    )
    for stated in result["statements"][:_NAMED]:
        click.echo(f"  {_in_words(stated)}")
    if len(result["statements"]) > _NAMED:
        click.echo(f"  … and {len(result['statements']) - _NAMED:,} more")
    for note in result["notes"]:
        click.echo(f"  note: {note}")
    if dry_run:
        rows = [_shown(row) for row in result["preview"]]
        show(rows, _PREVIEWED, as_json=False, empty="  nothing in it")
        if result["rows"] > len(rows):
            click.echo(f"  … and {result['rows'] - len(rows):,} more")
        click.echo("  nothing was kept: leave --dry-run out to import it")
    else:
        click.echo(f"  {_changed(result)}")


def _changed(result: Mapping[str, Any]) -> str:
    new, revised, unchanged = result["new"], result["revised"], result["unchanged"]
    if not new and not revised:
        before = result["read_before"]
        when = "" if before is None else f": this very file was read on {before['at']:%Y-%m-%d} as {before['file']}"
        return f"nothing new: all {unchanged:,} were there already{when}"
    counts = [f"{new:,} new", *([f"{revised:,} corrected"] if revised else []), f"{unchanged:,} already there"]
    return ", ".join(counts) + " (postings, balances, accounts, and that the file was read)"


def _shown(row: Mapping[str, Any]) -> dict[str, object]:
    shown = {name: "" if row[name] is None else row[name] for name in _PREVIEWED}
    return {**shown, "amount": "" if row["amount"] is None else units(row["amount"])}


def _in_words(stated: Mapping[str, Any]) -> str:
    """Say of one account what it had before and after, and whether its postings lead from one to the other."""
    count = f"{stated['account']}: {many(stated['rows'], 'posting')} in {stated['asset']}"
    if stated["closing"] is None:
        return f"{count}; no balance is stated"
    fits = {True: "; they follow from each other", False: "; they DO NOT follow from each other", None: ""}[
        stated["fits"]
    ]
    after = f"{units(stated['closing'])} at the end of {stated['closing_day']}"
    if stated["opening_day"] == stated["closing_day"]:
        return f"{count}, {after}{fits}"
    return f"{count}, {units(stated['opening'])} at the end of {stated['opening_day']}, {after}{fits}"
