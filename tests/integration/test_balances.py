"""Balances at the end of days: chained from what is stated, and checked against what is booked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from flowd.api import AccountInfo, AccountKind, Rate
from flowd.domain.decisions import DuplicateDecision, undo_event
from flowd.domain.goals import OWN_WORD
from tests.books import MAIN, Books, opened, said, stated
from tests.deriving import transaction

books = pytest.fixture(opened)


def test_balances_chain_from_the_latest_one_stated_and_back_from_the_first(books: Books) -> None:
    books.put(
        MAIN, transaction("2026-03-02", "-10"), transaction("2026-03-05", "100.50"), stated("2026-03-05", "190.50")
    )
    books.put(transaction("2026-03-05", "-0.50"), stated("2026-03-05", "190"), transaction("2026-03-09", "-20"))
    assert books.days() == [("03-02", "90", "computed"), ("03-05", "190", "stated"), ("03-09", "170", "computed")]
    # the days between are known, too; what came after the last entry is not
    assert list(books.held()) == [f"03-{day:02}" for day in range(2, 10)]
    assert books.held()["03-04"] == "90"
    assert books.held()["03-09"] == "170"
    assert books.gaps() == []
    books.agrees()


def test_a_gap_has_a_size_and_a_span(books: Books) -> None:
    books.put(MAIN, stated("2026-01-31", "100"), transaction("2026-02-10", "-30"), stated("2026-02-28", "50"))
    books.put(transaction("2026-03-03", "5"), stated("2026-03-10", "55"))
    assert books.gaps() == [("statement", "2026-02-01", "2026-02-28", "-50", "-30", "-20", "gap")]
    assert books.held()["02-27"] == "70"
    assert books.held()["02-28"] == "50"
    # what was missing closes it
    books.put(transaction("2026-02-11", "-20"))
    assert books.gaps() == []
    assert books.held()["02-27"] == "50"
    books.agrees()


def test_value_dates_are_timing_and_no_gap(books: Books) -> None:
    books.put(MAIN, stated("2026-01-31", "100"), transaction("2026-02-10", "-30"), transaction("2026-03-02", "-20"))
    books.put(stated("2026-02-28", "50"), stated("2026-03-15", "50"))
    assert [gap[-1] for gap in books.gaps()] == ["timing", "timing"]
    books.agrees()


def test_a_bank_that_rounds_makes_no_gap(books: Books) -> None:
    books.put(MAIN, stated("2026-01-31", "100.20"), transaction("2026-02-10", "-30.1"), stated("2026-02-28", "70"))
    assert [(gap[-2], gap[-1]) for gap in books.gaps()] == [("-0.1", "rounding")]
    books.put(stated("2026-02-28", "69.70"))
    assert [(gap[-2], gap[-1]) for gap in books.gaps()] == [("-0.4", "gap")]


def test_what_meets_again_within_days_is_timing(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-01", "1"), stated("2026-03-01", "100"), stated("2026-03-03", "93"))
    books.put(stated("2026-03-04", "70"), transaction("2026-03-02", "-8"), stated("2026-03-05", "92"))
    assert {gap[-1] for gap in books.gaps()} == {"timing"}
    books.put(stated("2026-03-05", "91"))
    assert {gap[-1] for gap in books.gaps()} == {"gap"}
    books.agrees()


def test_a_corrected_statement_and_a_removed_transaction(books: Books) -> None:
    entry = transaction("2026-03-04", "-25", external_id="x1")
    books.put(MAIN, stated("2026-03-01", "100"), entry, stated("2026-03-08", "80"))
    assert [gap[-2] for gap in books.gaps()] == ["5"]
    books.put(stated("2026-03-08", "75"))
    assert books.gaps() == []
    books.put(transaction("2026-03-05", "-25", external_id="x1"))
    assert books.days() == [("03-01", "100", "stated"), ("03-05", "75", "computed"), ("03-08", "75", "stated")]
    books.agrees()


def test_two_currencies_of_an_account_are_two_lines_known_as_long_as_each_other(books: Books) -> None:
    books.put(MAIN, stated("2026-03-01", "100"), stated("2026-03-01", "7", "USD"), transaction("2026-03-06", "-1"))
    books.put(transaction("2026-03-03", "2", asset="USD"))
    assert books.held()["03-06"] == "99"
    assert books.held(asset="USD")["03-06"] == "9"
    assert max(books.held(asset="USD")) == "03-06"
    # nobody has a rate: the worth is not known, and the rate is asked for
    assert ("USD", "EUR") in [(base, quote) for base, quote, _ in books.derivation.missing_rates()]
    books.put(
        Rate(base="USD", quote="EUR", at=datetime(2026, 3, 1, tzinfo=UTC), value=Decimal("0.9")), connection="ecb"
    )
    assert books.derivation.missing_rates() == []
    books.agrees()


def test_a_card_is_a_debt(books: Books) -> None:
    books.put(AccountInfo(account="card", name="Card", kind=AccountKind.CARD, asset="EUR"))
    books.put(stated("2026-03-10", "-150", account="card"), transaction("2026-03-12", "-50", account="card"))
    rows = books.rows(
        "SELECT quantity::text, worth::text, quality FROM report.worth"
        " WHERE account = 'card' AND step = 'day' AND day = '2026-03-14'"
    )
    assert rows == [("-200", "-200", "stale")]
    totals = books.rows(
        "SELECT worth::text, assets::text, debts::text FROM report.net_worth"
        " WHERE step = 'day' AND by = 'total' AND day = '2026-03-12'"
    )
    assert totals == [("-200", "0", "-200")]


def test_without_any_balance_only_movements_are_known(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-02", "-10"), transaction("2026-03-05", "4"))
    assert books.days() == [("03-02", "-10", "relative"), ("03-05", "-6", "relative")]
    assert books.held() == {}
    assert books.rows("SELECT FROM raw.series") == []
    ((quantity, reason),) = books.rows("SELECT quantity, reason FROM report.account")
    assert quantity is None
    assert "flowd account balance" in reason
    # a wallet's transactions do not say what it holds
    books.put(
        AccountInfo(account="main", name="Spot", kind=AccountKind.WALLET_SPOT), stated("2026-03-05", "9"),
        transaction("2026-03-05", "4"), connection="exchange",
    )  # fmt: skip
    assert books.rows("SELECT FROM derived.balance_day WHERE connection = 'exchange'") == []
    books.agrees()


def test_an_opening_balance_somebody_stated_and_took_back(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-02", "-10"), transaction("2026-03-05", "4"))
    before = books.all()
    opening = said("2026-03-01", "50")
    books.decide(opening)
    assert books.days() == [("03-01", "50", "you"), ("03-02", "40", "computed"), ("03-05", "44", "computed")]
    # a person's word counts more than a statement's
    books.put(stated("2026-03-01", "49"))
    assert books.days()[0] == ("03-01", "50", "you")
    books.agrees()
    books.put(undo_event(opening, books.clock.now()), connection=OWN_WORD)
    assert books.days()[0] == ("03-01", "49", "stated")
    books.agrees()
    assert before["balance_day"] != books.all()["balance_day"]


def test_an_opening_balance_taken_back_leaves_no_balance(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-02", "-10"))
    before = books.all()
    books.decide(said("2026-03-01", "50"))
    assert books.held() == {"03-01": "50", "03-02": "40"}
    books.put(undo_event(said("2026-03-01", "50"), books.clock.now()), connection=OWN_WORD)
    assert books.all() == before


def test_balances_before_and_after_everything_that_is_booked(books: Books) -> None:
    books.put(MAIN, transaction("2026-02-10", "5"), stated("2026-02-01", "10"), stated("2026-02-20", "15"))
    assert books.held()["02-01"] == "10"
    assert books.held()["02-20"] == "15"
    assert len(books.held()) == 20
    assert books.gaps() == []
    books.agrees()


def test_duplicates_do_not_count(books: Books) -> None:
    books.put(MAIN, stated("2026-03-01", "100"), transaction("2026-03-02", "-10", external_id="a"))
    books.put(transaction("2026-03-03", "-10", external_id="b"))
    first, second = (row[0] for row in books.rows("SELECT subject FROM derived.transaction ORDER BY day"))
    books.decide(DuplicateDecision(of=second, other=first))
    assert books.days() == [("03-01", "100", "stated"), ("03-02", "90", "computed")]
    books.agrees()
    books.put(undo_event(DuplicateDecision(of=second, other=first), books.clock.now()), connection=OWN_WORD)
    assert books.days()[-1] == ("03-03", "80", "computed")
    books.agrees()


def test_pending_transactions_do_not_count(books: Books) -> None:
    books.put(MAIN, stated("2026-03-01", "100"), transaction("2026-03-02", "-10", external_id="a", pending=True))
    assert books.days() == [("03-01", "100", "stated")]
    books.put(transaction("2026-03-02", "-10", external_id="a"))
    assert books.days()[-1] == ("03-02", "90", "computed")
