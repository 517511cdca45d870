"""The numbers that the reports compute themselves: the daily rate, buckets without holes, warnings."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from flowd.storage.database import Database
from tests.household import Book

ZONE = ZoneInfo("Europe/Berlin")


@pytest.fixture
def book(database: Database) -> Book:
    return Book(database, datetime.now(ZONE).date())


def test_a_full_month_is_its_mean_and_today_is_not_in_it(book: Book) -> None:
    book.stream("salary", "schedule")
    book.earn("salary", range(1, 61), "10")
    book.earn("salary", [0], "999")
    found = book.rate("salary")
    assert found["rate"] == 10
    assert found["rate_before"] == 10
    assert found["change"] == 0
    assert found["days"] == 30
    assert found["until"] == book.today - timedelta(days=1)
    assert (found["earned_30d"], found["earned_90d"]) == (300, 600)
    assert found["quality"] == "exact"


def test_a_declared_income_that_began_lately_is_not_watered_down(book: Book) -> None:
    book.stream("job", "schedule")
    book.earn("job", range(13), "145.50")
    found = book.rate("job")
    assert found["rate"] == Decimal("145.50")
    assert found["days"] == 12
    assert found["rate_before"] is None
    assert found["change"] is None


def test_a_stream_that_began_today_is_seen_today(book: Book) -> None:
    book.stream("job", "schedule")
    book.earn("job", [0], "145.50")
    found = book.rate("job")
    assert (found["rate"], found["days"], found["until"]) == (Decimal("145.50"), 1, book.today)


def test_a_declared_income_that_ended_goes_to_zero(book: Book) -> None:
    book.stream("job", "schedule")
    book.earn("job", range(31, 91), "100")
    found = book.rate("job")
    assert (found["rate"], found["rate_before"], found["change"]) == (0, 100, -1)
    assert found["quality"] == "exact"


def test_one_payment_is_not_a_rate_of_its_own(book: Book) -> None:
    """Transactions come when they come: a first payment yesterday is spread over the month, not taken for daily pay."""
    book.stream("gigs", "transactions")
    book.earn("gigs", [1], "900")
    found = book.rate("gigs")
    assert (found["rate"], found["days"]) == (30, 30)


def test_a_monthly_payer_does_not_earn_less_until_the_next_payment(book: Book) -> None:
    """Days that the next payment will be for are not known yet: the window ends with the last day that is paid for."""
    book.stream("platform", "transactions")
    book.earn("platform", range(19, 80), "40", quality="estimated")
    book.earn("platform", range(19), None, "estimated", received="0")
    found = book.rate("platform")
    assert (found["rate"], found["days"], found["quality"]) == (40, 30, "estimated")
    assert found["until"] == book.today - timedelta(days=19)
    assert found["change"] == 0


def test_days_nobody_knows_are_not_zeros(book: Book) -> None:
    book.stream("wallet", "value")
    book.earn("wallet", [*range(1, 11), *range(21, 31)], "6")
    book.earn("wallet", range(11, 21), None, "partial")
    found = book.rate("wallet")
    assert (found["rate"], found["days"], found["quality"]) == (6, 20, "partial")


def test_an_account_nobody_could_read_has_no_rate(book: Book) -> None:
    book.stream("wallet", "value")
    book.earn("wallet", range(40, 60), "6")
    book.earn("wallet", range(1, 40), None, "stale")
    found = book.rate("wallet")
    assert (found["rate"], found["days"], found["quality"]) == (None, 0, "stale")


def test_a_missing_rate_is_never_one_to_one(book: Book) -> None:
    book.stream("shop", "schedule")
    book.earn("shop", range(1, 16), "10", currency="USD", base="9")
    book.earn("shop", range(16, 31), "10", currency="USD", base=None, quality="partial")
    found = book.rate("shop")
    assert (found["rate"], found["days"], found["quality"]) == (9, 15, "partial")


def test_a_stream_without_income_has_no_rate_and_no_quality(book: Book) -> None:
    book.stream("new", "transactions")
    found = book.rate("new")
    assert (found["rate"], found["days"], found["until"], found["quality"]) == (None, 0, None, None)


def test_the_last_receipt_is_when_something_came_in(book: Book) -> None:
    book.stream("salary", "schedule")
    book.earn("salary", range(40), "10", received="0")
    book.earn("salary", [40], "10", received="300")
    assert book.rate("salary")["last_receipt"] == book.today - timedelta(days=40)


def test_a_hole_is_zero_and_an_unknown_day_is_a_hole(book: Book) -> None:
    book.stream("gigs", "transactions")
    book.earn("gigs", [4, 1], "50")
    book.earn("gigs", [2], None, "partial")
    since = book.today - timedelta(days=9)
    found = book.ask(
        f'SELECT "time"::date, amount, quality FROM report.income_by('
        f"'day', 'earned', 'base', '{since}T00:00:00Z', '{book.today}T12:00:00Z') ORDER BY 1"
    )
    assert [((book.today - row[0]).days, row[1], row[2]) for row in found] == [
        (4, 50, "exact"),
        (3, 0, "exact"),
        (2, None, "partial"),
        (1, 50, "exact"),
        (0, 0, "exact"),
    ]


def test_a_bucket_that_the_range_begins_in_is_whole(book: Book) -> None:
    book.stream("salary", "schedule")
    book.earn("salary", range(80), "10")
    middle = (book.today.replace(day=1) - timedelta(days=1)).replace(day=15)
    first = middle.replace(day=1)
    ((total,),) = book.ask(
        "SELECT amount FROM report.income_by("
        f"'month', 'earned', 'base', '{middle}T00:00:00Z', '{book.today}T12:00:00Z')"
        f" WHERE \"time\" = '{first}'"
    )
    assert total == 10 * ((first + timedelta(days=32)).replace(day=1) - first).days


def test_one_currency_is_shown_without_converting(book: Book) -> None:
    book.stream("shop", "schedule")
    book.earn("shop", [1], "10", currency="USD", base="9")
    book.earn("shop", [1], "5")
    words = "SELECT amount, currency FROM report.income_shown('earned', '{}') ORDER BY 1"
    assert book.ask(words.format("base")) == [(5, "EUR"), (9, "EUR")]
    assert book.ask(words.format("USD")) == [(10, "USD")]


def test_a_warning_says_what_to_do(book: Book) -> None:
    ((severity, subject, _, fix),) = book.ask("SELECT severity, subject, what, fix FROM report.warning")
    assert (severity, subject) == ("note", "Income")
    assert "flowd init" in fix
    book.stream("gigs", "transactions")
    book.earn("gigs", [1], "50")
    assert book.ask("SELECT * FROM report.warning") == [], "all is well"
    book.earn("gigs", [2], "50", "estimated")
    ((severity, subject, _, fix),) = book.ask("SELECT severity, subject, what, fix FROM report.warning")
    assert (severity, subject) == ("note", "gigs")
    assert "rule in flowd.yaml" in fix
