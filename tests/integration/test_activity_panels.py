"""The dashboard Activity & health says what is true of feeds, money and runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from flowd.storage.database import Database
from flowd.storage.tenants import ensure_grafana_login, ensure_tenant
from tests.panels import Range, documents, expand, opened, panels

QUERIES = {panel.title: panel.sql for panel in panels() if panel.dashboard == "Activity & health"}
FEEDS = "Feeds: what is not well first, by the money behind it"

STATE = """
INSERT INTO ops.connection_state (tenant_id, connection, feed, state, since, reason, last_success, every_s)
VALUES (%(tenant)s, %(connection)s, %(feed)s, %(state)s, now() - INTERVAL '2 days', '',
    now() - %(age)s * INTERVAL '1 second', %(every)s)
"""
STREAM = """
INSERT INTO derived.stream (tenant_id, stream, method, connection, name, grp)
VALUES (%(tenant)s, %(name)s, 'value', %(connection)s, %(name)s, 'g')
"""
INCOME = """
INSERT INTO app.income_daily
SELECT %(tenant)s, %(name)s, 'EUR', report.today() - d, %(rate)s, %(rate)s, %(base)s, %(base)s, 'EUR', 'exact'
FROM generate_series(1, 40) d
"""
RUN = """
INSERT INTO ops.run (tenant_id, connection, feed, tick, started_at, finished_at, outcome, snapshots, error_class, error)
SELECT %(tenant)s, %(connection)s, 'feed', at, at, at + %(seconds)s * INTERVAL '1 second', %(outcome)s, %(news)s,
    CASE WHEN %(outcome)s <> 'done' THEN 'Trouble' END, CASE WHEN %(outcome)s <> 'done' THEN 'in words' END
FROM (SELECT now() - %(ago)s * INTERVAL '1 minute' AS at) moment
"""


@dataclass
class House:
    """A tenant's feeds, streams and runs, and what the panels say of them."""

    database: Database
    grafana: psycopg.Connection[tuple[Any, ...]]

    def feed(
        self,
        connection: str,
        *,
        state: str = "healthy",
        age: float | None = 1,
        every: float | None = 100,
        feed: str = "f",
    ) -> None:
        self._run(STATE, connection=connection, feed=feed, state=state, age=age, every=every)

    def stream(self, name: str, connection: str, rate: str | None) -> None:
        self._run(STREAM, name=name, connection=connection)
        self._run(INCOME, name=name, rate=rate or "1", base=rate)

    def ran(self, connection: str, outcome: str = "done", *, ago: float = 1, seconds: float = 1, news: int = 2) -> None:
        self._run(RUN, connection=connection, outcome=outcome, ago=ago, seconds=seconds, news=news)

    def says(self, title: str, *, days: int = 1, **chosen: str | list[str]) -> list[dict[str, Any]]:
        document = next(each for each in documents() if each["title"] == "Activity & health")
        values = {**opened(document, lambda sql: self.grafana.execute(sql.encode()).fetchall()), **chosen}
        cursor = self.grafana.execute(expand(QUERIES[title], values, Range.last(days)).encode())
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _run(self, words: str, **values: object) -> None:
        with self.database.transaction() as connection:
            connection.execute(words.encode(), {"tenant": self.database.tenant_id, **values})


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    role = ensure_grafana_login(database, "home", "for-this-test-only")
    address = make_conninfo(database.dsn, user=role, password="for-this-test-only")
    with psycopg.connect(address, autocommit=True) as connection:
        yield House(database, connection)


def test_a_feed_counts_as_well_while_it_is_healthy_and_in_time(house: House) -> None:
    house.feed("good")
    house.feed("slow", age=299, every=100)
    assert house.says("Feeds that are well") == [{"Feeds": "2 of 2"}]
    house.feed("late", age=301, every=100)
    house.feed("part", state="partial")
    assert house.says("Feeds that are well") == [{"Feeds": "2 of 4"}]
    assert house.says("Feeds that are well", connection=["late", "good"]) == [{"Feeds": "1 of 2"}]


def test_what_flowd_cannot_mend_is_named(house: House) -> None:
    house.feed("bank", state="failing")
    (tile,) = house.says("Feeds that need you")
    assert (tile["metric"], tile["value"]) == ("nothing to do", 0)
    house.feed("shop", state="needs_reauth")
    house.feed("shop", state="needs_reauth", feed="g")
    house.feed("exchange", state="misconfigured")
    (tile,) = house.says("Feeds that need you")
    assert (tile["metric"], tile["value"]) == ("exchange, shop", 3)


def test_money_behind_late_feeds_is_counted_once_and_a_loss_as_its_size(house: House) -> None:
    house.feed("well")
    house.feed("late", age=1000)
    house.feed("late", age=1000, feed="g")
    house.stream("salary", "well", "100")
    assert [row["value"] for row in house.says("Money behind late feeds")] == [0]
    house.stream("up", "late", "5")
    house.stream("down", "late", "-3")
    (tile,) = house.says("Money behind late feeds")
    assert (tile["metric"], tile["value"]) == ("EUR per day", 8)
    (tile,) = house.says("Money behind late feeds", connection=["well"])
    assert tile["value"] == 0


def test_money_nobody_can_convert_is_no_zero(house: House) -> None:
    house.feed("late", age=1000)
    house.stream("unpriced", "late", None)
    assert [row["value"] for row in house.says("Money behind late feeds")] == [None]


def test_feeds_are_ranked_by_what_is_wrong_and_the_money_behind_it(house: House) -> None:
    for name, rate in (("big", "50"), ("small", "2"), ("rich", "900")):
        house.stream(name, name, rate)
    house.feed("rich")
    house.feed("small", state="needs_reauth")
    house.feed("big", age=400)
    house.feed("idle", state="new", age=None)
    found = house.says(FEEDS)
    assert [(row["Feed"], row["State"], row["Money per day"]) for row in found] == [
        ("big/f", "late", Decimal(50)),
        ("small/f", "needs_reauth", Decimal(2)),
        ("idle/f", "late", None),
        ("rich/f", "healthy", Decimal(900)),
    ]
    assert 1.33 < found[0]["used_up"] < 1.4
    assert [row["What to do"] for row in found[1:]] == [
        "Renew its key or consent in flowd.yaml, then run: flowd check small",
        "See flowd activity; is the service running?",
        "",
    ]


@pytest.mark.parametrize(
    ("through", "waiting", "study", "said"),
    [
        ("report.today()", 3, "report.today() - 1", "up to date"),
        ("report.today() - 1", 0, "report.today() - 1", "only to"),
        ("report.today()", 101, "report.today() - 1", "catching up"),
        ("report.today()", 0, "report.today() - 3", "some only to"),
    ],
)
def test_how_far_the_numbers_are(house: House, through: str, waiting: int, study: str, said: str) -> None:
    with house.database.transaction() as connection:
        given = {"tenant": house.database.tenant_id, "waiting": waiting}
        connection.execute(f"INSERT INTO ops.derivation VALUES (%(tenant)s, '', '', {through})".encode(), given)
        connection.execute(f"INSERT INTO derived.study VALUES (%(tenant)s, 'goals', {study}, 'x')".encode(), given)
        connection.execute(
            b"INSERT INTO ops.pending (tenant_id, connection, what)"
            b" SELECT %(tenant)s, 'c', 'events' FROM generate_series(1, %(waiting)s)",
            given,
        )
    (tile,) = house.says("Numbers are")
    assert tile["Numbers"].startswith(said)
    (income, goals) = house.says("Worked out up to")
    assert (income["What"], goals["What"]) == ("income", "goals")
    assert (income["State"] == "behind") == (said == "only to")
    assert (goals["State"] == "behind") == (said == "some only to")


def test_the_first_end_of_a_consent_is_the_one_shown(house: House) -> None:
    for connection, days in (("later", 40), ("soon", 3)):
        house.feed(connection)
        house.feed(connection, feed="g")
        with house.database.transaction() as session:
            session.execute(
                b"INSERT INTO ops.consent (tenant_id, connection, expires_at, updated_at)"
                b" VALUES (%s, %s, now() + %s * INTERVAL '1 day' + INTERVAL '1 hour', now())",
                (house.database.tenant_id, connection, days),
            )
    (tile,) = house.says("Next key or consent to end")
    assert (tile["metric"], tile["value"]) == ("soon", 3)
    found = house.says("Keys and consents that end")
    assert [(row["Connection"], row["Days left"]) for row in found] == [("soon", 3), ("later", 40)]


def test_runs_are_counted_timed_and_listed(house: House) -> None:
    house.feed("a")
    for seconds in (1, 2, 3, 4, 50):
        house.ran("a", seconds=seconds, ago=seconds)
    house.ran("b", "failed", ago=10)
    house.ran("b", "failed", ago=20)
    house.ran("b", "failed", ago=3000)
    totals: dict[str, int] = {}
    for row in house.says("Runs by how they ended"):
        totals[row["metric"]] = totals.get(row["metric"], 0) + row["value"]
    assert totals == {"done": 5, "failed": 2}
    assert sum(row["Readings"] for row in house.says("Records kept")) == 14
    assert house.says("How long runs take")[0] == {
        "Feed": "a/feed",
        "Runs": 5,
        "Half took less": 3,
        "95 % took less": 50,
        "Longest": 50,
    }
    log = house.says("Activity")
    assert [row["Outcome"] for row in log] == ["done"] * 4 + ["failed"] * 2 + ["done"]
    assert log[4]["What went wrong"] == "Trouble: in words"
    (error,) = house.says("What went wrong")
    assert (error["Feed"], error["Error"], error["Times"], error["In words"]) == ("b/feed", "Trouble", 2, "in words")
    assert house.says("What went wrong", days=3)[0]["Times"] == 3


def test_the_log_leaves_out_what_found_nothing_until_all_is_chosen(house: House) -> None:
    house.feed("a")
    house.ran("a", news=0, ago=1)
    house.ran("a", news=1, ago=2)
    house.ran("a", "failed", news=0, ago=3)
    assert [(row["Outcome"], row["New"]) for row in house.says("Activity")] == [("done", 1), ("failed", 0)]
    assert len(house.says("Activity", shown="all")) == 3


def test_the_log_ends_at_200_and_a_busy_one_is_not_read_whole(house: House) -> None:
    house.feed("busy", every=1)
    for ago in (1, 700):
        house.ran("busy", "failed", ago=ago)
    with house.database.transaction() as session:
        session.execute(
            b"INSERT INTO ops.run (tenant_id, connection, feed, tick, started_at, outcome)"
            b" SELECT %s, 'busy', 'feed', now(), now() - INTERVAL '5 minutes', 'done' FROM generate_series(1, 300)",
            (house.database.tenant_id,),
        )
    assert len(house.says("Activity", shown="all")) == 200
    # every second for 40,000 seconds are eleven hours
    assert [row["Times"] for row in house.says("What went wrong")] == [1]


def test_sizes_are_told_to_the_only_tenant_and_to_nobody_of_several(house: House) -> None:
    house.feed("a")
    found = house.says("Room in the database")
    sizes = {row["What"]: row["Size"] for row in found}
    assert sizes["Everything"] == sum(size for what, size in sizes.items() if what != "Everything")
    assert sizes["Everything"] > sizes["Readings"] > 0
    ensure_tenant(house.database, "other", base_currency="EUR", timezone="UTC")
    found = house.says("Room in the database")
    assert {row["What"] for row in found} == set(sizes)
    assert {(row["Size"], row["Rows"]) for row in found} == {(None, None)}
