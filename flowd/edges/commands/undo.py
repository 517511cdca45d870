"""`flowd undo`: takes back what was decided; what was said stays in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

import click

from flowd.edges.deciding import COLUMNS, Place, find_account, ledger, shown, today, write
from flowd.edges.ledger_words import decision_line, short
from flowd.edges.opening import Store, open_store, read_settings
from flowd.edges.period import ABOUT, ONE_ACCOUNT, Period, period_options
from flowd.edges.tables import print_json, show, units

if TYPE_CHECKING:
    from flowd.domain.decisions import Decision

#: So much of what a transaction says is shown.
_TEXT: Final = 60


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--about", metavar="TEXT", help=ABOUT)
@click.option("--account", help=ONE_ACCOUNT)
@period_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per decision.")
@click.pass_context
def undo(
    ctx: click.Context, ids: tuple[str, ...], about: str | None, account: str | None, period: Period, as_json: bool
) -> None:
    """Take back the decision ID, or the only one about the transaction ID, and show what came of it.

    Without an ID decisions are listed: all that are in force, or those that the options ask for, such as --about rent
    or --last 7d (decided since then). Undoing is an event as well: `flowd events` lists it. Decide again to have it
    back.
    """
    settings = read_settings(ctx)
    if ids and (about is not None or account is not None or period):
        raise click.UsageError("an ID says it all: leave out --about, --account and the days")
    with open_store(settings, deadline=60.0) as store:
        rows = ledger(store).decisions()
        if ids:
            meant = {row["decision"]: row for row in (_meant(store, rows, id_) for id_ in ids)}
            write(store, settings, [_undoing(row) for row in meant.values()])
            told = [became(store, row) for row in meant.values()]
        else:
            place = None if account is None else find_account(store, account)
            since, until = period.since(today(store)), period.until()
            rows = [row for row in rows if _asked(row, about, place, since, until)]
    if ids:
        _tell([*meant.values()], told, as_json=as_json)
    elif as_json:
        print_json(rows)
    else:
        columns = ["id", "decided", "about", "what", "problem"]
        nothing = "nothing was decided, or all was undone"
        asked = about is not None or account is not None or bool(period)
        show([_line(row) for row in rows], columns, as_json=False, empty="no such decision" if asked else nothing)


def _asked(
    row: Mapping[str, Any], about: str | None, place: Place | None, since: date | None, until: date | None
) -> bool:
    line, decided = _line(row), row["added_at"].astimezone().date()
    return (
        (about is None or about.casefold() in f"{line['about']} {line['what']}".casefold())
        and (place is None or (row["connection"], row["account"]) == (place.connection, place.account))
        and (since is None or decided >= since)
        and (until is None or decided <= until)
    )


def _tell(rows: Sequence[Mapping[str, Any]], told: Sequence[Became], *, as_json: bool) -> None:
    if as_json:
        print_json([{"undone": row, "now": list(now.rows)} for row, now in zip(rows, told, strict=True)])
        return
    for row, now in zip(rows, told, strict=True):
        line = _line(row)
        click.echo(f"undone: {line['what']} ({line['about']})")
        if now.transactions:
            show([shown(one) for one in now.rows], COLUMNS, as_json=False, empty="")
        for text in now.words:
            click.echo(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What something is after a decision about it was taken back: rows, of transactions or not, and words for them."""

    rows: Sequence[Mapping[str, object]] = ()
    transactions: bool = False
    words: Sequence[str] = ()


def became(store: Store, row: Mapping[str, Any]) -> Became:
    """Return what that is now which the decision `row` was about: its transactions, its account, or what that holds."""
    subjects = [subject for subject in (row["about"], row["other"]) if isinstance(subject, UUID)]
    if subjects and row["kind"] != "transaction":
        found = [one for subject in subjects for one in ledger(store).rows_of(subject)]
        return Became(rows=found, transactions=True)
    place = f"{row['connection']}/{row['account']}"
    if row["kind"] == "left_out":
        return Became(words=[f"{place} counts again"])
    if row["kind"] == "account":
        key = (row["connection"], row["account"])
        found = [one for one in ledger(store).accounts() if (one["connection"], one["account"]) == key]
        called = f"{place} is called {found[0]['name']} ({found[0]['kind'] or 'kind not known'})" if found else ""
        return Became(rows=found, words=[called or f"{place} is not there any more"])
    from flowd.storage.balance_reports import BalanceReports, Which

    which = Which(connection=row["connection"], account=row["account"], asset=row["asset"])
    found = BalanceReports(store.database).now(which)
    held = [cast("dict[str, Any]", one) for one in found]
    words = [
        f"{place} holds {units(one['balance'])} {one['asset']} (as of {one['as_of']})"
        if one["balance"] is not None
        else f"of {place} only movements are known: {units(one['moved'])} {one['asset']}"
        for one in held
    ]
    return Became(rows=found, words=words or [f"of {place} no balance is known any more"])


def _meant(store: Store, rows: list[dict[str, object]], text: str) -> Mapping[str, Any]:
    digits = text.lower()
    found = [row for row in rows if str(row["decision"]).startswith(digits)]
    if not found:
        found = [row for row in rows if row["about"] is not None and str(row["about"]).startswith(digits)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "; ".join(f"{short(row['decision'])} {_line(row)['what']}" for row in found[:5])
        raise click.UsageError(f"{text} means several decisions ({listed}): name one of them")
    try:
        known = ledger(store).event_subjects(text)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    if any(version["type"] == "decision" for subject in known for version in ledger(store).versions(subject)):
        raise click.UsageError(f"{text} is undone already; flowd events show {text} tells when")
    raise click.UsageError(f"there is no decision {text}; flowd undo lists them")


def _undoing(row: Mapping[str, Any]) -> Any:
    from flowd.domain.decisions import undo_event
    from flowd.domain.goals import OWN_WORD
    from flowd.domain.keys import subject_of

    decision = read(row)
    event = None if decision is None else undo_event(decision, row["day"])
    if event is None or UUID(bytes=subject_of(OWN_WORD, event)) != row["decision"]:
        raise click.ClickException(f"{short(row['decision'])} was not written by this flowd, which cannot take it back")
    return event


def read(row: Mapping[str, Any]) -> Decision | None:
    """Return the decision that a row of report.decision tells of; None where it says none."""
    from flowd.domain.decisions_read import read_decision

    whom = {"of": row["about"], "other": row["other"]}
    named = {name: str(subject) for name, subject in whom.items() if subject is not None}
    return read_decision({**row["said"], "kind": row["kind"], **named})[0]


def _line(row: Mapping[str, Any]) -> dict[str, object]:
    where = f"{row['connection']}/{row['account']}" if row["connection"] else "what is not there any more"
    amount = f", {row['amount']} {row['asset']}" if row["amount"] is not None and row["kind"] != "transaction" else ""
    text = f" {row['text'][:_TEXT]}" if row.get("text") and row["kind"] != "transaction" else ""
    return {
        "id": short(row["decision"]),
        "decided": f"{row['added_at']:%Y-%m-%d %H:%M}",
        "about": f"{where}, {row['day']}{amount}{text}",
        "what": decision_line(str(row["kind"]), cast("Mapping[str, Any]", row["said"]), row["other"]),
        "problem": row["problem"],
    }
