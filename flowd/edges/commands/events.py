"""`flowd events`: what was said and decided, in the order in which flowd learnt it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import click

from flowd.domain.json import to_json
from flowd.edges.deciding import find_account, ledger
from flowd.edges.ledger_words import event_line, short
from flowd.edges.opening import open_store, read_settings
from flowd.edges.period import ABOUT, NEWEST, ONE_ACCOUNT, Period, period_options
from flowd.edges.tables import print_json, show

_COLUMNS = ("learnt", "id", "version", "type", "by", "day", "what")


@click.group(invoke_without_command=True)
@click.option("--type", "type_", help="Of this type only: transaction, trade, balance, account, decision, goal …")
@click.option("--about", metavar="TEXT", help=ABOUT)
@click.option("--account", help=ONE_ACCOUNT)
@period_options
@click.option("--subject", help="About this only: the beginning of its key.")
@click.option("-n", "--lines", type=click.IntRange(1), default=50, show_default=True, help=NEWEST)
@click.option("-f", "--follow", is_flag=True, help="Go on showing events as they come; Ctrl-C stops.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (with --follow, one object per line).")
@click.pass_context
def events(
    ctx: click.Context,
    type_: str | None,
    about: str | None,
    account: str | None,
    period: Period,
    subject: str | None,
    lines: int,
    follow: bool,
    as_json: bool,
) -> None:
    """Show the newest events: what a source stated or somebody decided; `flowd events show` tells the story of one.

    --since and its like ask for the days on which flowd learnt it (UTC).
    """
    if ctx.invoked_subcommand is not None:
        return
    with open_store(read_settings(ctx)) as store:
        found = ledger(store)
        place = None if account is None else find_account(store, account)
        until = period.until()
        ask = partial(
            found.events,
            type=type_,
            since=_midnight(period.since(datetime.now(UTC).date())),
            before=None if until is None or until == date.max else _midnight(until + timedelta(days=1)),
            about=about,
            account=None if place is None else (place.connection, place.account),
            subject=subject,
        )
        try:
            rows = ask(limit=lines)
        except ValueError as problem:
            raise click.UsageError(f"--subject: {problem}") from None
        if not follow:
            if as_json:
                print_json(rows)
            else:
                show([_line(row) for row in rows], _COLUMNS, as_json=False, empty="no event fits")
            return
        last = 0
        while True:
            for row in rows:
                last = max(last, _position(row))
                if as_json:
                    click.echo(json.dumps(to_json(row), ensure_ascii=False))
                else:
                    click.echo("  ".join(str(value) for value in _line(row).values()))
            time.sleep(1)
            rows = ask(after=last, limit=1000)


@events.command("show")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per version.")
@click.pass_context
def show_(ctx: click.Context, id: str, as_json: bool) -> None:  # noqa: A002 - the word for it
    """Show everything that was said of one thing, from first to last: who said it, when, and what changed."""
    with open_store(read_settings(ctx)) as store:
        try:
            found = ledger(store).event_subjects(id)
        except ValueError as problem:
            raise click.UsageError(str(problem)) from None
        if not found:
            raise click.UsageError(f"nothing was said of {id}; flowd events shows what there is")
        if len(found) > 1:
            raise click.UsageError(f"{id} begins several keys ({', '.join(map(str, found[:3]))} …): write more of it")
        versions = ledger(store).versions(found[0])
    if as_json:
        print_json(versions)
        return
    click.echo(f"{versions[0]['type']} {found[0]}")
    for before, row in pairwise([None, *versions]):
        assert row is not None
        data: Any = row["data"]
        click.echo(f"version {row['version']}, learnt {_moment(row['added_at'])}, by {_who(row)}: {_what(row)}")
        for line in changes({} if before is None else _data(before), data):
            click.echo(f"    {line}")


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what is said otherwise in `after`, a line each."""
    found = []
    for name in sorted({*before, *after}):
        old, new = (_text(said[name]) if name in said else None for said in (before, after))
        if old == new:
            continue
        if old is None:
            found.append(f"{name}: {new}")
        elif new is None:
            found.append(f"{name}: no longer said (was {old})")
        else:
            found.append(f"{name}: {new} (was {old})")
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _line(row: Mapping[str, Any]) -> dict[str, object]:
    day = row["occurred_at"]
    return {
        "learnt": _moment(row["added_at"]),
        "id": short(row["subject"]),
        "version": row["version"],
        "type": row["type"],
        "by": _who(row),
        "day": "" if day is None else f"{day:%Y-%m-%d}",
        "what": _what(row),
    }


def _what(row: Mapping[str, Any]) -> str:
    return event_line(str(row["type"]), _data(row))


def _data(row: Mapping[str, Any]) -> Mapping[str, Any]:
    data = row["data"]
    return data if isinstance(data, Mapping) else {"content": data}


def _who(row: Mapping[str, Any]) -> str:
    return "you" if row["connection"] == "(you)" else str(row["connection"])


def _moment(at: Any) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _position(row: Mapping[str, Any]) -> int:
    position = row["position"]
    assert isinstance(position, int)
    return position
