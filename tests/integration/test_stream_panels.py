"""What is said of single streams is right: the queries of the tables and of the dashboard Stream."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.household import Household, a_home, foretell, found_stable

home = pytest.fixture(a_home)


def test_a_stream_has_its_health_its_weeks_and_its_next_receipt_in_the_table(home: Household) -> None:
    home.stream("salary", "schedule")
    home.stream("new", "value")
    home.earn("salary", range(100), "10")
    found_stable(home, "salary", home.today + timedelta(days=9))
    first, second = home.panel("Income", "Streams")
    assert (first["Stream"], first["12 weeks"], first["Health"], first["Why"]) == (
        "salary",
        "████████████",
        "stable",
        "much the same",
    )
    assert first["Next receipt"] == f"{home.today + timedelta(days=9)}: 310.00"
    assert (second["Stream"], second["Per day"], second["12 weeks"], second["Health"]) == (
        "new",
        None,
        "············",
        None,
    )


@pytest.mark.parametrize("method", ["value", "transactions", "schedule"])
def test_the_line_of_a_stream_ends_in_its_daily_rate(home: Household, method: str) -> None:
    home.stream("one", method)
    home.earn("one", [*range(1, 9), 12, 13, 40], "7")
    home.earn("one", [9, 10], None, "partial")
    line = home.panel("Stream", "Income and daily rate", ref="B", days=20, one="one")
    (tile,) = home.panel("Stream", "It earns per day", one="one")
    assert line[-1]["time"].date() == home.today - timedelta(days=1)
    assert line[-1]["Daily rate"] == home.rate("one")["rate"] == tile["value"]
    # as long as the window: what was 30 days before each day is not in it
    assert home.panel("Stream", "Income and daily rate", ref="B", days=60, one="one")[-1] == line[-1]


def test_a_streams_months_lead_into_those_to_come(home: Household) -> None:
    home.stream("salary", "transactions")
    home.earn("salary", range(100), "0", received="1")
    first = home.today.replace(day=1)
    month_end = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    foretell(home, "total", "", "month", month_end, 1)
    foretell(home, "stream", "salary", "month", month_end, 40)
    rows = home.panel("Stream", "Month by month, and what is likely", one="salary")
    last = (first - timedelta(days=1)).day
    assert [(row["time"].date(), row["known"], row["p10"], row["p50"]) for row in rows[-2:]] == [
        ((first - timedelta(days=1)).replace(day=1), last, last, last),
        (first, None, 20, 40),
    ]
    assert all(row["p50"] is None for row in rows[:-2]), "the past is no band"


def test_files_that_ended_two_months_ago_are_no_exact_zero(home: Household) -> None:
    home.stream("wage", "transactions")
    home.earn("wage", range(65, 200), "100")
    assert home.panel("Income", "You earn per day")[0]["metric"] == "EUR per day, exact"
    found_stable(home, "wage", home.today)
    home.sql("UPDATE derived.stream_state SET health = 'stale', health_reason = 'its files tell nothing after May'")
    assert home.panel("Income", "You earn per day")[0]["metric"] == "EUR per day, stale"
    assert home.panel("Income", "Quality of the daily rate") == [{"quality": "stale"}]
    (warning,) = home.panel("Income", "What to know about these numbers")
    assert (warning["How bad"], warning["Why"]) == ("bad", "is old: its files tell nothing after May")


def test_what_is_awaited_in_a_currency_without_a_rate_is_told_in_that_currency(home: Household) -> None:
    due = home.today + timedelta(days=5)
    home.stream("wage", "transactions")
    home.earn("wage", [25], "1")
    found_stable(home, "wage", due)
    assert [(row["metric"], row["value"]) for row in home.panel("Stream", "Next receipt", one="wage")] == [
        (f"EUR around {due}", 310)
    ]
    home.sql("UPDATE derived.stream_state SET next_amount = NULL")
    home.sql(
        "INSERT INTO derived.expected (tenant_id, stream, payer, series, currency, due, earliest, latest, amount,"
        " source, state) VALUES (%(tenant)s, 'wage', 'x', 0, 'VND', %(due)s, %(due)s, %(due)s, 7000, 'detected',"
        " 'expected')",
        due=due,
    )
    assert [(row["metric"], row["value"]) for row in home.panel("Stream", "Next receipt", one="wage")] == [
        (f"VND around {due}", 7000)
    ]
    assert [row["Next receipt"] for row in home.panel("Income", "Streams")] == [str(due)]


def test_a_stream_shows_its_own_payments_and_what_is_late_first(home: Household) -> None:
    home.stream("salary", "transactions")
    home.stream("gigs", "transactions")
    for stream, age, state in (("salary", 70, "missed"), ("salary", 40, "received"), ("gigs", 8, "late")):
        home.sql(
            "INSERT INTO derived.expected (tenant_id, stream, payer, series, currency, due, earliest, latest, amount,"
            " source, state) VALUES (%(tenant)s, %(stream)s, '', 0, 'EUR', %(due)s, %(due)s, %(due)s, 10, 'declared',"
            " %(state)s)",
            stream=stream,
            due=home.today - timedelta(days=age),
            state=state,
        )
        home.sql(
            "WITH made AS (INSERT INTO derived.transaction (tenant_id, subject, version, connection, account, "
            "booked_at, day, amount, asset, description, pending) VALUES (%(tenant)s, gen_random_uuid(), 1, 'bank', "
            "'main', %(day)s::timestamp AT TIME ZONE 'UTC', %(day)s, 5, 'EUR', %(stream)s, false) RETURNING *) INSERT "
            "INTO derived.flow (tenant_id, subject, connection, account, day, amount, asset, flow_class, stream, "
            "rule) SELECT tenant_id, subject, connection, account, day, amount, asset, 'salary', %(stream)s, 'own' "
            "FROM made",
            stream=stream,
            day=home.today - timedelta(days=age),
        )
    assert [row["State"] for row in home.panel("Stream", "Expected and received", one="salary")] == [
        "missed",
        "received",
    ]
    assert [row["State"] for row in home.panel("Income", "What should come next")] == ["late"]
    paid = home.panel("Stream", "Its transactions", one="salary")
    assert [(row["Day"], row["Text"], row["Amount"]) for row in paid] == [
        (str(home.today - timedelta(days=age)), "salary", 5) for age in (40, 70)
    ]


def test_a_stream_is_told_in_words(home: Household) -> None:
    home.stream("salary", "transactions")
    home.earn("salary", [3], "310")
    found_stable(home, "salary", home.today + timedelta(days=9))
    said = {row["What"]: row["It is"] for row in home.panel("Stream", "In words", one="salary")}
    assert said["Health"] == "stable: much the same"
    assert said["Trend in numbers"] == (
        "-6.3 % of its level in 30 days (-0.50 EUR from day to day); by chance alone in 75.0 of 100 cases"
    )
    assert said["Next receipt"] == f"310.00 EUR around {home.today + timedelta(days=9)}"
    assert said["Tax"] == "set aside 12.5 %, as flowd.yaml says"
    assert said["Computed from"] == "the payments that came in"
    (tax,) = home.panel("Stream", "Set aside for tax", one="salary")
    assert (tax["metric"], tax["value"]) == ("EUR since January, 12.5 %", 300)


def test_confidence_is_told_with_what_it_comes_from(home: Household) -> None:
    home.stream("salary", "transactions")
    home.stream("plan", "schedule")
    parts = {"horizon": 30, "by_horizon": {"30": {"projections": 12, "near": 9, "inside_80": 10}}}
    tried = {"acme": {"theta": "0.5", "naive": "0.25"}}
    for name, confidence, more in (("salary", "0.75", parts), ("plan", None, {"declared": "1"})):
        home.sql(
            "INSERT INTO derived.projection_model (tenant_id, scope, name, as_of, method, reason, history_days, short,"
            " origins, confidence, parts, candidates, digest, fit) VALUES (%(tenant)s, 'stream', %(name)s, %(day)s,"
            " 'naive', 'the least error', 400, false, 12, %(confidence)s::numeric, %(parts)s::jsonb, %(tried)s::jsonb,"
            " '', '{}')",
            name=name,
            day=home.today,
            confidence=confidence,
            parts=json.dumps(more),
            tried=json.dumps(tried if name == "salary" else {}),
        )
    said = {row["What"]: row["It is"] for row in home.panel("Stream", "How it is foretold", one="salary")}
    assert said["Confidence"].startswith("75 %")
    assert said["Confidence over 30 days"] == ("9 of 12 came within a fifth of their median, 10 within the 80 % band")
    assert said["Tried"] == "acme: naive 0.25, theta 0.5"
    plan = {row["What"]: row["It is"] for row in home.panel("Stream", "How it is foretold", one="plan")}
    assert plan["Confidence"] == "none: what is declared is taken at its word"
