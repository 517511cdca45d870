"""What the dashboard Accounts & net worth says is right: what counts, since when, and what it is compared with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flowd.storage.database import Database
from tests.household import Household

PAGE = "Accounts & net worth"
SERIES = (
    "INSERT INTO raw.series (tenant_id, connection, account, asset) VALUES (%(tenant)s, %(connection)s, %(account)s, "
    "%(asset)s) ON CONFLICT DO NOTHING"
)
READ = (
    "INSERT INTO app.snapshot_daily (tenant_id, series_id, day, first, last, low, high, mean, count, first_at, "
    "last_at, last_base) SELECT %(tenant)s, s.id, report.today() - %(age)s, %(held)s, %(held)s, %(held)s, %(held)s, "
    "%(held)s, 1, noon.at, noon.at, %(worth)s FROM raw.series s, LATERAL (SELECT least(now(), "
    "(report.today() - %(age)s + TIME '12:00') AT TIME ZONE 'Europe/Berlin') AS at) noon "
    "WHERE s.connection = %(connection)s AND s.account = %(account)s AND s.asset = %(asset)s"
)
FLOW = (
    "INSERT INTO app.performance (tenant_id, scope, name, day, flow, base_currency, quality) VALUES (%(tenant)s, "
    "'connection', %(name)s, %(day)s, %(flow)s, 'EUR', 'exact')"
)


class Purse(Household):
    """Balances that are put in, so many days old, and the panels that show them."""

    def read(self, where: str, worths: dict[int, str | None], *, held: str = "1") -> None:
        """Balances of CONNECTION/ACCOUNT ASSET: what they are worth by their age in days."""
        path, asset = where.split(" ")
        connection, account = path.split("/")
        self.sql(SERIES, connection=connection, account=account, asset=asset)
        for age, worth in worths.items():
            self.sql(READ, connection=connection, account=account, asset=asset, age=age, held=held, worth=worth)

    def slow(self, connection: str, every_s: int) -> None:
        self.sql(
            "INSERT INTO ops.connection_state (tenant_id, connection, feed, state, since, reason, failures, every_s) "
            "VALUES (%(tenant)s, %(connection)s, 'balances', 'healthy', now(), '', 0, %(every_s)s)",
            connection=connection,
            every_s=every_s,
        )

    def tile(self, title: str) -> Any:
        rows = self.panel(PAGE, title)
        return (rows[0]["metric"], rows[0]["value"]) if rows else None

    def line(self, days: int, **chosen: str) -> list[tuple[int, str, Any]]:
        """The main chart: how many days ago, which area, how much."""
        rows = self.panel(PAGE, "Worth over time, in ${base}", days=days, **chosen)
        return [((self.today - row["time"].date()).days, row["metric"], row["value"]) for row in rows]


@pytest.fixture
def home(database: Database) -> Purse:
    with database.transaction() as connection:
        row = connection.execute(b"SELECT report.today()").fetchone()
    assert row is not None
    return Purse(database, row[0])


def test_what_counts_and_what_is_said_of_the_rest(home: Purse) -> None:
    home.read("wallet/spot BTC", {0: "500"})
    home.read("wallet/spot DUST", {0: None})
    home.read("wallet/gone EUR", {3: "0"}, held="0")
    home.read("bank/giro EUR", {20: "40"})
    home.read("bank/loan EUR", {40: "-15"})
    home.read("old/forgotten EUR", {101: "9000"})
    home.slow("bank", 30 * 86400)
    assert home.tile("You have") == ("EUR, 3 balances", 525)
    rows = {row["Account"] + " " + row["Asset"]: row for row in home.panel(PAGE, "Accounts")}
    assert {
        name: (row["Worth"], row["Quality"], row["Days old"], row["What to know"]) for name, row in rows.items()
    } == {
        "spot BTC": (500, "exact", 0, ""),
        "giro EUR": (40, "exact", 20, ""),
        "loan EUR": (-15, "stale", 40, "its last reading is old; counted as it was then"),
        "forgotten EUR": (None, "stale", 101, "not counted: its last reading is more than 100 days old"),
        "spot DUST": (None, "partial", 0, "not counted: no rate from DUST to EUR"),
    }
    assert home.panel(PAGE, "Oldest balance in it") == [{"oldest": str(home.today - timedelta(days=40))}]
    assert home.panel(PAGE, "Quality") == [{"quality": "stale"}]
    assert home.panel(PAGE, "Quality", connection="wallet") == [{"quality": "partial"}]
    per = {row["Connection"]: row["Worth"] for row in home.panel(PAGE, "By connection")}
    assert per == {"wallet": 500, "bank": 25, "old": None}


def test_only_like_is_compared_with_like(home: Purse) -> None:
    home.read("wallet/spot EUR", {40: "1000", 0: "400"})
    home.read("wallet/spot BTC", {5: "700", 0: "650"})  # bought with the euros
    home.read("wallet/spot ODD", {40: None, 0: "80"})  # nobody knows what it was worth then
    home.read("wallet/spot OLD", {400: "70", 200: "60", 0: "50"})  # not read for too long, thirty days ago
    home.read("new/spot EUR", {10: "5000", 0: "5100"})  # an account that was not known then
    assert home.tile("You have") == ("EUR, 5 balances", 6280)
    assert home.tile("Change in 30 days") == ("EUR (+5.00 %)", 50)
    # a year ago the wallet was known by one asset only, and what came since counts from nothing
    assert home.tile("Change in 365 days") == ("EUR (+1585.71 %)", 1110)
    assert home.panel(PAGE, "Change in 30 days", connection="new") == []
    changes = {row["Connection"]: row["30 days"] for row in home.panel(PAGE, "By connection")}
    assert changes == {"new": None, "wallet": 50}


def test_a_balance_is_carried_on_for_a_hundred_days_and_then_not_known(home: Purse) -> None:
    home.read("bank/giro EUR", {108: "40", 4: "60", 2: "0"})
    home.read("wallet/spot EUR", {3: "500", 2: None, 1: "510"})
    days = {(age, area): worth for age, area, worth in home.line(10) if 1 <= age <= 9}
    bank = [days[age, "bank"] for age in range(9, 0, -1)]
    assert bank == [40, 40, None, None, None, 60, 60, 0, 0]
    assert [days.get((age, "wallet")) for age in range(9, 0, -1)] == [None] * 6 + [500, None, 510]
    weeks = [worth for _, area, worth in home.line(300) if area == "bank"]
    assert weeks[0] == 40, "the last balance of the week"


def test_twenty_areas_and_the_rest_are_everything(home: Purse) -> None:
    for number in range(25):
        home.read(f"c{number % 3}/a{number:02} EUR", {1: str(100 + number)})
    home.read("c0/empty EUR", {1: "0"}, held="0")

    def yesterday(**chosen: str) -> list[tuple[str, Any]]:
        return [(area, worth) for age, area, worth in home.line(3, **chosen) if age == 1]

    areas = yesterday(by="account")
    assert len(areas) == 21
    assert sum(worth for _, worth in areas) == sum(range(100, 125))
    assert ("the rest", 100 + 101 + 102 + 103 + 104) in areas
    assert ("c0: a24", 124) in areas
    paints = {
        row["metric"]: row["paint"] for row in home.panel(PAGE, "Worth over time, in ${base}", days=3, by="account")
    }
    assert [area for area, paint in paints.items() if paint == "16"] == ["the rest"]
    assert yesterday(by="connection", connection="c1") == [("c1", sum(range(101, 125, 3)))]
    assert yesterday(by="asset") == [("EUR", sum(range(100, 125)))]


def test_what_came_and_went_is_net_of_a_day_and_never_made_up(home: Purse) -> None:
    for name, age, flow in (("a", 9, 100), ("b", 9, -100), ("a", 8, 50), ("b", 8, -80), ("a", 7, None), ("a", 6, 20)):
        home.sql(FLOW, name=name, day=home.today - timedelta(days=age), flow=flow)
    rows = home.panel(PAGE, "Deposits and withdrawals, in ${base}")
    assert [(row["came"], row["went"]) for row in rows] == [(0, 0), (0, -30), (None, None), (20, 0)]
    only = home.panel(PAGE, "Deposits and withdrawals, in ${base}", connection="a")
    assert [(row["came"], row["went"]) for row in only] == [(100, 0), (50, 0), (None, None), (20, 0)]
