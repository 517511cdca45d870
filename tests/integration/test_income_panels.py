"""What the dashboard Income says is right: its queries over income that is easy to reckon."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.household import Household, a_home, foretell
from tests.panels import Range

home = pytest.fixture(a_home)


def test_a_spark_is_drawn_from_zero_and_leaves_out_what_is_not_known(home: Household) -> None:
    drawn = home.ask(
        "SELECT report.spark(ARRAY[0, 7, NULL, 3.5]), report.spark(ARRAY[5, 5]), report.spark(ARRAY[0, 0]),"
        " report.spark(ARRAY[-7, 0, 7]), report.spark(ARRAY[]::numeric[])"
    )
    assert drawn == [("▁█·▅", "██", "▁▁", "▁▅█", None)]


def test_a_sparkline_is_of_whole_weeks_and_of_the_days_that_are_known(home: Household) -> None:
    home.stream("wallet", "value")
    home.stream("gigs", "transactions")
    home.earn("wallet", range(8), "10")  # today, which is left out, and a whole week
    home.earn("wallet", [8], "20")  # the only day of the week before that is known
    home.earn("gigs", [84], "35")  # the first of the twelve weeks; then nothing, which is zero
    home.earn("gigs", [1], None, "estimated")
    found = home.ask("SELECT stream, weeks, lowest, highest FROM report.sparkline ORDER BY 1")
    assert found == [("gigs", "█▁▁▁▁▁▁▁▁▁▁▁", 0, 5), ("wallet", "··········█▅", 10, 20)]


@pytest.mark.parametrize(
    ("bucket", "days", "moved"),
    [("day", 9, 10), ("week", 20, None), ("month", 70, None), ("quarter", 200, None), ("year", 400, None)],
)
def test_the_time_before_is_as_long_and_laid_on_this_one(
    home: Household, bucket: str, days: int, moved: int | None
) -> None:
    home.stream("salary", "schedule")
    home.earn("salary", range(2000), "1")
    until = datetime(home.today.year, home.today.month, home.today.day, 12, tzinfo=UTC)
    window = f"'{until - timedelta(days=days)}', '{until}', '{bucket}'"
    now = home.ask(f'SELECT "time", amount FROM report.income({window}) ORDER BY 1')
    before = home.ask(f'SELECT "time", amount FROM report.income_before({window}) ORDER BY 1')
    assert [row[0] for row in before] == [row[0] for row in now]
    assert sum(row[1] for row in before) == (now[0][0].date() - _earlier(now, bucket)).days
    if moved:
        assert sum(row[1] for row in before) == moved


@pytest.mark.parametrize("granularity", ["day", "week", "month", "quarter", "year", "auto"])
def test_what_is_to_come_is_no_zero_when_a_whole_year_is_shown(home: Household, granularity: str) -> None:
    home.stream("gigs", "transactions")
    home.earn("gigs", [3, 40], "10")
    past = Range.last(90)
    year = Range(since=past.since, until=past.until + timedelta(days=275))
    for title, ref in (("Income by stream", "A"), ("Income by stream", "B"), ("Income by group", "A")):
        shown = home.panel_over(year, "Income", title, ref, {"granularity": granularity})
        assert sum(row["value" if ref == "A" else "Total"] for row in shown) == 20
        assert max(row["time"].date() for row in shown) <= home.today
    squares = home.panel_over(year, "Income", "Income by day", "A", {})
    assert len(squares) == 41
    assert sum(row["value"] for row in squares) == 20


def _earlier(rows: list[tuple[Any, ...]], bucket: str) -> date:
    """The first day of as many whole buckets before the first of `rows`."""
    first: date = rows[0][0].date()
    if bucket in ("day", "week"):
        return first - timedelta(days=len(rows) * (7 if bucket == "week" else 1))
    months = first.year * 12 + first.month - 1 - len(rows) * {"month": 1, "quarter": 3, "year": 12}[bucket]
    return date(months // 12, months % 12 + 1, 1)


def test_the_tiles_say_what_one_earns_and_how_far_that_is_known(home: Household) -> None:
    home.stream("salary", "schedule")
    home.earn("salary", range(90), "10")
    home.stream("wallet", "value")
    home.earn("wallet", [*range(1, 15), *range(31, 61)], "4")
    home.earn("wallet", range(15, 31), None, "partial")
    home.stream("gone", "value")  # not read for a month: unknown now, so neither now nor before
    home.earn("gone", range(35, 90), "100")
    (rate,) = home.panel("Income", "You earn per day")
    (change,) = home.panel("Income", "Against the 30 days before")
    (chosen,) = home.panel("Income", "You earn per day", stream=["salary"])
    assert (rate["metric"], rate["value"]) == ("EUR per day, partial", 14)
    assert (change["metric"], change["value"]) == ("it was 14.00 EUR", 0)
    assert (chosen["metric"], chosen["value"]) == ("EUR per day, exact", 10)


def test_what_nobody_knew_a_month_ago_makes_no_rise_now(home: Household) -> None:
    home.stream("salary", "schedule")
    home.earn("salary", range(90), "10")
    home.stream("back", "value")  # not read in the month before
    home.earn("back", [*range(1, 25), *range(65, 90)], "100")
    home.earn("back", range(25, 65), None, "stale")
    assert [row["value"] for row in home.panel("Income", "Against the 30 days before")] == [0]
    home.stream("new", "transactions")
    home.earn("new", [3], "150")
    assert [row["value"] for row in home.panel("Income", "Against the 30 days before")] == [Decimal("0.5")]


def test_a_target_is_of_a_month_and_of_the_streams_that_have_one(home: Household) -> None:
    for stream, target in (("salary", 400), ("unread", 1000), ("free", None)):
        home.stream(stream, "value")
        home.sql(
            "UPDATE derived.stream SET target = %(target)s WHERE stream = %(stream)s", stream=stream, target=target
        )
    home.earn("salary", range(40), "8")
    home.earn("free", range(40), "50")
    assert home.panel("Income", "Target reached", stream=["free"]) == []
    (row,) = home.panel("Income", "Target reached")
    assert row["metric"] == "243.50 of 400.00 EUR a month"
    assert round(row["value"], 6) == Decimal("0.60875")


def test_the_nearest_goal_is_the_open_one_with_the_first_day(home: Household) -> None:
    for goal, by_day, current, probability in (
        ("reached", 10, 120, 1),
        ("unknown", 20, 50, None),
        ("car", 200, 10, "0.5"),
        ("house", 900, 50, "0.75"),
        ("whenever", None, 90, "0.9"),
    ):
        home.sql(
            "INSERT INTO derived.goal (tenant_id, goal, kind, scope, name, amount, currency, by_day, since, as_of,"
            " current, probability, reason) VALUES (%(tenant)s, %(goal)s, 'saved', 'total', '', 100, 'EUR',"
            " %(by)s, %(today)s, %(today)s, %(current)s, %(probability)s::numeric, '')",
            goal=goal,
            by=None if by_day is None else home.today + timedelta(days=by_day),
            today=home.today,
            current=current,
            probability=probability,
        )
    (row,) = home.panel("Income", "Nearest goal")
    assert (row["metric"], row["value"]) == (f"car by {home.today + timedelta(days=200)}", Decimal("0.5"))


def test_what_is_foretold_is_of_everything_and_of_this_month(home: Household) -> None:
    home.stream("salary", "schedule")
    home.earn("salary", range(3), "10")
    month_end = (home.today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    next_end = (month_end + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    for scope, name, factor in (("total", "", 100), ("stream", "salary", 1)):
        for span, for_day, amount in (
            ("month", month_end, 30),
            ("month", next_end, 50),
            ("sum", home.today + timedelta(days=29), 40),
            ("sum", home.today + timedelta(days=6), 9),
            ("day", home.today, 2),
        ):
            foretell(home, scope, name, span, for_day, amount * factor)
    (month,) = home.panel("Income", "Everything, this whole month", stream=["salary"])
    (days,) = home.panel("Income", "Everything, next 30 days")
    (one,) = home.panel("Stream", "Likely in the next 30 days")
    assert (month["metric"], month["value"]) == ("EUR, 80 %: 1,500 to 6,000", 3000)
    assert (days["metric"], days["value"]) == ("EUR, 80 %: 2,000 to 8,000", 4000)
    assert (one["metric"], one["value"]) == ("EUR, 80 %: 20.00 to 80.00", 40)


def test_the_line_on_top_is_the_sum_of_the_streams(home: Household) -> None:
    home.stream("salary", "schedule")
    home.stream("gigs", "transactions")
    home.earn("salary", range(1, 120), "10")
    home.earn("gigs", [5, 9, 40], "70")
    home.earn("gigs", [7], None, "partial")
    sums: dict[datetime, Decimal] = {}
    for row in home.panel("Income", "Income by stream", days=30, granularity="week"):
        sums[row["time"]] = sums.get(row["time"], Decimal(0)) + (row["value"] or 0)
    total = home.panel("Income", "Income by stream", ref="B", days=30, granularity="week")
    before = home.panel("Income", "Income by stream", ref="C", days=30, granularity="week")
    assert {row["time"]: row["Total"] for row in total} == sums
    assert [row["time"] for row in before] == [row["time"] for row in total]
    groups = home.panel("Income", "Income by group", days=30, granularity="week")
    assert {row["time"]: row["value"] for row in groups} == sums, "both streams are in group g"


def test_days_that_wait_for_a_payment_stand_at_the_daily_rate(home: Household) -> None:
    home.stream("payout", "transactions")
    home.stream("wallet", "value")
    home.earn("payout", range(4, 60), "6")
    home.earn("payout", range(4), None, "estimated")
    home.earn("wallet", [0, 1, 2, *range(5, 20)], "5")
    home.earn("wallet", range(3, 5), None, "partial")  # unknown for another reason: nothing is awaited
    rows = home.panel("Income", "Income by stream", ref="D", days=30)
    # late in the evening UTC the chart does not show the household's today yet
    awaited = {(home.today - row["time"].date()).days: row["Awaited"] for row in rows}
    assert [awaited[age] for age in (5, 4, 3, 2, 1)] == [None, None, 6, 6, 6]
    for basis, currency, stream in (
        ("received", "base", "payout"),
        ("earned", "EUR", "payout"),
        ("earned", "base", "wallet"),
    ):
        rows = home.panel("Income", "Income by stream", ref="D", basis=basis, currency=currency, stream=stream)
        assert {row["Awaited"] for row in rows} == {None}


def test_months_are_added_up_to_what_the_tiles_say(home: Household) -> None:
    home.stream("salary", "schedule")
    home.earn("salary", range(90), "10")
    rows = home.panel("Income", "This month against last month")
    (this,) = home.panel("Income", "This month so far")
    (last,) = home.panel("Income", "Last month")
    assert [row["Day"] for row in rows] == [f"{day:02}" for day in range(1, 32)]
    assert [row["This month"] for row in rows] == [10 * day if day <= home.today.day else None for day in range(1, 32)]
    assert this["value"] == 10 * home.today.day
    assert last["value"] == max(row["Last month"] for row in rows if row["Last month"] is not None)
    assert last["value"] == 10 * (home.today.replace(day=1) - timedelta(days=1)).day


@pytest.mark.parametrize(
    ("basis", "currency", "amounts"),
    [
        ("earned", "base", {4: 9, 3: 0, 2: None}),
        ("received", "base", {4: 18, 3: 0, 2: 18}),
        ("earned", "USD", {4: 10, 3: 0, 2: None}),
        ("received", "USD", {4: 20, 3: 0, 2: 20}),
    ],
)
def test_a_square_is_a_day(home: Household, basis: str, currency: str, amounts: dict[int, int | None]) -> None:
    home.stream("shop", "transactions")
    home.sql(
        "INSERT INTO app.income_daily SELECT %(tenant)s, 'shop', 'USD', day, 20, earned, 18, earned * 0.9, 'EUR', "
        "'exact' FROM (VALUES (%(today)s::date - 4, 10), (%(today)s::date - 2, NULL)) made (day, earned)",
        today=home.today,
    )
    rows = home.panel("Income", "Income by day", basis=basis, currency=currency)
    found = {(row["time"].date(), row["metric"][0]): row["value"] for row in rows}
    for age, amount in amounts.items():
        day = home.today - timedelta(days=age)
        assert found[day + timedelta(days=7 - day.weekday()), str(day.isoweekday())] == amount
