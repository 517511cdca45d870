"""`flowd backfill`: read older history of a connection than it read so far."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Final, cast

import click

from flowd.edges.opening import load_registry, open_store, read_settings
from flowd.edges.period import Span, as_days
from flowd.edges.tables import print_json, show

if TYPE_CHECKING:
    from flowd.edges.backfilling import Came, Wish
    from flowd.edges.opening import Store

_COLUMNS: Final = ("connection", "since", "state", "unread", "asked_at", "read_at", "oldest")
_EMPTY: Final = "nothing was asked for: `flowd backfill CONNECTION --since DAY` reads older history"
_EARLIEST: Final = date(1970, 1, 1)


@click.command()
@click.argument("connection", required=False)
@click.option("--since", callback=as_days, metavar="DAY", help="Read it since this day (a month, a year).")
@click.option("--forget", is_flag=True, help="Take back what was asked: what was read of it stays.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def backfill(ctx: click.Context, connection: str | None, since: Span | None, forget: bool, as_json: bool) -> None:
    """Read older history of CONNECTION than its first run did: all since a day, by the running daemon or here.

    It may take several runs: every later one goes on, also after a restart, until all is read. What is known already is
    not counted twice. Without --since: what was asked for, and how far it came.

    Exits 1 when something could not be read (it is tried again at the next runs).
    """
    from flowd.config.binding import bind_connections
    from flowd.edges.backfilling import look, read_older, wish
    from flowd.storage.backfills import BackfillStore
    from flowd.storage.reports import Reports

    if connection is None and (since is not None or forget):
        raise click.UsageError("name the connection: flowd backfill CONNECTION --since DAY")
    if since is not None and forget:
        raise click.UsageError("--since asks for more, --forget takes it back: keep one")
    settings = read_settings(ctx)
    registry = load_registry(settings)
    bound = bind_connections(settings, registry)
    with open_store(settings, deadline=60.0) as store:
        kept = BackfillStore(store.database)
        if connection is None:
            show(look(bound, kept), _COLUMNS, as_json=as_json, empty=_EMPTY)
            return
        if forget:
            _forget(ctx, store, kept.forget(connection), connection, as_json=as_json)
            return
        wanted = wish(bound, kept, connection)
        if since is None:
            show([wanted.row()], _COLUMNS, as_json=as_json, empty="")
            return
        day, today = since.first, cast("date", Reports(store.database).tenant()["today"])
        if not _EARLIEST <= day <= today:
            raise click.BadParameter(f"name a day from {_EARLIEST} to today, not {day}", param_hint="--since")
        if (why := wanted.why_not(day)) is not None:
            if as_json:
                print_json(wanted.row(notes=[why], new=0, runs=[]))
            else:
                click.echo(why)
            return
        notes = wanted.notes(day, today)
        say = (lambda _: None) if as_json else click.echo
        first = min(day, wanted.since) if wanted.is_open and wanted.since is not None else day
        say(f"{connection} is read since {first} from now on:")
        came = read_older(settings, registry, store, wanted, day, say)
        _tell(wish(bound, kept, connection), wanted, came, notes, as_json=as_json)
        ctx.exit(1 if came.failed else 0)


def _tell(now: Wish, before: Wish, came: Came, notes: list[str], *, as_json: bool) -> None:
    """Say what came of it."""
    if as_json:
        print_json(now.row(oldest_before=before.known.oldest, new=came.new, notes=notes, runs=came.runs))
    else:
        if now.asked is not None and now.asked.read_at is not None:
            click.echo(f"{now.name} has read all that its source tells since {now.since}")
        else:
            rest = ", ".join(cast("list[str]", now.row()["unread"]))
            click.echo(f"not all is read yet ({rest}): the daemon, or the next `flowd sync {now.name}`, goes on")
        oldest, was = now.known.oldest or "none", before.known.oldest or "none"
        click.echo(f"the oldest day with data: {oldest}" + ("" if was == oldest else f" (before: {was})"))
        for note in notes:
            click.echo(f"note: {note}")
    for words in came.failed:
        click.echo(f"failed: {words}", err=True)


def _forget(ctx: click.Context, store: Store, there: bool, connection: str, *, as_json: bool) -> None:
    from flowd.errors import FlowdError
    from flowd.storage.listening import ask

    with suppress(FlowdError):
        ask(store.database, backfills=True)
    if as_json:
        print_json({"connection": connection, "forgotten": there})
    elif there:
        click.echo(f"{connection} is read since the day in flowd.yaml again; what was read before it stays")
    else:
        click.echo(f"nothing was asked for of {connection}", err=True)
    ctx.exit(0 if there else 1)
