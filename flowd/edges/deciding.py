"""What commands that decide share: finding what is meant, writing the decision, deriving what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import click

from flowd.edges.ledger_words import short
from flowd.edges.opening import Store, load_registry

if TYPE_CHECKING:
    from flowd.config import Settings
    from flowd.domain.decisions import Decision
    from flowd.domain.records import Event
    from flowd.storage.decisions import Decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The transaction that is meant, as its source states it."""

    subject: UUID
    day: date
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The account that is meant."""

    connection: str
    account: str
    name: str
    left_out: bool = False

    def __str__(self) -> str:
        return f"{self.connection}/{self.account}"


def ledger(store: Store) -> Decisions:
    """Return what reads the ledger."""
    from flowd.storage.decisions import Decisions

    return Decisions(store.database)


def today(store: Store) -> date:
    """Return the day it is where the tenant lives."""
    from flowd.storage.reports import Reports

    return cast("date", Reports(store.database).tenant()["today"])


def decide(store: Store, settings: Settings, decisions: Iterable[tuple[Decision, date]]) -> list[UUID]:
    """Write decisions (each with the day of what it is about) as one batch, derive, and return their keys.

    Says it where one does not apply.
    """
    from flowd.domain.decisions import decision_event

    events = [decision_event(decision, day) for decision, day in decisions]
    subjects = write(store, settings, events)
    for subject in subjects:
        if problem := ledger(store).problem(subject):
            click.echo(f"note: kept, but it does not apply: {problem}", err=True)
    return subjects


def write(store: Store, settings: Settings, events: Sequence[Event]) -> list[UUID]:
    """Write events as their user's own word and derive what follows; return their keys."""
    from flowd.domain.goals import OWN_WORD
    from flowd.domain.keys import subject_of
    from flowd.domain.records import Batch
    from flowd.engine.clock import SystemClock
    from flowd.engine.derivation import Derivation
    from flowd.storage.rawlog import RawLog

    clock = SystemClock()
    RawLog(store.database).write_batch(OWN_WORD, Batch(records=events), tick=clock.now())
    # where no daemon runs, nobody else does; where one runs, it finds nothing left to do
    Derivation(store.database, load_registry(settings), settings, clock).catch_up()
    return [UUID(bytes=subject_of(OWN_WORD, event)) for event in events]


def find_transaction(store: Store, name: str) -> Whole:
    """Return the transaction whose id begins with `name`; a usage error says what there is instead."""
    try:
        found = ledger(store).named(name)
    except ValueError as problem:
        raise click.UsageError(f"{problem}; flowd transaction list shows them") from None
    if not found:
        raise click.UsageError(f"there is no transaction {name}; flowd transaction list shows what there is")
    if len(found) > 1:
        raise click.UsageError(f"{name} begins several ids ({', '.join(map(str, found[:3]))} …): write more of it")
    row = ledger(store).whole(found[0])
    return Whole(subject=found[0], day=cast("date", row["day"]), row=row)


def find_account(store: Store, name: str) -> Place:
    """Return the account that is meant: CONNECTION/ACCOUNT, the id alone or the name, where only one is called so."""
    rows = ledger(store).accounts()
    places = {(str(row["connection"]), str(row["account"])): str(row["name"]) for row in rows}
    wanted = name.casefold()
    exact = [key for key in places if f"{key[0]}/{key[1]}".casefold() == wanted]
    fitting = exact or [key for key, called in places.items() if wanted in (key[1].casefold(), called.casefold())]
    left_out = {(str(row["connection"]), str(row["account"])) for row in rows if row["left_out"]}
    if len(fitting) > 1:
        # one that is there twice is called the same twice: the one that counts is meant
        counting = [key for key in fitting if key not in left_out]
        fitting = counting if len(counting) == 1 else fitting
    if len(fitting) == 1:
        connection, account = fitting[0]
        name = places[fitting[0]]
        return Place(connection=connection, account=account, name=name, left_out=fitting[0] in left_out)
    if fitting:
        listed = ", ".join(f"{connection}/{account}" for connection, account in fitting[:5])
        raise click.UsageError(f"several accounts are called {name}: {listed}; write one of these")
    import difflib

    every = [f"{connection}/{account}" for connection, account in places]
    near = difflib.get_close_matches(name, [*every, *places.values()], n=1, cutoff=0.5)
    fix = f"is it {near[0]}?" if near else "flowd account list shows them, flowd account add makes one"
    raise click.UsageError(f"there is no account {name}; {fix}")


def shown(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a transaction as it is shown in a table."""
    text = " · ".join(str(row[name]) for name in ("counterparty", "description") if row.get(name))
    resting = {"left_out": "left out", "duplicate_of": "duplicate", "pending": "pending"}
    taken = row.get("flow_class") or next((word for why, word in resting.items() if row.get(why)), None)
    return {
        "id": short(row["subject"]),
        "day": row["day"].isoformat(),
        "account": f"{row['connection']}/{row['account']}",
        "amount": amount(row),
        "text": text if len(text) <= 60 else text[:59] + "…",
        "taken for": taken,
        "rule": row.get("rule"),
        "category": row.get("category") or "",
        "note": row.get("note") or "",
    }


def amount(row: Mapping[str, Any]) -> str:
    """Write an amount with every digit it has, two at least."""
    from flowd.domain.money import plain

    text = plain(row["amount"])
    whole, _, digits = text.partition(".")
    return f"{whole}.{digits.ljust(2, '0')} {row['asset']}"


#: The columns of a table of transactions.
COLUMNS = ("id", "day", "account", "amount", "text", "taken for", "rule", "category", "note")
