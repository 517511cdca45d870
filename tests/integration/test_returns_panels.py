"""What the dashboard Returns says is right: parts that add up, lines that start at 0, and nothing made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import FlowClass
from flowd.storage.database import Database
from tests.deriving import SPOT, Store, reading, transaction
from tests.household import Household

DAY = (
    "INSERT INTO app.performance (tenant_id, scope, name, day, value, flow, pnl, day_return, income, price, fx, fees, "
    "other, base_currency, quality, reason) VALUES (%(tenant)s, %(scope)s, %(name)s, %(day)s, 100, %(flow)s, %(pnl)s, "
    "%(gained)s, 0, %(pnl)s, 0, 0, 0, 'EUR', 'exact', '')"
)
WINDOW = (
    'INSERT INTO derived.return_window (tenant_id, scope, name, "window", since, until, days, closing, pnl, twr, '
    "base_currency, quality, reason) VALUES (%(tenant)s, %(scope)s, %(name)s, %(span)s, %(today)s, %(today)s, 30, 500, "
    "%(pnl)s, %(twr)s, 'EUR', 'exact', %(reason)s)"
)
PARTS = ("income", "price", "fx", "fees", "other", "untold")


class Portfolio(Household):
    """Days that are put in, counted back from today, and the panels that show them."""

    def days(
        self,
        returns: Sequence[str | None],
        *,
        scope: str = "total",
        name: str = "",
        flows: Sequence[int | None] = (),
        gains: Sequence[int | None] = (),
    ) -> None:
        """One day after the other up to yesterday."""
        for place, gained in enumerate(returns):
            self.sql(
                DAY,
                scope=scope,
                name=name,
                day=self.today - timedelta(days=len(returns) - place),
                gained=gained,
                flow=flows[place] if flows else 0,
                pnl=gains[place] if gains else 0,
            )

    def window(self, scope: str, name: str, span: str, pnl: int | None, twr: str | None, reason: str = "") -> None:
        self.sql(WINDOW, scope=scope, name=name, span=span, pnl=pnl, twr=twr, reason=reason, today=self.today)

    def line(self, title: str, column: str, days: int = 90, **chosen: str) -> list[Any]:
        return [row[column] for row in self.panel("Returns", title, days=days, **chosen)]


@pytest.fixture
def home(database: Database) -> Portfolio:
    # charts end with the day in UTC
    return Portfolio(database, datetime.now(UTC).date())


def test_the_parts_of_every_step_add_up_to_its_gain(database: Database, home: Portfolio) -> None:
    """Over a gap, and a day on which something was booked that has no rate."""
    store = Store(database)
    store.write(
        "exchange",
        SPOT,
        *(reading(f"2026-03-{day}T20:00:00", worth) for day, worth in ((14, "1000"), (15, "1030"), (18, "1090"))),
        transaction("2026-03-15", "5", account="spot", asset="XYZ", kind=FlowClass.FUNDING),
        transaction("2026-03-15", "-2", account="spot", kind=FlowClass.FEE),
        transaction("2026-03-17", "7", account="spot", kind=FlowClass.FUNDING),
    )
    store.derivation.catch_up()
    since = (datetime.now(UTC) - datetime(2026, 3, 1, tzinfo=UTC)).days
    bars = home.panel("Returns", "Where the gain came from, in ${base}", days=since, granularity="day")
    assert [(row["time"].day, sum(row[part] or 0 for part in PARTS)) for row in bars] == [
        (14, 0), (15, 30), (16, 20), (17, 20), (18, 20)
    ]  # fmt: skip
    assert [row["untold"] for row in bars] == [None, 32, None, None, None]
    assert (bars[1]["income"], bars[1]["fees"], bars[1]["other"]) == (None, -2, None)
    for width in ("day", "week", "month", "year"):
        rows = home.panel("Returns", "Step by step", days=since, granularity=width)
        for row in rows:
            parts = ("Income", "Price", "Currencies", "Fees", "Other", "Not told apart")
            if row["Gain"] is not None:
                assert sum(row[part] or 0 for part in parts) == row["Gain"]
        assert sum(row["Gain"] for row in rows if row["Gain"] is not None) == 90
        assert sum(row["Days not known"] for row in rows) == 1, "the 19th, which nobody read"
    assert rows[0]["Came in"] == 1000
    put_in = home.panel("Returns", "Value, and what was put in, in ${base}", days=since)
    assert [(row["value"], row["put_in"]) for row in put_in] == [
        (1000, 1000), (1030, 1000), (1050, 1000), (1070, 1000), (1090, 1000), (None, None)
    ]  # fmt: skip


def test_a_return_starts_at_zero_with_the_time_shown_and_breaks_where_the_chain_does(home: Portfolio) -> None:
    home.days(["0.5", "0.25", "0.1", "-0.5", None, "0.2", "0.1"])
    title = "Return since the left edge"
    whole = home.line(title, "twr")
    # a chain that begins in the time shown has its first day's return in it
    assert whole[0] == Decimal("0.5")
    assert whole[5:] == [Decimal("0.2"), Decimal("0.32")]
    part = home.line(title, "twr", days=5)
    assert len(part) == 5
    assert part[0] == 0
    assert part[1] == Decimal("-0.5")
    assert part[2] is None
    assert part[3:] == whole[5:]


def test_the_deepest_fall_is_that_of_the_time_shown(home: Portfolio) -> None:
    home.days(["0.5", "-0.5", "1", "-0.2", "0.25", "-0.1"])
    falls = home.panel("Returns", "Below the highest point", days=3)
    assert [(row["drawdown"], row["deepest"]) for row in falls] == [
        (Decimal("-0.2"), Decimal("-0.2")), (0, Decimal("-0.2")), (Decimal("-0.1"), Decimal("-0.2"))
    ]  # fmt: skip


def test_what_was_put_in_is_unknown_once_a_flow_is(home: Portfolio) -> None:
    home.days([None] * 6, flows=[None, 100, 50, None, 0, 20], gains=[None, 0, 0, None, 5, 5])
    title = "Value, and what was put in, in ${base}"
    assert home.line(title, "put_in") == [None, 100, 150, None, None, None]
    assert home.line(title, "put_in", days=4) == [150, None, None, None]
    assert [(row["came"], row["went"]) for row in home.panel("Returns", "Money from outside, in ${base}")] == [
        (None, None), (100, 0), (50, 0), (None, None), (0, 0), (20, 0)
    ]  # fmt: skip


def test_days_that_gained_and_days_that_lost_have_a_chart_each(home: Portfolio) -> None:
    home.days(["0"] * 4, gains=[3, None, -8, 0])
    for title, worths in (("Days that gained, in ${base}", [3, 0, 0]), ("Days that lost, in ${base}", [0, 8, 0])):
        squares = home.panel("Returns", title)
        days = {row["time"].date() - timedelta(days=8 - int(row["metric"][0])): row["value"] for row in squares}
        assert [days[day] for day in sorted(days)] == worths
        assert min(days) == home.today - timedelta(days=4)
        assert home.panel("Returns", title, portfolio="connection|none") == []
    assert home.panel("Returns", "Days that lost, in ${base}", days=1) == [], "yesterday there was no loss"


def test_what_is_not_known_is_empty_and_says_why(home: Portfolio) -> None:
    home.window("total", "", "30d", None, None, "began 2026-03-01")
    home.window("total", "", "ytd", 0, "0")
    for title in ("Return in 30 days", "Gain in 30 days"):
        found = home.panel("Returns", title)
        assert [row.get("twr", row.get("value")) for row in found if any(row.values())] == []
    assert home.line("Return this year", "twr") == [0]
    assert home.line("Gain this year", "value") == [0]
    rows = home.panel("Returns", "Gain and return")
    assert [(row["Over"], row["Gain"], row["Return (TWR)"], row["What to know"]) for row in rows] == [
        ("30 days", None, None, "began 2026-03-01"),
        ("this year", 0, 0, ""),
    ]


def test_the_page_is_about_what_was_chosen(home: Portfolio) -> None:
    odd = "c1/it's | odd"
    home.days(["0"], gains=[1])
    home.days(["0"], scope="account", name=odd, gains=[2])
    for scope, name, pnl in (
        ("total", "", 10),
        ("connection", "c1", -20),
        ("connection", "c2", None),
        ("account", odd, 7),
    ):
        home.window(scope, name, "30d", pnl, "0.1")
        home.window(scope, name, "7d", 1, "0.1")
    for name, asset in (("it's | odd", "BTC"), ("plain", "EUR")):
        home.sql(
            "INSERT INTO raw.series (tenant_id, connection, account, asset)"
            " VALUES (%(tenant)s, 'c1', %(name)s, %(asset)s)",
            name=name,
            asset=asset,
        )
    home.sql(
        "INSERT INTO app.snapshot_daily (tenant_id, series_id, day, first, last, low, high, mean, count, first_at,"
        " last_at, last_base) SELECT %(tenant)s, s.id, %(day)s, 1, 1, 1, 1, 1, 1, now(), now(), 5 FROM raw.series s",
        day=home.today,
    )
    bars = "Where the gain came from, in ${base}"
    assert home.line(bars, "price") == [1]
    assert home.line(bars, "price", portfolio="account|" + odd) == [2]
    # only what has returns is a portfolio
    assert home.line("Assets held", "Asset") == ["BTC"]
    assert home.line("Assets held", "Asset", portfolio="account|" + odd) == ["BTC"]
    assert home.line("Assets held", "Asset", portfolio="connection|c2") == []
    compared = home.panel("Returns", "Groups, connections and accounts", over="30d")
    assert [(row["Kind"], row["What"], row["Gain"]) for row in compared] == [
        ("total", "Everything", 10),
        ("connection", "c1", -20),
        ("connection", "c2", None),
        ("account", odd, 7),
    ]
    assert compared[3]["portfolio"] == "account|" + odd
    assert home.line("Gain per connection, in ${base}", "label", over="30d") == ["c1"]
    assert home.line("Gain per connection, in ${base}", "label", over="7d") == ["c1", "c2"]
