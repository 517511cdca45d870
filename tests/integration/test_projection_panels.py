"""What the dashboard Projection says is right: past and bands on one step, and what was said against what came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from flowd.storage.database import Database
from tests.household import Household, a_home
from tests.integration.test_project_command import Home

FAN = "What came and what will come, in ${base}"
LEVELS = ("p05", "p10", "p50", "p90", "p95")
SAID = (
    "INSERT INTO app.projection (tenant_id, scope, name, made_on, made_at, span, for_day, p05, p10, p25, p50, p75, "
    "p90, p95, mean, method, confidence, base_currency) SELECT %(tenant)s, %(scope)s, %(name)s, %(made_on)s, now(), "
    "%(span)s, %(for_day)s, m - 20, m - 10, m - 5, m, m + 5, m + 10, m + 20, m + 1, 'theta', NULL, 'EUR' FROM (VALUES "
    "(%(p50)s::numeric)) q (m)"
)
MODEL = (
    "INSERT INTO derived.projection_model (tenant_id, scope, name, as_of, method, reason, history_days, short, "
    "origins, error, coverage, confidence, parts, candidates, digest, fit) VALUES (%(tenant)s, 'total', '', %(day)s, "
    "'joint paths of 1 stream', 'all of it is declared', %(days)s, %(short)s, 0, NULL, NULL, NULL, '{\"declared\": "
    "\"1\"}', '{}', 'x', '{}')"
)
FIGURE = (
    'INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit) VALUES (%(tenant)s, '
    "'scores', 'total', %(name)s, '30d', %(month)s::timestamp AT TIME ZONE 'Europe/Berlin', %(value)s, 'share')"
)


@pytest.fixture
def home(database: Database) -> Household:
    return a_home(database)


def say(
    home: Household, span: str, for_day: date, p50: int, *, ago: int = 0, about: tuple[str, str] = ("total", "")
) -> None:
    """Foretell `p50` for a day, `ago` days ago; the bands are 5, 10 and 20 around it and the mean is 1 more."""
    made_on = home.today - timedelta(days=ago)
    home.sql(SAID, scope=about[0], name=about[1], made_on=made_on, span=span, for_day=for_day, p50=p50)


def ends(day: date) -> tuple[date, date]:
    """The last days of the month before that of `day`, and of its own."""
    first = day.replace(day=1)
    return first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@pytest.fixture
def foretold(home: Household) -> Household:
    """Two streams that bring 1 and 2 a day; days foretold as 3 each, and the month as something else than their sum."""
    home.stream("one", "schedule")
    home.stream("two", "schedule")
    home.earn("one", range(100), "1")
    home.earn("two", range(100), "2")
    say(home, "month", ends(home.today)[1], 77)
    say(home, "month", ends(home.today)[1], 22, about=("stream", "one"))
    for day in range(30):
        say(home, "day", home.today + timedelta(days=day), 3)
    return home


def test_the_past_is_told_in_whole_months_and_the_bands_open_from_the_last(foretold: Household) -> None:
    last, this = ends(foretold.today)
    *_, before, month = foretold.panel("Projection", FAN, days=180)
    assert before["time"].date() == last.replace(day=1)
    assert before["known"] == 3 * last.day
    assert {before[level] for level in LEVELS} == {3 * last.day}
    assert month["time"].date() == this.replace(day=1)
    assert [month[level] for level in ("known", *LEVELS)] == [None, 57, 67, 77, 87, 97]


def test_without_any_stream_nothing_is_foretold_and_that_is_no_zero(home: Household) -> None:
    for span, day in (("month", ends(home.today)[1]), ("sum", home.today + timedelta(days=29)), ("day", home.today)):
        say(home, span, day, 0)
    tiles = [("Income", "Everything, this whole month"), ("Income", "Everything, next 30 days")]
    tables = [("Projection", each) for each in ("Next 30 days", FAN, "By month, in numbers", "By group and stream")]
    assert [title for board, title in tiles + tables if home.panel(board, title)] == []
    home.stream("one", "schedule")
    assert [title for board, title in tiles + tables if not home.panel(board, title)] == []


def test_of_a_goal_nobody_can_tell_nothing_is_reached_and_that_is_no_zero(home: Household) -> None:
    for goal, current in (("unknown", None), ("begun", 25), ("nothing yet", 0)):
        home.sql(
            "INSERT INTO derived.goal (tenant_id, goal, kind, scope, name, amount, currency, since, as_of, current, "
            "reason) VALUES (%(tenant)s, %(goal)s, 'net_worth', 'total', '', 100, 'EUR', %(today)s, %(today)s, "
            "%(current)s, '')",
            goal=goal,
            today=home.today,
            current=current,
        )
    found = {row["Goal"]: row["Reached"] for row in home.panel("Projection", "Goals")}
    assert found == {"unknown": None, "begun": Decimal("0.25"), "nothing yet": 0}


def test_a_guess_and_what_rests_on_old_readings_are_said_to_be_that(foretold: Household) -> None:
    say(foretold, "sum", foretold.today + timedelta(days=29), 90)

    def told() -> list[str]:
        tiles = [("Income", "Everything, this whole month"), ("Income", "Everything, next 30 days")]
        return [foretold.panel(*tile)[0]["metric"] for tile in [*tiles, ("Projection", "Next 30 days")]]

    assert told() == ["EUR, 80 %: 67.00 to 87.00", "EUR, 80 %: 80.00 to 100.00", "EUR (80.00 to 100)"]
    foretold.sql(MODEL, day=foretold.today, days=3, short=True)
    assert [each.rsplit(", ")[-1] for each in told()] == ["a wide guess"] * 3
    foretold.sql(
        "INSERT INTO derived.stream_state (tenant_id, scope, name, as_of, trend, trend_reason, health, health_reason, "
        "base_currency) VALUES (%(tenant)s, 'total', '', %(day)s, 'flat', '', 'stale', '', 'EUR')",
        day=foretold.today,
    )
    assert [each.rsplit(", ")[-1] for each in told()] == ["stale"] * 3


def test_days_stand_beside_days(foretold: Household) -> None:
    found = {row["time"].date(): row for row in foretold.panel("Projection", FAN, days=20, step="day")}
    yesterday = foretold.today - timedelta(days=1)
    assert (found[yesterday]["known"], found[yesterday]["p50"]) == (3, 3)
    assert (found[foretold.today]["known"], found[foretold.today]["p50"]) == (None, 3)
    assert found[yesterday - timedelta(days=1)]["p50"] is None
    assert max(found) == foretold.today + timedelta(days=29)


def test_a_stream_has_a_past_and_bands_of_its_own(foretold: Household) -> None:
    *_, before, month = foretold.panel("Projection", FAN, days=180, subject="stream:one")
    assert (before["known"], month["p50"]) == (ends(foretold.today)[0].day, 22)
    found = foretold.panel("Projection", "By month, in numbers", subject="stream:one")
    assert [(row["Low"], row["Median"], row["High"], row["Mean"]) for row in found] == [(12, 22, 32, 23)]
    assert found[0]["Came so far"] == foretold.today.day - 1


@pytest.mark.parametrize("group", ["it's: odd", "100 %: \\'; --", "stream:one"])
def test_a_group_may_be_called_anything(foretold: Household, group: str) -> None:
    foretold.sql("UPDATE derived.stream SET grp = %(grp)s WHERE stream = 'two' AND tenant_id = %(tenant)s", grp=group)
    say(foretold, "month", ends(foretold.today)[1], 44, about=("group", group))
    *_, before, month = foretold.panel("Projection", FAN, days=180, subject=f"group:{group}")
    assert (before["known"], month["p50"]) == (2 * ends(foretold.today)[0].day, 44)


def test_a_day_on_which_nothing_came_is_a_zero_and_one_that_is_not_known_is_none(home: Household) -> None:
    home.stream("gigs", "transactions")
    home.earn("gigs", [5, 1], "8")
    home.earn("gigs", [3], None, "partial", received=None)
    home.sql("UPDATE app.income_daily SET received_base = NULL WHERE quality = 'partial' AND tenant_id = %(tenant)s")
    found = home.panel("Projection", FAN, days=30, step="day")
    assert [row["known"] for row in found] == [8, 0, None, 0, 8]


def test_past_projections_stand_at_their_last_day_with_what_came(home: Household) -> None:
    for ago, p50 in ((40, 100), (35, 200), (10, 300)):
        say(home, "sum", home.today + timedelta(days=29 - ago), p50, ago=ago)
        say(home, "sum", home.today + timedelta(days=6 - ago), 7, ago=ago)
    say(home, "sum", home.today - timedelta(days=11), 9, ago=40, about=("stream", "s1"))
    home.sql(
        "INSERT INTO derived.projection_score (tenant_id, scope, name, made_on, horizon, for_day, p50, actual, error, "
        "pinball, inside_50, inside_80, inside_90, within_20) VALUES (%(tenant)s, 'total', '', %(made_on)s, 30, "
        "%(for_day)s, 100, 111, 11, 1, false, false, true, true)",
        made_on=home.today - timedelta(days=40),
        for_day=home.today - timedelta(days=11),
    )
    found = home.panel("Projection", "Past projections and what came, in ${base}", days=60)
    assert [(row["p50"], row["known"], row["p05"], row["p95"]) for row in found] == [
        (100, 111, 80, 120),
        (200, None, 180, 220),
    ]
    assert [row["time"].date() for row in found] == [home.today - timedelta(days=age) for age in (11, 6)]


def test_months_weigh_as_much_as_was_scored_in_them(home: Household) -> None:
    def scored(month: date, figures: Mapping[str, object]) -> None:
        for name, value in figures.items():
            home.sql(FIGURE, name=name, value=value, month=month)

    scored(date(2026, 1, 1), {"scored": 10, "coverage_80": "0.5", "mape": None})
    scored(date(2026, 2, 1), {"scored": 30, "coverage_80": "0.9", "mape": "0.25"})
    (row,) = home.panel("Projection", "How good past projections were")
    assert (row["Days"], row["Scored"], row["In the 80 %"], row["Mean error"]) == (
        30,
        40,
        Decimal("0.8"),
        Decimal("0.25"),
    )
    assert (row["In the 50 %"], row["Since"]) == (None, "Jan 2026")


def test_a_short_history_and_a_confidence_that_is_not_known_are_said(home: Household) -> None:
    home.sql(MODEL, day=home.today, days=40, short=True)
    said = {row["What"]: row for row in home.panel("Projection", "What the confidence is made of")}
    assert (said["Confidence"]["How much"], said["Confidence"]["What it means"]) == (
        "not known",
        "all of it is declared",
    )
    assert said["History"]["How much"] == "40 days"
    assert "too short" in said["History"]["What it means"]
    assert said["Declared"]["How much"] == "100 %"
    assert home.panel("Projection", "Confidence") == []


def test_it_shows_what_the_command_says(database: Database, database_url: str, tmp_path: Path) -> None:
    """Panels over what the nightly studies really keep."""
    own = Home(database, database_url, tmp_path)
    own.run("goal", "add", "house", "--saved", "20000", "--by", (own.today + timedelta(days=900)).isoformat())
    own.study(("statistics", "expected", "projection"))
    home = Household(database, own.today)
    said = own.json("project", "--days", "30")
    (tile,) = home.panel("Projection", "Next 30 days")
    assert tile["value"] == Decimal(said["sum"]["p50"])
    months = home.panel("Projection", "By month, in numbers")
    bands = own.json("project")["bands"]
    assert [row["Median"] for row in months] == [Decimal(band["p50"]) for band in bands][: len(months)]
    assert months[0]["Came so far"] == Decimal(bands[0]["came"])
    (sure,) = home.panel("Projection", "Confidence")
    assert sure["value"] == Decimal(str(said["confidence"]))
    assert sum(row["Past projections"] for row in home.panel("Projection", "Tried on the past, by horizon")) > 10
    streams = {row["stream"]: row for row in home.panel("Projection", "How each stream is foretold")}
    assert set(streams) == {"bank/salary", "bank/payout", "rent"}
    assert "mean-" in streams["bank/payout"]["Methods tried, best first"]
    (goal,) = home.panel("Projection", "Goals")
    assert (goal["Goal"], goal["Amount"]) == ("house", 20000)
    assert goal["Probability"] is not None
    share = {
        row["subject"]: row["Share"]
        for row in home.panel("Projection", "By group and stream")
        if row["Kind"] == "stream"
    }
    assert float(sum(share.values())) == pytest.approx(1)
    assert {row["Stream"] for row in home.panel("Trends", "How every stream is doing")} == {*streams}
    assert home.panel("Trends", "Due in the next 30 days")
    (trend,) = home.panel("Trends", "Is it growing?")
    assert trend["Trend"] in {"growing", "flat", "declining"}
