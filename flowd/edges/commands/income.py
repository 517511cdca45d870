"""`flowd income`: what was received and earned, by day, week, month, quarter or year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, cast

import click

from flowd.edges.histories import lacks_rate, past_history_of
from flowd.edges.income_rows import in_periods, income_days, line_of, with_sparklines
from flowd.edges.opening import load_registry, open_store, read_settings
from flowd.edges.period import EACH, IN_CURRENCY, ONE_GROUP, ONE_STREAM, Period, back, named, period_options
from flowd.edges.standing import as_currency, computed, standing_of
from flowd.edges.tables import Row, many, money, print_json, show
from flowd.storage.reports import Bucket

#: How many periods of each kind are shown by default, the one under way included.
REACH: Final[Mapping[Bucket, int]] = {"day": 30, "week": 12, "month": 13, "quarter": 9, "year": 10}
_WORST: Final = ["exact", "estimated", "spread", "partial", "stale"]


@click.command()
@click.option("--by", "bucket", type=click.Choice(list(REACH)), default="day", show_default=True, help=EACH)
@click.option("--stream", help=ONE_STREAM)
@click.option("--streams", is_flag=True, help="A line per stream under each period.")
@click.option("--group", help=ONE_GROUP)
@click.option("--currency", callback=as_currency, help=IN_CURRENCY)
@period_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per period, stream and currency.")
@click.pass_context
def income(
    ctx: click.Context,
    bucket: Bucket,
    stream: str | None,
    streams: bool,
    group: str | None,
    currency: str | None,
    period: Period,
    as_json: bool,
) -> None:
    """Show what came in (received) and what the days were worth (earned), in the base currency.

    A salary is received on its day and earned over the days it pays for. Where a number is not exact, the last
    column says how it came about: estimated, spread over a gap, partial, stale. Below are the daily rate, the trend and
    the income of a month to count on. In another currency the last whole day is the last.
    """
    from flowd.storage.reports import Reports

    settings = read_settings(ctx)
    lacking = None
    with open_store(settings) as store:
        reports = Reports(store.database)
        tenant = reports.tenant()
        # what is to come is foretold by flowd project
        last = min(period.until() or date.max, cast("date", tenant["today"]))
        first = period.since(last, step=bucket) or back(bucket, last, REACH[bucket] - 1)
        if currency is None:
            rows = reports.income(bucket, first, last, stream)
            daily = rows if bucket == "day" or as_json else reports.income("day", first, last, stream)
            standing = None if as_json else standing_of(store, settings, None)
            missing = reports.missing_rates()
        else:
            history = past_history_of(store, settings, load_registry(settings), currency)
            last = min(last, history.until)
            daily = income_days(history, first, last, stream)
            rows = in_periods(daily, bucket)
            lacking = lacks_rate(history, settings.tenant.base_currency)
            standing, missing = computed(history) if lacking is None else None, []
    rows, daily = ([row for row in some if group is None or row["group"] == group] for some in (rows, daily))
    if as_json:
        print_json(rows)
        return
    shown: Sequence[Row] = per_period(rows, with_streams=streams or stream is not None)
    if bucket != "day":
        shown = with_sparklines(shown, daily, bucket)
    columns = ["period", "stream", "received", "earned", "quality", "days"]
    show(
        [
            {
                **row,
                "period": named(bucket, cast("date", row["period"])),
                "received": _money(row["received"]),
                "earned": _money(row["earned"]),
            }
            for row in shown
        ],
        [
            column
            for column in columns
            if (column != "stream" or streams or stream) and (column != "days" or bucket != "day")
        ],
        as_json=False,
        empty=f"no income from {first} to {last}: --since looks further back, `flowd status` shows what is read",
    )
    if rows:
        click.echo(f"in {currency or tenant['base_currency']}, {first} to {last}")
        click.echo(f"earned per day: {line_of(daily, first, last)}")
    if rows and standing is not None:
        scope = ("stream", stream) if stream is not None else ("group", group) if group is not None else ("total", "")
        for text in standing.sentences(*scope):
            click.echo(text)
    if lacking is not None:
        click.echo(f"not all of it: {lacking}")
    for rate in missing:
        click.echo(
            f"left out: what is in {rate['base']}, because no rate to {rate['quote']} is known for "
            f"{many(rate['days'], 'day')} ({rate['first_day']} to {rate['last_day']})"
        )


def per_period(rows: list[dict[str, object]], *, with_streams: bool) -> list[Row]:
    """Add up the streams of each period in base currency; what has no rate is left out, and makes it partial."""
    periods: dict[object, list[dict[str, object]]] = {}
    for row in rows:
        periods.setdefault(row["period"], []).append(row)
    shown: list[Row] = []
    for period, group in periods.items():
        if with_streams:
            # of each currency that a stream pays in there is a row
            streams: dict[object, list[dict[str, object]]] = {}
            for row in group:
                streams.setdefault(row["stream"], []).append(row)
            shown += [{"period": period, "stream": stream, **_total(some)} for stream, some in streams.items()]
        shown.append({"period": period, "stream": "total", **_total(group)})
    return shown


def _total(group: list[dict[str, object]]) -> dict[str, object]:
    qualities = [str(row["quality"]) for row in group]
    totals: dict[str, object] = {}
    for name in ("received", "earned"):
        known = [row[f"{name}_base"] for row in group if isinstance(row[f"{name}_base"], Decimal)]
        if len(known) < len(group):
            qualities.append("partial")
        totals[name] = sum(cast("list[Decimal]", known), Decimal(0)) if known else None
    return {**totals, "quality": max(qualities, key=_WORST.index)}


def _money(value: object) -> object:
    return Decimal(money(value).replace(",", "")) if isinstance(value, Decimal) else None
