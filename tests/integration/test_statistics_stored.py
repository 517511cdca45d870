"""Statistics in the database: reports say what was computed, commands show it, in any currency."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowd.analytics.statistics.study import Statistics
from flowd.api import FlowClass, Rate
from flowd.edges.cli import flowd
from flowd.edges.income_rows import in_periods, income_days
from flowd.edges.standing import Standing, computed, stored
from flowd.engine.clock import SystemClock
from flowd.engine.derivation import Derivation
from flowd.engine.histories import gather
from flowd.engine.studying import Outcome, Studies
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.storage.reports import Reports
from tests.deriving import Store, schedule, transaction

PAID = [(2025, month) for month in range(1, 13)] + [(2026, 1), (2026, 2)]
STREAMS = {
    "bank/salary": {"group": "work", "tax": "30%"},
    "bank/interest": {"name": "Interest", "group": "savings"},
    "flat": {"group": "savings", "passive": True},
}


def filled(database: Database) -> Store:
    """A salary paid on the 25th, interest every quarter, a declared rent, and expenses: as of 20 March 2026."""
    store = Store(database, streams=STREAMS)
    for year, month in PAID:
        store.write("bank", transaction(f"{year}-{month:02}-25", "2800", kind=FlowClass.SALARY, counterparty="ACME"))
        store.write(
            "bank", transaction(f"{year}-{month:02}-03", "-900", kind=FlowClass.EXPENSE, counterparty="Landlord")
        )
    for day in ("2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"):
        store.write("bank", transaction(day, "90", kind=FlowClass.INTEREST, counterparty="Bank"))
    store.write("flat", schedule("flat", start="2025-10-01"))
    store.derivation.catch_up()
    return store


def studied(store: Store) -> Registry:
    registry = Registry(studies={"statistics": Statistics()})
    [done] = Studies(store.database, registry, store.settings, store.clock).run()
    assert done.outcome is Outcome.DONE, done.reason
    return registry


def ask(database: Database, words: str) -> list[tuple[Any, ...]]:
    with database.transaction() as session:
        return session.execute(words.encode()).fetchall()


def test_reports_say_how_streams_are_doing(database: Database) -> None:
    studied(filled(database))
    rows = {row["name"]: row for row in Reports(database).states() if row["scope"] == "stream"}
    salary, interest, flat = rows["bank/salary"], rows["bank/interest"], rows["flat"]
    assert (salary["health"], salary["trend"], salary["group"]) == ("stable", "flat", "work")
    assert salary["cadence"] == "monthly on the 25th"
    assert salary["next_due"] == date(2026, 3, 25)
    assert (salary["next_amount"], salary["tax_rate"], salary["tax_reserve"]) == (2800, Decimal("0.3"), 1680)
    assert (salary["passive"], interest["passive"], flat["passive"]) == (False, True, True)
    assert (interest["label"], interest["health"]) == ("Interest", "stable")
    assert flat["floor"] == 310
    assert ask(database, "SELECT health, tax_rate, passive FROM report.stream WHERE stream = 'bank/salary'") == [
        ("stable", Decimal("0.3"), False)
    ]


def test_the_mean_of_30_days_is_the_daily_rate_that_dashboards_show(database: Database) -> None:
    """report.daily_rate goes by the server's clock: the store is made as of today."""
    store = Store(database, streams=STREAMS)
    today = datetime.now(UTC).date()
    store.clock = SystemClock()  # type: ignore[assignment]
    store.set(streams=STREAMS)
    for back in range(1, 13):
        day = today - timedelta(days=30 * back + 11)
        store.write("bank", transaction(str(day), "2800", kind=FlowClass.SALARY, counterparty="ACME"))
    store.write("bank", transaction(str(today - timedelta(days=3)), "450", kind=FlowClass.PAYOUT, counterparty="Shop"))
    store.write("flat", schedule("flat", start=str(today - timedelta(days=12))))
    store.derivation.catch_up()
    studied(store)
    shown = {row["stream"]: row["rate"] for row in Reports(database).rates()}
    kept = dict(
        ask(
            database, "SELECT name, mean FROM report.statistic WHERE latest AND scope = 'stream' AND \"window\" = '30d'"
        )
    )
    assert set(shown) == {"bank/salary", "bank/payout", "flat"}
    assert kept == {name: pytest.approx(rate, abs=Decimal("0.00000002")) for name, rate in shown.items()}


def same(one: Standing, other: Standing) -> None:
    mine, others = (
        [{name: value for name, value in row.items() if name != "resilience"} for row in each.rows()]
        for each in (one, other)
    )
    assert mine == others
    assert one.currency == other.currency
    assert one.resilience is not None
    assert other.resilience is not None
    # the reasons of the view are made of its numbers, and less exact
    assert {name: value for name, value in one.resilience.items() if "reason" not in name} == {
        name: value for name, value in other.resilience.items() if "reason" not in name
    }


def test_what_is_computed_now_is_what_is_stored(database: Database) -> None:
    store = filled(database)
    registry = studied(store)
    kept = stored(Reports(database))
    assert kept is not None
    same(kept, computed(gather(database, store.settings, registry, store.clock)))
    same(kept, computed(gather(database, store.settings, registry, store.clock, currency="EUR")))


def test_in_another_currency_amounts_change_and_judgements_do_not(database: Database) -> None:
    store = filled(database)
    day = date(2024, 12, 1)
    while day < date(2026, 3, 21):
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        store.write("ecb", Rate(base="EUR", quote="USD", at=at, value=Decimal(2)))
        day += timedelta(days=1)
    store.derivation.catch_up()
    registry = studied(store)
    euros, dollars = (
        stored(Reports(database)),
        computed(gather(database, store.settings, registry, store.clock, currency="USD")),
    )
    assert euros is not None
    assert dollars.currency == "USD"
    for one, other in zip(euros.rows(), dollars.rows(), strict=True):
        for name in (
            "name",
            "label",
            "group",
            "trend",
            "health",
            "share",
            "cadence",
            "next_due",
            "tax_rate",
            "passive",
        ):
            assert one[name] == other[name], name
        for name in ("mean_30d", "mean_365d", "floor", "tax_reserve", "next_amount"):
            amount = one[name]
            expected = 2 * amount if isinstance(amount, Decimal) else None
            assert other[name] == (None if expected is None else pytest.approx(expected, abs=Decimal("0.0000001"))), (
                name
            )


def test_income_of_periods_is_the_same_from_a_history(database: Database) -> None:
    store = filled(database)
    history = gather(database, store.settings, Registry(), store.clock)
    since, until = date(2025, 11, 1), history.until
    found = in_periods(income_days(history, since, until), "month")
    told = Reports(database).income("month", since, until)
    amounts = ("period", "stream", "group", "received_base", "earned_base")
    assert [[row[name] for name in amounts] for row in found] == [[row[name] for name in amounts] for row in told]


def test_resilience_says_what_it_knows_and_why_not(database: Database) -> None:
    studied(filled(database))
    found = Reports(database).resilience()
    assert found is not None
    row: dict[str, Any] = dict(found)
    assert (row["as_of"], row["currency"]) == (date(2026, 3, 19), "EUR")
    assert row["expenses"] == 900
    assert row["floor"] > 2500
    assert 0 < row["covered"] < 1
    assert (row["cash"], row["runway"]) == (None, None)
    assert row["runway_reason"] == "no balance of a bank, card or cash account is known"
    assert row["largest_stream"] > Decimal("0.7")
    assert row["effective_streams"] == pytest.approx(1 / row["hhi_streams"], rel=Decimal("0.00001"))
    standing = stored(Reports(database))
    assert standing is not None
    text = "\n".join(standing.stands())
    assert re.search(r"as from 1\.\d equal streams; the largest brings 8\d%", text)
    assert re.search(r"floor 3,0\d\d\.\d\d EUR a month, ", text)
    assert re.search(r"passive income covers 3\d% of the expenses of a typical month", text)
    past = ask(database, "SELECT as_of, runway_reason FROM report.resilience WHERE NOT latest ORDER BY as_of")
    assert past[-1] == (date(2026, 2, 28), "known for the last day only")
    assert len(past) == 15


def test_made_anew_the_rows_are_the_same(database: Database) -> None:
    store = filled(database)
    registry = studied(store)
    words = "SELECT t::text FROM derived.{} t ORDER BY 1"
    before = [store.rows(words.format(table)) for table in ("stream_state", "metric")]
    assert all(before)
    Studies(database, registry, store.settings, store.clock).run(rebuild=True)
    assert [store.rows(words.format(table)) for table in ("stream_state", "metric")] == before


@pytest.fixture
def home(tmp_path: Path, database: Database, database_url: str) -> Path:
    """A flowd.yaml beside a database in which a salary and a rent were declared a year ago."""
    since = str(datetime.now(UTC).date() - timedelta(days=400))
    store = Store(database)
    store.write("salary", schedule("salary", amount="4200", start=since))
    store.write("flat", schedule("flat", amount="310", start=since))
    Derivation(
        database, Registry(analytics=store.derivation._registry.analytics), store.settings, SystemClock()
    ).catch_up()
    (tmp_path / "url").write_text(database_url)
    (tmp_path / "url").chmod(0o600)
    (tmp_path / "flowd.yaml").write_text(
        "tenant: {base_currency: EUR, timezone: Europe/Berlin}\n"
        f"database: {{url: {{file: url}}}}\nstate: {tmp_path}/var\n"
        "streams:\n  salary: {group: work, tax: 30%}\n"
    )
    return tmp_path / "flowd.yaml"


def run(home: Path, *words: str) -> str:
    done = CliRunner().invoke(flowd, ["-c", str(home), *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_flowd_streams_before_and_after_the_study(home: Path) -> None:
    text = run(home, "streams")
    assert "salary is stable" in text
    assert "month on L" in text
    before = json.loads(run(home, "streams", "--json"))
    assert [(row["scope"], row["name"]) for row in before] == [
        ("stream", "salary"),
        ("stream", "flat"),
        ("group", "declared"),
        ("total", ""),
    ]
    assert before[0]["mean_365d"] == "138.08219178"
    assert before[0]["health_reason"]
    assert len(before[0]["weeks"]) == 26


def test_flowd_income_tells_days_rate_trend_and_floor(home: Path) -> None:
    text = run(home, "income", "--by", "month", "--streams")
    assert "floor 4,510.00 EUR a month" in text
    assert "trend flat" in text
    assert "█" in text
    only = json.loads(run(home, "income", "--by", "year", "--group", "nothing", "--json"))
    assert only == []
    assert "floor 4,200.00 EUR a month" in run(home, "income", "--stream", "salary")
    unknown = run(home, "income", "--by", "month", "--currency", "jpy")
    assert "in JPY" in unknown
    assert "not all of it: no rate from EUR to JPY is known for" in unknown
    assert "(there never was one)" in unknown
    assert "floor" not in unknown


@pytest.mark.parametrize("command", ["streams", "returns", "project"])
def test_without_a_rate_of_now_nothing_is_said_in_another_currency(home: Path, command: str) -> None:
    done = CliRunner().invoke(flowd, ["-c", str(home), command, "--currency", "JPY"])
    assert done.exit_code == 1
    assert "no rate from EUR to JPY is known for" in done.output


def test_a_currency_that_is_none_is_refused(home: Path) -> None:
    done = CliRunner().invoke(flowd, ["-c", str(home), "income", "--currency", "€uro"])
    assert done.exit_code == 2
    assert "write a code such as USD" in done.output
