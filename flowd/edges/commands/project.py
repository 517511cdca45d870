"""`flowd project`: what will come in, how sure that is, and what would be if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

import click

from flowd.edges.bars import bars
from flowd.edges.changes_asked import FURTHEST, Names, read_changes
from flowd.edges.fan import fans
from flowd.edges.foretold import Band, Bucket, Foretold, Subject, stored
from flowd.edges.opening import Store, load_registry, open_store, read_settings
from flowd.edges.period import AHEAD, EACH, IN_CURRENCY, ONE_GROUP, ONE_STREAM
from flowd.edges.standing import as_currency
from flowd.edges.tables import Row, money, print_json, show

if TYPE_CHECKING:
    from flowd.analytics.projection.changes import Change
    from flowd.config import Settings
    from flowd.domain.studied import GoalOutlook
    from flowd.edges.foretelling import Compared

_DEFAULT: Final = 180
#: Up to so many lines of single days are shown; JSON has them all.
_MOST_DAYS: Final = 31
_WIDTH: Final = 60


@click.command()
@click.option("--days", type=click.IntRange(1, FURTHEST), default=_DEFAULT, show_default=True, help=AHEAD)
@click.option("--by", type=click.Choice(["day", "week", "month"]), default="month", show_default=True, help=EACH)
@click.option("--stream", help=ONE_STREAM)
@click.option("--group", help=ONE_GROUP)
@click.option("--without", multiple=True, metavar="STREAM", help="As if this stream ended today; may be repeated.")
@click.option("--scale", multiple=True, metavar="STREAM=0.8", help="As if it brought so many times as much.")
@click.option(
    "--add",
    multiple=True,
    metavar='"1200 EUR month on 1"',
    help="As if this came in besides; also with `from` and `until` a day, and `as` a name.",
)
@click.option("--delay", multiple=True, metavar="STREAM=30d", help="As if everything of it came later.")
@click.option(
    "--shock",
    multiple=True,
    metavar='"STREAM=0.5 from 2026-12-01 for 90 days"',
    help="As if it brought so many times as much for a while; also `group:NAME` and `total`.",
)
@click.option("--goals", is_flag=True, help="With a change: also what it does to every goal.")
@click.option("--currency", callback=as_currency, help=IN_CURRENCY)
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: one object with bands, sum, methods and differences."
)
@click.pass_context
def project(
    ctx: click.Context,
    days: int,
    by: str,
    stream: str | None,
    group: str | None,
    without: tuple[str, ...],
    scale: tuple[str, ...],
    add: tuple[str, ...],
    delay: tuple[str, ...],
    shock: tuple[str, ...],
    goals: bool,
    currency: str | None,
    as_json: bool,
) -> None:
    """Show what will come in: what is most likely, and between what it will be in 8 or 9 of 10 cases.

    With a change (--without, --scale, --add, --delay, --shock) the answer stands beside the projection without it. A
    projection is of money received; docs/projections.md says how to read it, and what it cannot know.
    """
    if stream is not None and group is not None:
        raise click.UsageError("--stream and --group exclude one another: a stream is in one group")
    asked: dict[str, Sequence[str]] = {
        "without": without, "scale": scale, "add": add, "delay": delay, "shock": shock
    }  # fmt: skip
    if goals and not any(asked.values()):
        raise click.UsageError("--goals shows what a change does to goals; without one, `flowd goal list` shows them")
    settings = read_settings(ctx)
    with open_store(settings, deadline=60.0) as store:
        found = answer(
            store,
            settings,
            days=days,
            by=cast("Bucket", by),
            stream=stream,
            group=group,
            asked=asked,
            goals=goals,
            currency=currency,
        )
    if as_json:
        print_json(found.as_json())
    elif isinstance(found, Foretold):
        tell(found)
    else:
        tell_compared(found)


def answer(
    store: Store,
    settings: Settings,
    *,
    days: int,
    by: Bucket,
    stream: str | None,
    group: str | None,
    asked: dict[str, Sequence[str]],
    goals: bool,
    currency: str | None,
) -> Foretold | Compared:
    """Return what is stored where that answers the question, else what is computed now."""
    from flowd.storage.foretold import ForetoldReports
    from flowd.storage.reports import Reports

    tenant = Reports(store.database).tenant()
    base = str(tenant["base_currency"])
    reports = ForetoldReports(store.database)
    rows = reports.streams()
    names = Names(
        streams={str(row["stream"]): str(row["name"]) for row in rows},
        groups=sorted({str(row["group"]) for row in rows}),
    )
    shown = currency or base
    try:
        subject = _subject(names, stream, group)
        changes = read_changes(names, currency=shown, today=cast("Any", tenant["today"]), **asked)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    if not changes and shown == base:
        kept = stored(reports, subject, days, by)
        if kept is not None and kept.made_on == tenant["today"]:
            return kept
    return _computed(store, settings, subject, names, changes, days=days, by=by, goals=goals, currency=shown)


def _subject(names: Names, stream: str | None, group: str | None) -> Subject:
    from flowd.domain.studied import Scope

    try:
        if stream is not None:
            key = names.stream(stream)
            return Subject(scope=Scope.STREAM, name=key, label=names.streams[key])
        if group is not None:
            key = names.group(group)
            return Subject(scope=Scope.GROUP, name=key, label=f"group {key}")
    except ValueError as problem:
        raise ValueError(f"--{'group' if stream is None else 'stream'}: {problem}") from None
    return Subject()


def _computed(
    store: Store,
    settings: Settings,
    subject: Subject,
    names: Names,
    changes: Sequence[Change],
    *,
    days: int,
    by: Bucket,
    goals: bool,
    currency: str,
) -> Foretold | Compared:
    from flowd.analytics.projection.changes import Add
    from flowd.analytics.projection.rows import projected
    from flowd.edges.foretelling import compared, foretold_of, goals_compared, in_words, outlooks
    from flowd.edges.histories import history_of
    from flowd.storage.foretold import ForetoldReports

    registry = load_registry(settings)
    history = history_of(store, settings, registry, currency)
    for change in changes:
        if isinstance(change, Add) and history.rate(change.currency, history.currency, history.until) is None:
            raise click.UsageError(
                f"--add: no rate of {change.currency} in {history.currency} is known near {history.until}: "
                "say it in another currency, or name a source of rates in flowd.yaml"
            )
    key = (subject.scope, subject.name)
    accuracy = ForetoldReports(store.database).accuracy(subject.scope.value, subject.name)
    found = []
    paths = []
    for outlook in outlooks(history, settings, registry, days=days, keep=[key], changes=changes):
        rows = [row for row in projected(outlook) if (row.scope, row.name) == key]
        try:
            found.append(foretold_of(outlook, rows, subject, days=days, by=by, labels=names.streams, accuracy=accuracy))
        except ValueError as problem:
            raise click.ClickException(str(problem)) from None
        paths.append(outlook.cumulated[key])
    if len(found) == 1:
        return found[0]
    reached = goals_compared(history, settings, registry, changes) if goals else []
    return compared(found[0], found[1], (paths[0], paths[1]), [in_words(change) for change in changes], reached)


def tell(found: Foretold) -> None:
    """Show a projection to people."""
    if not any(way.scope == "stream" for way in found.ways):
        click.echo("nothing to foretell yet: there is no income; `flowd status` shows what is read")
        return
    _tell_head(found)
    bands = found.bands[:_MOST_DAYS]
    drawn = fans([(band.p05, band.p25, band.p50, band.p75, band.p95) for band in bands])
    came = any(band.came is not None for band in bands)
    columns = [found.by, *(["came"] if came else []), "p05", "p10", "p50", "p90", "p95", "likely"]
    shown = [{**_line(band, found.by), "likely": fan} for band, fan in zip(bands, drawn, strict=True)]
    show(shown, columns, as_json=False, empty=f"no whole {found.by} ends within {found.days} days: ask --by day")
    if len(found.bands) > len(bands):
        click.echo(f"{len(found.bands) - len(bands)} more with --by week, --by month, or --json")
    if came:
        click.echo(f"the first month includes what came of it before {found.made_on}")
    _tell_ways(found)


def _tell_head(found: Foretold) -> None:
    whole = found.sum
    click.echo(f"{found.subject.label}, {found.days} days from {found.made_on} to {found.until}, in {found.currency}")
    click.echo(
        f"  most likely {money(whole.p50)}; {money(whole.p10)} to {money(whole.p90)} in 8 of 10 cases, "
        f"{money(whole.p05)} to {money(whole.p95)} in 9 of 10"
    )
    way = found.way
    if way is not None:
        sure = "not known" if way.confidence is None else f"{way.confidence * 100:.0f} %"
        click.echo(f"  confidence  {sure}: {way.reason}")
        for line in parts_in_words(way.parts):
            click.echo(f"              {line}")
    _tell_left_out(found)
    for row in found.accuracy:
        click.echo(f"  so far      {accuracy_in_words(row)}")
    if len(found.bands) > 1:
        click.echo(f"  medians     {bars([band.p50 for band in found.bands], _WIDTH)}")


def _tell_left_out(found: Foretold) -> None:
    if found.left_out and found.subject.scope != "stream":
        click.echo(
            f"  left out    {', '.join(found.left_out)}: nothing of it is known in {found.currency} "
            "(flowd income says which rates are missing)"
        )


def parts_in_words(parts: Any) -> list[str]:
    """Say the components of confidence."""
    lines = []
    declared = parts.get("declared")
    if declared is not None and Decimal(str(declared)) > 0:
        lines.append(f"{Decimal(str(declared)) * 100:.0f} % of it is declared, and taken at its word")
    for horizon, one in sorted((parts.get("by_horizon") or {}).items(), key=lambda item: int(item[0])):
        lines.append(
            f"{horizon} days: {one['near']} of {one['projections']} within 20 % of the median, "
            f"{one['inside_80']} within the 80 % band"
        )
    return lines


def accuracy_in_words(row: Mapping[str, Any]) -> str:
    """Say how past projections over a horizon turned out."""
    off = "" if row["mape"] is None else f", {row['mape'] * 100:.0f} % off on average"
    inside, near = (f"{row[name] * 100:.0f} %" for name in ("coverage_80", "within_20"))
    return (
        f"of {row['scored']} projections of {row['horizon']} days, {inside} came within the 80 % band "
        f"and {near} within 20 % of the median{off}"
    )


def _line(band: Band, by: str) -> dict[str, object]:
    span = {
        "day": band.first.isoformat(),
        "week": f"{band.first} to {band.last}",
        "month": band.first.strftime("%Y-%m"),
    }[by]
    return {
        by: span, "came": band.came, "p05": band.p05, "p10": band.p10, "p50": band.p50, "p90": band.p90, "p95": band.p95
    }  # fmt: skip


def _tell_ways(found: Foretold) -> None:
    scope, name = found.subject.scope.value, found.subject.name
    streams = [way for way in found.ways if way.scope == "stream" and (scope != "stream" or way.name == name)]
    if scope == "group" or not streams:
        return
    rows: list[Row] = [
        {
            "stream": way.label,
            "method": way.method + (" (short history)" if way.short else ""),
            "confidence": "—" if way.confidence is None else f"{way.confidence * 100:.0f} %",
            "why": way.reason,
        }
        for way in streams
    ]
    show(rows, ["stream", "method", "confidence", "why"], as_json=False, empty="")


def tell_compared(found: Compared) -> None:
    """Show a projection with changes beside the one without."""
    base, changed = found.base, found.changed
    click.echo(f"{base.subject.label}, {base.days} days from {base.made_on} to {base.until}, in {base.currency}")
    for words in found.changes:
        click.echo(f"  what if: {words}")
    _tell_left_out(base)
    rows: list[Row] = [_beside(_line(one, base.by)[base.by], one, two) for one, two in _pairs(found)]
    rows.append(_beside(f"{base.days} days", base.sum, changed.sum))
    columns = [base.by, "now", "with it", "difference", "now p10", "now p90", "with it p10", "with it p90"]
    show([{base.by: row["span"], **row} for row in rows], columns, as_json=False, empty="")
    if len(base.bands) > 1:
        click.echo(f"  now      {bars([band.p50 for band in base.bands], _WIDTH)}")
        click.echo(f"  with it  {bars([band.p50 for band in changed.bands], _WIDTH)}")
    click.echo(
        f"less than without it in {found.below * 100:.0f} of 100 cases; "
        f"less than {money(base.sum.p50)}, the median without it, in {found.below_median * 100:.0f} of 100"
    )
    click.echo("medians; the first month includes what came of it already" if base.by == "month" else "medians")
    rows = [
        {
            "goal": two.goal.goal,
            "now": _chance(one),
            "with it": _chance(two),
            "reached": one.reached_p50 or "later",
            "with it reached": two.reached_p50 or "later",
        }
        for one, two in found.goals
    ]
    if rows:
        show(rows, ["goal", "now", "with it", "reached", "with it reached"], as_json=False, empty="")


def _chance(outlook: GoalOutlook) -> str:
    return "—" if outlook.probability is None else f"{outlook.probability * 100:.0f} %"


def _pairs(found: Compared) -> list[tuple[Band, Band]]:
    return list(zip(found.base.bands, found.changed.bands, strict=True))[:_MOST_DAYS]


def _beside(span: object, now: Band, then: Band) -> dict[str, object]:
    return {
        "span": span, "now": now.p50, "with it": then.p50, "difference": then.p50 - now.p50,
        "now p10": now.p10, "now p90": now.p90, "with it p10": then.p10, "with it p90": then.p90,
    }  # fmt: skip
