"""`flowd project` and `flowd goal`: stored and computed numbers are the same, what-if stands beside the base case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from click.testing import CliRunner, Result

from flowd.api import FlowClass, Rate
from flowd.edges.cli import flowd
from flowd.edges.opening import load_registry
from flowd.engine.studying import Studies
from flowd.storage.database import Database
from flowd.testing.fakes import FakeClock
from tests.deriving import Store, schedule, transaction

DAYS = 400
DAY = timedelta(days=1)


class Home:
    """A salary on the 25th, odd jobs now and then, a rent that is declared, and flowd's commands on all that."""

    def __init__(self, database: Database, url: str, folder: Path) -> None:
        now = datetime.now(ZoneInfo("Europe/Berlin"))
        self.today = now.date()
        self.store = Store(database)
        self.store.clock = FakeClock(now.astimezone(UTC))
        self.store.set()
        random = np.random.default_rng(7)
        booked: list[Any] = []
        for age in range(DAYS, 0, -1):
            day = self.today - age * DAY
            if day.day == 25:
                booked.append(transaction(day.isoformat(), "2500", counterparty="ACME", kind=FlowClass.SALARY))
            if random.random() < 0.1:
                amount = f"{random.gamma(2, 100):.2f}"
                booked.append(transaction(day.isoformat(), amount, counterparty="jobs", kind=FlowClass.PAYOUT))
            if age % 5 == 0:
                at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
                booked.append(Rate(base="USD", quote="EUR", at=at, value=Decimal("0.8")))
        self.store.write("bank", *booked)
        start = (self.today - 300 * DAY).replace(day=1).isoformat()
        self.store.write("rent", schedule("rent", amount="310", every="month on L", start=start))
        self.store.derivation.catch_up()
        self.config = folder / "flowd.yaml"
        self.config.write_text(
            "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
            f"database: {{url: {json.dumps(url)}}}\nstate: {json.dumps(str(folder / 'var'))}\n"
            "analytics: {projection: {config: {paths: 200}}}\n"
        )

    def call(self, *arguments: str) -> Result:
        return CliRunner().invoke(flowd, ["-c", str(self.config), *arguments])

    def run(self, *arguments: str) -> str:
        result = self.call(*arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def refused(self, *arguments: str) -> str:
        result = self.call(*arguments)
        assert result.exit_code == 2, (result.output, result.exception)
        return result.output

    def study(self, names: Sequence[str] = ("projection",), **options: Any) -> None:
        from flowd.config import load_settings

        settings = load_settings(self.config, {})
        Studies(self.store.database, load_registry(settings), settings, self.store.clock).run(names, **options)


@pytest.fixture
def own(database: Database, database_url: str, tmp_path: Path) -> Home:
    """A home of the test's own."""
    return Home(database, database_url, tmp_path)


@pytest.fixture(scope="module")
def home(server: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home for all tests that leave it as it is: nothing is stored of what is foretold."""
    name = server.create(template)
    try:
        with Database(server.address(name), tenant="home") as database:
            yield Home(database, server.address(name), tmp_path_factory.mktemp("home"))
    finally:
        server.drop(name)


def test_what_is_stored_is_what_would_be_computed(own: Home) -> None:
    questions: list[list[str]] = [[], ["--by", "day", "--days", "30"], ["--stream", "rent"], ["--group", "other"]]
    groups = [row[0] for row in own.store.rows("SELECT DISTINCT grp FROM derived.stream")]
    questions[3] = ["--group", groups[0]]
    computed = [own.json("project", *question) for question in questions]
    assert own.store.rows("SELECT count(*) FROM raw.projection") == [(0,)]
    own.study()
    assert [own.json("project", *question) for question in questions] == computed
    # one that was stored otherwise shows that it is read
    own.store.rows("UPDATE raw.projection SET p50 = 4711 WHERE span = 'sum' AND scope = 'total' RETURNING 1")
    assert own.json("project")["sum"]["p50"] == "4711"
    assert own.json("project", "--currency", "EUR")["sum"]["p50"] == "4711"


def test_the_month_under_way_includes_what_came_of_it(home: Home) -> None:
    found = home.json("project", "--stream", "rent")
    assert found["subject"] == {"scope": "stream", "name": "rent", "label": "rent"}
    months = {band["first"][:7]: band for band in found["bands"]}
    whole = [band for month, band in months.items() if month != home.today.isoformat()[:7]]
    # no day of a declared income is uncertain, but it may end by chance
    assert {band["p50"] for band in whole} == {"310"}
    if home.today.day > 1:
        assert Decimal(found["bands"][0]["came"]) == 0
    assert (found["methods"][0]["scope"], found["made_on"]) == ("total", home.today.isoformat())


def test_json_has_stable_keys(home: Home) -> None:
    base = ["subject", "currency", "made_on", "until", "days", "by", "confidence", "reason", "parts", "accuracy",
            "sum", "bands", "methods", "left_out"]  # fmt: skip
    band = ["first", "last", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "mean", "came"]
    plain, changed = home.json("project"), home.json("project", "--without", "rent")
    assert list(plain) == base
    assert list(plain["sum"]) == list(plain["bands"][0]) == band
    assert list(plain["methods"][0]) == [
        "scope", "name", "label", "method", "reason", "short", "history_days", "confidence", "parts"
    ]  # fmt: skip
    assert list(changed) == [*base, "changes", "base", "difference", "goals"]
    assert list(changed["base"]) == ["sum", "bands"]
    assert list(changed["difference"]) == ["sum", "bands", "below", "below_median"]
    assert list(changed["difference"]["bands"][0]) == ["first", "last", "p50", "mean"]


def test_what_if_stands_beside_the_base_case(home: Home) -> None:
    plain = home.json("project")
    without = home.json("project", "--without", "rent")
    assert without["base"]["sum"] == plain["sum"]
    assert without["changes"] == ["without rent"]
    rent = home.json("project", "--stream", "rent")
    # means add up, whatever the streams do together
    assert float(without["difference"]["sum"]["mean"]) == pytest.approx(-float(rent["sum"]["mean"]), abs=1)
    assert Decimal(without["difference"]["below"]) > Decimal("0.9")
    more = home.json("project", "--add", "1200 EUR month on 1 as lessons", "--scale", "rent=100%", "--days", "60")
    firsts = sum((home.today + at * DAY).day == 1 for at in range(60))
    assert float(more["difference"]["sum"]["mean"]) == pytest.approx(1200 * firsts, rel=0.02)
    assert more["difference"]["below"] == "0"
    nothing = home.json("project", "--scale", "rent=1", "--by", "week", "--days", "28")
    assert {one["mean"] for one in nothing["difference"]["bands"]} == {"0"}
    assert (nothing["bands"][0]["first"], nothing["bands"][-1]["last"]) == (nothing["made_on"], nothing["until"])
    dearth = home.json("project", "--shock", f"total=0 from {home.today} for 90 days", "--days", "60")
    assert dearth["sum"]["p95"] == "0"
    later = home.json("project", "--delay", "rent=40d", "--days", "30", "--stream", "rent")
    assert later["sum"]["p50"] == "0"


def test_in_another_currency_at_the_rate_of_each_day(home: Home) -> None:
    euro, dollar = (
        home.json("project", "--stream", "rent"),
        home.json("project", "--stream", "rent", "--currency", "usd"),
    )
    assert (euro["currency"], dollar["currency"]) == ("EUR", "USD")
    assert float(dollar["sum"]["mean"]) == pytest.approx(float(euro["sum"]["mean"]) / 0.8, rel=0.01)


def test_people_see_bands_a_fan_and_how_each_stream_is_foretold(home: Home) -> None:
    words = home.run("project")
    assert f"everything, 180 days from {home.today} to {home.today + 179 * DAY}, in EUR" in words
    assert "in 8 of 10 cases" in words
    assert "●" in words
    assert "confidence" in words
    assert "rent" in words
    beside = home.run("project", "--without", "rent", "--delay", "rent=30d")
    assert "what if: without rent" in beside
    assert "what if: rent 30 days later" in beside
    assert "difference" in beside
    assert "of 100 cases" in beside
    assert "more with --by week" in home.run("project", "--by", "day")
    assert "no whole month ends" in home.run("project", "--days", "1") or (home.today + DAY).day == 1


def test_what_has_no_rate_is_named_and_never_taken_one_to_one(own: Home) -> None:
    before = own.json("project")
    own.store.write("yen", schedule("yen", amount="90000", currency="JPY", every="month on L"))
    own.store.derivation.catch_up()
    found = own.json("project")
    assert (found["left_out"], found["sum"]) == (["yen"], before["sum"])
    assert "left out    yen: nothing of it is known in EUR" in own.run("project")
    own.study()
    assert own.json("project") == found
    assert "nothing can be foretold of yen" in own.call("project", "--stream", "yen").output


def test_how_past_projections_turned_out_is_shown(own: Home) -> None:
    own.study()
    own.store.clock.advance(-40 * DAY)
    own.study()
    own.store.clock.advance(40 * DAY)
    own.study(names=["scores"])
    found = own.json("project", "--stream", "rent")
    assert [(row["horizon"], row["scored"]) for row in found["accuracy"]] == [(7, 1), (30, 1)]
    assert found["accuracy"][1]["coverage_80"] == "1.0000"
    words = own.run("project", "--stream", "rent", "--by", "week", "--days", "14")
    assert "so far      of 1 projections of 30 days, 100 % came within the 80 % band" in words


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--without", "rnet"], "--without 'rnet': there is no stream 'rnet'; is it rent?"),
        (["--stream", "nothing"], "--stream: there is no stream 'nothing'"),
        (["--group", "nothing"], "--group: there is no group 'nothing'"),
        (["--stream", "rent", "--group", "other"], "exclude one another"),
        (["--days", "731"], "731 is not in the range"),
        (["--add", "1200 JPY month on 1"], "no rate of JPY in EUR is known near"),
        (["--goals"], "`flowd goal list` shows them"),
        (["--add", "20.000 EUR month on 1"], "could mean 20000"),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_the_fix(home: Home, arguments: list[str], said: str) -> None:
    assert said in home.refused("project", *arguments)


def test_without_any_income_it_says_so(database: Database, database_url: str, tmp_path: Path) -> None:
    config = tmp_path / "flowd.yaml"
    config.write_text(
        "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
        f"database: {{url: {json.dumps(database_url)}}}\nstate: {json.dumps(str(tmp_path / 'var'))}\n"
    )
    assert database.tenant == "home"
    result = CliRunner().invoke(flowd, ["-c", str(config), "project"])
    assert (result.exit_code, "nothing to foretell yet" in result.output) == (0, True)


GOAL = ["goal", "kind", "amount", "currency", "scope", "name", "label", "by_day", "since", "as_of", "current",
        "progress", "probability", "reached_p10", "reached_p50", "reached_p90", "needed", "reason"]  # fmt: skip


def test_a_goal_is_set_shown_replaced_and_taken_away(own: Home) -> None:
    by = (own.today + 150 * DAY).isoformat()
    since = (own.today - 60 * DAY).isoformat()
    added = own.json("goal", "add", "house", "--saved", "9k", "--by", by, "--since", since)
    assert list(added) == GOAL
    assert (added["kind"], added["amount"], added["currency"], added["by_day"]) == ("saved", "9000", "EUR", by)
    (came,) = own.store.rows(
        f"SELECT sum(received_base)::text FROM derived.income_daily WHERE day BETWEEN '{since}' AND '{own.today - DAY}'"
    )[0]
    assert float(added["current"]) == pytest.approx(float(came), abs=0.01)
    assert 0 < float(added["probability"]) <= 1
    assert [row["goal"] for row in own.json("goal", "list")] == ["house"]
    replaced = own.json("goal", "add", "house", "--saved", "900000", "--by", by, "--since", since)
    assert Decimal(replaced["probability"]) == 0
    assert float(replaced["needed"]) > 100_000
    own.run("goal", "add", "rent", "--monthly", "300 EUR", "--stream", "rent")
    listed = {row["goal"]: row["probability"] for row in own.json("goal", "list")}
    goals = {row["goal"]: row for row in own.json("project", "--without", "rent", "--goals")["goals"]}
    assert {name: row["base"]["probability"] for name, row in goals.items()} == listed
    assert list(goals["rent"]) == ["goal", "probability", "reached_p50", "needed", "base"]
    assert "with it reached" in own.run("project", "--without", "rent", "--goals")
    assert [(row["goal"], row["scope"], row["name"]) for row in own.json("goal", "list")] == [
        ("house", "total", ""), ("rent", "stream", "rent")
    ]  # fmt: skip
    words = own.run("goal", "list")
    assert "900,000.00 EUR saved" in words
    assert "300.00 EUR a month of rent" in words
    assert "░" in words
    assert own.run("goal", "remove", "house") == "the goal house is taken away\n"
    assert [row["goal"] for row in own.json("goal", "list")] == ["rent"]
    # what was said is still there, and nothing of it was changed
    versions = own.store.rows("SELECT count(*) FROM raw.event WHERE type = 'goal' AND data ->> 'goal' = 'house'")
    assert versions == [(3,)]
    own.run("goal", "add", "house", "--saved", "900000", "--by", by, "--since", since)
    assert [row["goal"] for row in own.json("goal", "list")] == ["house", "rent"]


def test_goals_of_net_worth_and_in_another_currency(own: Home) -> None:
    worth = own.json("goal", "add", "rich", "--net-worth", "1'000'000")
    assert worth["probability"] is None
    assert "net worth is not known" in worth["reason"]
    assert "net worth is not known" in own.run("goal", "list")
    dollars = own.json("goal", "add", "dollars", "--monthly", "300 USD", "--stream", "rent")
    euros = own.json("goal", "add", "euros", "--monthly", "240", "--stream", "rent")
    assert dollars["currency"] == "USD"
    assert dollars["probability"] == euros["probability"]
    assert float(dollars["current"]) == pytest.approx(float(euros["current"]) / 0.8, abs=0.02)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "x"], "say one of --monthly, --saved and --net-worth"),
        (["add", "x", "--monthly", "5", "--saved", "6"], "say one of"),
        (["add", "x", "--monthly", "5.000"], "--monthly: '5.000' could mean 5000"),
        (["add", "x", "--monthly", "5 EUR", "--currency", "USD"], "--monthly is in EUR, --currency says USD: keep one"),
        (["add", "x", "--monthly", "5 EURO!"], "is not an asset code"),
        (["add", " ", "--monthly", "5"], "1 to 60 printable characters"),
        (["add", "x", "--monthly", "5", "--by", "2020-01-01"], "is over: name a day from"),
        (["add", "x", "--saved", "5", "--since", "2100-01-01"], "yet to come"),
        (["add", "x", "--monthly", "5", "--since", "2020-01-01"], "leave it out here"),
        (["add", "x", "--net-worth", "5", "--stream", "rent"], "is of everything"),
        (["add", "x", "--monthly", "5", "--stream", "rnet"], "is it rent?"),
        (["remove", "x"], "there is no goal 'x'; there is none"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused_and_not_kept(home: Home, arguments: list[str], said: str) -> None:
    assert said in home.refused("goal", *arguments)
    assert home.store.rows("SELECT count(*) FROM raw.event WHERE type = 'goal'") == [(0,)]


def test_a_misspelt_goal_is_not_taken_away(own: Home) -> None:
    own.run("goal", "add", "house", "--monthly", "5000")
    assert "is it house?" in own.refused("goal", "remove", "hose")


def test_the_answer_is_there_while_the_database_is_away_only_as_an_error(tmp_path: Path) -> None:
    config = tmp_path / "flowd.yaml"
    config.write_text(
        "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
        "database: {url: 'postgresql://nobody@127.0.0.1:1/none'}\n"
    )
    for arguments in (["project"], ["goal", "add", "x", "--monthly", "5"], ["goal", "list"]):
        result = CliRunner().invoke(flowd, ["-c", str(config), *arguments])
        assert result.exit_code != 0
        assert "127.0.0.1" in f"{result.exception}{result.output}" or "database" in f"{result.exception}"


def test_days_are_the_tenants(home: Home) -> None:
    assert date.fromisoformat(home.json("project")["made_on"]) == home.today
