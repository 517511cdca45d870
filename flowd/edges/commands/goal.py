"""`flowd goal`: what somebody wants to reach, how likely that is, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

import click

from flowd.domain.studied import Goal, Scope
from flowd.edges.amounts import read_amount
from flowd.edges.changes_asked import FURTHEST, Names
from flowd.edges.fan import progress
from flowd.edges.groups import Knowing
from flowd.edges.opening import Store, load_registry, open_store, read_settings
from flowd.edges.period import as_day
from flowd.edges.tables import money, print_json, show

if TYPE_CHECKING:
    from flowd.config import Settings
    from flowd.storage.foretold import ForetoldReports

_NAME_LIMIT: Final = 60
_WORDS: Final = {"monthly": "a month", "saved": "saved", "net_worth": "net worth"}


@click.group(cls=Knowing)
def goal() -> None:
    """Say what you want to reach, and see how likely that is, and when.

    A goal is kept as an event: adding it again replaces it, and what was said before stays in the log.
    """


@goal.command()
@click.argument("name")
@click.option("--monthly", metavar="AMOUNT", help="So much income a month, such as 5000 or 5k.")
@click.option("--saved", metavar="AMOUNT", help="So much income since a day, less what is spent where that is known.")
@click.option("--net-worth", metavar="AMOUNT", help="So much in all accounts together.")
@click.option("--currency", help="The currency of the amount; the base currency by default.")
@click.option("--since", callback=as_day, metavar="DAY", help="With --saved: the first day that counts (today).")
@click.option("--until", callback=as_day, metavar="DAY", help="The last day; whenever, if left out.")
@click.option("--by", "by_day", callback=as_day, hidden=True, help="--until, as it was called.")
@click.option("--stream", help="Of this stream only (not for --net-worth).")
@click.option("--group", help="Of this group only (not for --net-worth).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the goal as `flowd goal list` shows it.")
@click.pass_context
def add(
    ctx: click.Context,
    name: str,
    monthly: str | None,
    saved: str | None,
    net_worth: str | None,
    currency: str | None,
    until: date | None,
    by_day: date | None,
    stream: str | None,
    group: str | None,
    since: date | None,
    as_json: bool,
) -> None:
    """Set the goal NAME, or set it anew: an amount --monthly, --saved or as --net-worth.

    It may be done while the daemon runs. Where the database is away, nothing is kept and the command says so.
    """
    amounts = {"monthly": monthly, "saved": saved, "net_worth": net_worth}
    given = {kind: text for kind, text in amounts.items() if text is not None}
    if len(given) != 1:
        raise click.UsageError("say one of --monthly, --saved and --net-worth, such as --monthly 5000")
    ((kind, text),) = given.items()
    if kind == "net_worth" and (stream or group):
        raise click.UsageError("--net-worth is of everything: leave out --stream and --group")
    if stream is not None and group is not None:
        raise click.UsageError("--stream and --group exclude one another: a stream is in one group")
    if since is not None and kind != "saved":
        raise click.UsageError("--since is the first day that counts towards --saved: leave it out here")
    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        wanted = _goal(
            store,
            name,
            kind,
            text,
            currency=currency,
            by_day=until or by_day,
            stream=stream,
            group=group,
            since=since,
        )
        from flowd.domain.goals import goal_event
        from flowd.engine.clock import SystemClock

        _write(store, goal_event(wanted, SystemClock().now()))
        problem = _outlook(store, settings)
        rows = [row for row in _reports(store).goals() if row["goal"] == wanted.goal]
    if problem:
        raise click.ClickException(f"the goal {wanted.goal} is kept, but could not be computed: {problem}")
    if as_json:
        print_json(rows[0] if rows else None)
    else:
        _tell(rows)


@goal.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per goal.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Show every goal: how much is there, how likely it is reached, when, and what a month has to bring."""
    with open_store(read_settings(ctx)) as store:
        rows = _reports(store).goals()
    if as_json:
        print_json(rows)
    else:
        _tell(rows)


@goal.command()
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Take the goal NAME away; what was said of it stays in the log."""
    from flowd.domain.goals import removal_event
    from flowd.engine.clock import SystemClock

    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        known = [one.goal for one in _stated(store)]
        if name not in known:
            import difflib

            near = difflib.get_close_matches(name, known, n=1)
            fix = f"is it {near[0]}?" if near else f"there are {', '.join(known)}" if known else "there is none"
            raise click.UsageError(f"there is no goal {name!r}; {fix}")
        _write(store, removal_event(name, SystemClock().now()))
        problem = _outlook(store, settings)
    if problem:
        raise click.ClickException(f"the goal {name} is taken away, but the others could not be computed: {problem}")
    click.echo(f"the goal {name} is taken away")


def _goal(
    store: Store,
    name: str,
    kind: str,
    text: str,
    *,
    currency: str | None,
    by_day: date | None,
    stream: str | None,
    group: str | None,
    since: date | None,
) -> Goal:
    """Check what was asked for against what there is; a usage error names the option and the fix."""
    from flowd.storage.reports import Reports

    tenant = Reports(store.database).tenant()
    base, today = str(tenant["base_currency"]), cast("date", tenant["today"])
    label = name.strip()
    if not label or len(label) > _NAME_LIMIT or not label.isprintable():
        raise click.UsageError(f"a goal's name has 1 to {_NAME_LIMIT} printable characters, such as house")
    option = f"--{kind.replace('_', '-')}"
    try:
        amount, code = read_amount(text, (currency or base).upper())
    except ValueError as problem:
        raise click.UsageError(f"{option}: {problem}") from None
    if currency is not None and code != currency.upper():
        raise click.UsageError(f"{option} is in {code}, --currency says {currency}: keep one")
    if by_day is not None and by_day < today:
        raise click.UsageError(f"--until {by_day} is over: name a day from {today} on, or leave it out")
    if by_day is not None and (by_day - today).days >= FURTHEST:
        click.echo(f"note: {by_day} is further than is foretold ({FURTHEST} days): so far, nothing is said", err=True)
    if since is not None and since > today:
        raise click.UsageError(f"--since {since} is yet to come: name a day up to {today}")
    rows = _reports(store).streams()
    names = Names(
        streams={str(row["stream"]): str(row["name"]) for row in rows},
        groups=sorted({str(row["group"]) for row in rows}),
    )
    scope, about = Scope.TOTAL, ""
    try:
        if stream is not None:
            scope, about = Scope.STREAM, names.stream(stream)
        elif group is not None:
            scope, about = Scope.GROUP, names.group(group)
    except ValueError as problem:
        raise click.UsageError(f"--{'group' if stream is None else 'stream'}: {problem}") from None
    return Goal(
        goal=label,
        kind=kind,
        amount=amount,
        currency=code,
        since=since or today,
        scope=scope,
        name=about,
        by_day=by_day,
    )


def _write(store: Store, event: Any) -> None:
    from flowd.domain.goals import OWN_WORD
    from flowd.domain.records import Batch
    from flowd.storage.rawlog import RawLog

    RawLog(store.database).write_batch(OWN_WORD, Batch(records=(event,)), tick=event.at)


def _outlook(store: Store, settings: Settings) -> str:
    """Compute all goals now, as the daemon does every night; return what went wrong, or nothing."""
    from flowd.engine.clock import SystemClock
    from flowd.engine.derivation import Derivation
    from flowd.engine.studying import Outcome, Studies

    registry, clock = load_registry(settings), SystemClock()
    # where no daemon runs, nobody else has derived what was read since
    Derivation(store.database, registry, settings, clock).catch_up()
    studies = Studies(store.database, registry, settings, clock)
    if "projection" not in studies.names:
        return "the study projection is switched off: leave out analytics: {projection: {enabled: false}}"
    done = studies.run(["projection"], rebuild=True)
    return "; ".join(one.reason for one in done if one.outcome is Outcome.FAILED)


def _stated(store: Store) -> list[Goal]:
    from flowd.domain.goals import GOAL, goals_of
    from flowd.domain.results import EventRow
    from flowd.storage.statements import statements

    with store.database.transaction() as session:
        rows = session.execute(
            statements("view")["events"], {"tenant": store.database.tenant_id, "type": GOAL}
        ).fetchall()
    return goals_of(EventRow(connection=row[0], key=str(row[1]), at=row[2], data=row[3]) for row in rows)


def _reports(store: Store) -> ForetoldReports:
    from flowd.storage.foretold import ForetoldReports

    return ForetoldReports(store.database)


def _tell(rows: list[dict[str, object]]) -> None:
    columns = ["goal", "what", "by", "current", "done", "probability", "when", "needed a month"]
    show([line(row) for row in rows], columns, as_json=False, empty="no goal yet: flowd goal add NAME --monthly 5000")
    for row in rows:
        click.echo(f"{row['goal']}: {row['reason']}")


def line(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a goal as it is shown to people."""
    of = {"total": "", "group": f" of group {row['name']}", "stream": f" of {row['label']}"}[row["scope"]]
    currency = row["currency"]
    share = row["progress"]
    done = "" if share is None else f" {min(share, Decimal(9)) * 100:.0f} %"
    return {
        "goal": row["goal"],
        "what": f"{money(row['amount'])} {currency} {_WORDS[row['kind']]}{of}",
        "by": row["by_day"].isoformat() if row["by_day"] else "whenever",
        "current": money(row["current"]),
        "done": f"{progress(share)}{done}",
        "probability": "—" if row["probability"] is None else f"{row['probability'] * 100:.0f} %",
        "when": when(row),
        "needed a month": money(row["needed"]),
    }


def when(row: Mapping[str, Any]) -> str:
    """Say on which day a goal is reached: the median, and between which days in 8 of 10 cases."""
    early, middle, late = (row[name] for name in ("reached_p10", "reached_p50", "reached_p90"))
    if early is None:
        return "not foreseen" if row["probability"] is not None else "—"
    if early == late:
        return str(early)
    return f"{middle or 'not in every second case'} ({early} to {late or 'later than foretold'})"
