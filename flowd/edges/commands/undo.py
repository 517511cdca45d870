"""`flowd undo`: takes back what was decided; what was said stays in the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import click

from flowd.edges.deciding import ledger, write
from flowd.edges.ledger_words import decision_line, short
from flowd.edges.opening import Store, open_store, read_settings
from flowd.edges.tables import print_json, show

if TYPE_CHECKING:
    from flowd.domain.decisions import Decision


@click.command()
@click.argument("id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Without ID, print JSON: one object per decision.")
@click.pass_context
def undo(ctx: click.Context, id: str | None, as_json: bool) -> None:  # noqa: A002 - the word for it
    """Take back the decision ID, or the only one about the transaction ID; without ID, show what there is.

    Undoing is an event as well: `flowd events` lists it. Decide again to have it back.
    """
    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        rows = ledger(store).decisions()
        if id is not None:
            row = _meant(store, rows, id)
            write(store, settings, [_undoing(row)])
            click.echo(f"undone: {_line(row)['what']}")
            return
    if as_json:
        print_json(rows)
    else:
        columns = ["id", "decided", "about", "what", "problem"]
        show([_line(row) for row in rows], columns, as_json=False, empty="nothing was decided, or all was undone")


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
    return {
        "id": short(row["decision"]),
        "decided": f"{row['added_at']:%Y-%m-%d %H:%M}",
        "about": f"{where}, {row['day']}{amount}",
        "what": decision_line(str(row["kind"]), cast("Mapping[str, Any]", row["said"]), row["other"]),
        "problem": row["problem"],
    }
