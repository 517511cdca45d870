"""What the dashboard Trends says is right: its queries over rows that are easy to reckon."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.storage.database import Database
from tests.household import Household, a_home

STATE = (
    "INSERT INTO derived.stream_state (tenant_id, scope, name, as_of, trend, slope_pct, trend_reason, health, "
    "health_reason, share, base_currency) VALUES (%(tenant)s, %(scope)s, %(name)s, %(as_of)s, %(trend)s, %(slope)s, "
    "'of it', 'stable', 'much the same', %(share)s, 'EUR')"
)
METRIC = (
    'INSERT INTO app.metric (tenant_id, analytic, subject, name, "window", at, value, unit) VALUES (%(tenant)s, '
    "'statistics', 'total', %(name)s, 'month', %(day)s::timestamp AT TIME ZONE 'Europe/Berlin', %(value)s, 'EUR')"
)
DUE = (
    "INSERT INTO derived.expected (tenant_id, stream, payer, series, currency, due, earliest, latest, amount, source, "
    "state, received, reason) VALUES (%(tenant)s, %(stream)s, %(payer)s, 0, %(currency)s, %(due)s, %(due)s, %(due)s, "
    "%(amount)s, 'detected', %(state)s, %(received)s, 'monthly')"
)


@pytest.fixture
def home(database: Database) -> Household:
    return a_home(database)


def test_what_was_expected_is_told_by_month_and_currency_and_never_guessed(home: Household) -> None:
    for stream in ("wage", "shop"):
        home.stream(stream, "transactions")
    first = (home.today.replace(day=1) - timedelta(days=1)).replace(day=1)

    def due(stream: str, payer: str, currency: str, amount: int | None, state: str, received: int | None) -> None:
        home.sql(
            DUE,
            stream=stream,
            payer=payer,
            currency=currency,
            due=first + timedelta(days=4),
            amount=amount,
            state=state,
            received=received,
        )

    due("wage", "acme", "EUR", 100, "short", 90)
    due("wage", "acme", "USD", 10, "received", 10)
    due("wage", "new", "EUR", None, "received", 70)  # a first receipt: nobody expected it
    due("wage", "bank that is not read", "EUR", 500, "unknown", None)
    due("shop", "customer", "EUR", 40, "missed", None)
    month = [("expected, EUR", 140), ("expected, USD", 10), ("received, EUR", 90), ("received, USD", 10)]
    found = home.panel("Trends", "Expected and received")
    assert [(row["metric"], row["value"]) for row in found] == month
    assert {row["time"].date() for row in found} == {first}
    shop = home.panel("Trends", "Expected and received", subject="stream:shop")
    assert [(row["metric"], row["value"]) for row in shop] == [("expected, EUR", 40), ("received, EUR", 0)]
    lacks = home.panel("Trends", "Late, short and missed")
    assert [(row["Stream"], row["State"], row["Lacks"], row["In"]) for row in lacks] == [
        ("shop", "missed", 40, "EUR"),
        ("wage", "short", 10, "EUR"),
    ]


def test_what_is_due_next_ends_after_thirty_days(home: Household) -> None:
    home.stream("wage", "transactions")
    for days, state in ((-1, "due"), (-9, "late"), (30, "expected"), (31, "expected")):
        due = home.today + timedelta(days=days)
        home.sql(DUE, stream="wage", payer=str(days), currency="EUR", due=due, amount=5, state=state, received=None)
    assert [row["Days"] for row in home.panel("Trends", "Due in the next 30 days")] == [-1, 30]


def test_a_weekday_without_a_row_brought_nothing_and_one_that_is_not_known_is_left_out(home: Household) -> None:
    home.stream("gigs", "transactions")
    mondays = [age for age in range(1, 29) if (home.today - timedelta(days=age)).weekday() == 0]
    home.earn("gigs", [mondays[0]], None, "partial")
    home.earn("gigs", mondays[1:3], "70")
    home.earn("gigs", [mondays[3]], "10")
    found = {row["Day"]: row["a day"] for row in home.panel("Trends", "By day of the week, in ${base}")}
    assert list(found) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert found == {"Mon": 50, **dict.fromkeys(["Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], 0)}


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ({"cash": 12000, "expenses": 2000, "runway": 8, "runway_bare": 6}, ("8.0 months", "6.0 months")),
        ({"cash": 12000, "expenses": 2000, "runway": None, "runway_bare": 6}, ("for ever", "6.0 months")),
        ({"cash": -5, "expenses": 2000, "runway": 0, "runway_bare": 0}, ("nothing left", "0.0 months")),
        ({"cash": None, "expenses": 2000, "runway": None}, (None, None)),
        ({"cash": 12000, "expenses": None, "runway": None}, (None, None)),
    ],
    ids=["eight months", "the floor covers it", "nothing left", "no cash known", "no expenses known"],
)
def test_how_long_money_lasts_is_said_in_words(
    home: Household, kept: dict[str, Any], said: tuple[str | None, str | None]
) -> None:
    yesterday = home.today - timedelta(days=1)
    home.sql(STATE, scope="total", name="", as_of=yesterday, trend="flat", slope=0, share=1)
    for name, value in kept.items():
        home.sql(METRIC, name=name, value=value, day=yesterday)
    (row,) = home.panel("Trends", "Money lasts")
    assert tuple(row.values()) == said
    reasons = [row["What"] for row in home.panel("Trends", "Why")]
    assert ("How long money lasts" in reasons) == (said[0] in ("for ever", "nothing left", None))


def test_slopes_stand_in_the_column_of_their_word_and_no_two_bars_have_one_name(home: Household) -> None:
    for number, (trend, slope) in enumerate(
        [("growing", "0.05"), ("declining", "-0.04"), ("flat", "0.02"), ("unknown", None)], start=1
    ):
        home.stream(f"s{number}", "transactions")
        home.sql(STATE, scope="stream", name=f"s{number}", as_of=home.today, trend=trend, slope=slope, share="0.25")
    home.sql("UPDATE derived.stream SET name = 'Wage' WHERE stream IN ('s1', 's2') AND tenant_id = %(tenant)s")
    found = [tuple(row.values()) for row in home.panel("Trends", "Change in 30 days, by stream")]
    assert found == [
        ("Wage (s1)", Decimal("0.05"), None, None),
        ("s3", None, Decimal("0.02"), None),
        ("Wage (s2)", None, None, Decimal("-0.04")),
    ]
