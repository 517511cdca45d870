"""What books say of single trades and movements, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import AccountKind, FlowClass, Quality
from flowd.domain.positions import Basis, BookRow, DividendFact, Lot, Mark, Part, Position, PositionDay, Realised
from tests.ledgers import Facts, move, of, position, split, told, trade

D = Decimal
EUR_OF_X = {("X", "EUR"): {None: D(10)}}


def gains(rows: list[BookRow], method: Basis = Basis.FIFO, asset: str = "X") -> list[tuple[Any, ...]]:
    return [told(row, "acquired", "quantity", "gain") for row in of(rows, Realised, method, asset)]


def test_the_oldest_leave_first_or_all_cost_the_same() -> None:
    rows = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "10", "1"),
            trade("2025-01-02", "buy", "10", "2"),
            trade("2025-01-03", "sell", "15", "3"),
        ]
    ).rows()
    assert gains(rows) == [(date(2025, 1, 1), 10, 20), (date(2025, 1, 2), 5, 5)]
    assert gains(rows, Basis.AVERAGE) == [(None, 15, D("22.5"))]
    assert [told(lot, "acquired", "quantity", "cost") for lot in of(rows, Lot)] == [(date(2025, 1, 2), 5, 10)]
    assert position(rows, Basis.AVERAGE).cost == D("7.5")


def test_a_fee_in_money_costs_more_and_brings_less() -> None:
    rows = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "10", "1", fee="0.5"),
            trade("2025-01-03", "sell", "5", "3", fee="0.2"),
        ]
    ).rows()
    (sold,) = of(rows, Realised)
    assert told(sold, "proceeds", "fee", "cost", "gain") == (15, D("0.2"), D("5.25"), D("9.55"))
    held = position(rows)
    assert told(held, "cost", "cost_fees", "fees_base") == (D("5.25"), D("0.25"), D("0.7"))


def test_a_fee_in_units_leaves_fewer_of_them() -> None:
    rows = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "10", "1", fee="1", fee_asset="X"),
            trade("2025-01-03", "sell", "4", "3", fee="0.5", fee_asset="X"),
        ]
    ).rows()
    held = position(rows)
    # nine came for 10, four and a half left for 12
    assert told(held, "quantity", "cost", "cost_fees", "fees_base") == (D("4.5"), 5, D("0.5"), D("2.5"))
    assert gains(rows) == [(date(2025, 1, 1), D("4.5"), 7)]


def test_a_fee_in_a_third_coin_is_given_away_at_its_price() -> None:
    facts = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "2", "100", base="BNB"),
            trade("2025-01-02", "buy", "10", "1", fee="0.01", fee_asset="BNB"),
        ],
        rates={("BNB", "EUR"): {date(2025, 1, 2): D(300)}},
    )
    rows = facts.rows()
    assert position(rows).cost == 13
    assert gains(rows, asset="BNB") == [(date(2025, 1, 1), D("0.01"), 2)]
    facts.rates = {}
    lacking = position(facts.rows())
    assert told(lacking, "cost", "quality", "quantity") == (None, Quality.STALE, 10)
    assert "no rate from BNB to EUR on 2025-01-02" in lacking.reason


def test_a_rebate_lowers_the_cost() -> None:
    rows = Facts(all_trades=[trade("2025-01-01", "buy", "10", "1", fee="-0.5")]).rows()
    assert position(rows).cost == D("9.5")


def test_one_coin_for_another_gives_away_the_one_and_buys_the_other() -> None:
    rows = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "1", "1000", base="BTC"),
            trade("2025-01-02", "buy", "10", "0.05", quote="BTC", fee="0.001", fee_asset="BTC"),
        ],
        rates={("BTC", "EUR"): {None: D(2000)}},
    ).rows()
    held, paid = position(rows), position(rows, asset="BTC")
    assert told(held, "quote", "cost", "cost_base") == ("BTC", D("0.501"), 1002)
    assert told(paid, "quantity", "realised_base") == (D("0.499"), 501)


def test_money_for_coins_is_worth_what_it_is() -> None:
    rows = Facts(
        all_trades=[
            trade("2025-01-01", "sell", "100", "1.1", base="EUR", quote="USDT", fee="1", fee_asset="USDT"),
            trade("2025-01-02", "buy", "50", "1.2", base="EUR", quote="USDT", fee="0.5", fee_asset="EUR"),
        ]
    ).rows()
    # 109 USDT for 100 EUR, less the fee; 60 of them for 49.5 EUR
    (given,) = of(rows, Realised, asset="USDT")
    assert position(rows, asset="USDT").quantity == 49
    assert given.proceeds_base == D("49.5")
    assert given.cost_base == (D("99.090909090909") * 60 / 109).quantize(D("1e-12"))


def test_what_the_currency_did_is_told_apart() -> None:
    facts = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "100", "50", quote="USD"),
            trade("2025-01-02", "sell", "50", "60", quote="USD"),
        ],
        rates={("USD", "EUR"): {date(2025, 1, 1): D("0.8"), date(2025, 1, 2): D("0.9"), None: D(1)},
               ("X", "USD"): {None: D(70)}, ("X", "EUR"): {None: D(70)}},
    )  # fmt: skip
    rows = facts.rows()
    (sold,) = of(rows, Realised)
    assert told(sold, "gain", "gain_base", "price", "fx") == (500, 700, 450, 250)
    held = position(rows)
    assert told(held, "unrealised", "unrealised_base", "unrealised_price", "unrealised_fx") == (1000, 1500, 1000, 500)


def test_without_a_rate_nothing_is_one_to_one() -> None:
    rows = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "100", "50", quote="USD"),
            trade("2025-01-02", "sell", "50", "60", quote="USD"),
        ]
    ).rows()
    (sold,) = of(rows, Realised)
    assert told(sold, "gain", "gain_base", "fx", "quality") == (500, None, None, Quality.PARTIAL)
    assert sold.reason == "no rate from USD to EUR on 2025-01-02"
    held = position(rows)
    assert told(held, "cost", "cost_base", "value", "value_base") == (2500, None, 3000, None)
    assert held.reason.endswith("at its last known price, of 2025-01-02")


def test_without_a_price_of_today_the_last_one_counts() -> None:
    facts = Facts(all_trades=[trade("2025-01-02", "buy", "10", "50")], rates={("X", "EUR"): {date(2025, 1, 1): D(40)}})
    assert told(position(facts.rows()), "price", "price_day", "unrealised") == (50, date(2025, 1, 2), 0)
    facts.rates = {("X", "EUR"): {date(2025, 2, 1): D(60)}}
    held = position(facts.rows())
    assert told(held, "price", "price_day", "unrealised") == (60, date(2025, 2, 1), 100)
    assert told(held, "quality", "reason") == (Quality.STALE, "at its last known price, of 2025-02-01")


def test_more_is_sold_than_was_ever_bought() -> None:
    rows = Facts(
        all_trades=[trade("2025-01-01", "buy", "1", "10"), trade("2025-01-02", "sell", "3", "20")], rates=EUR_OF_X
    ).rows()
    known, unknown = of(rows, Realised)
    assert told(known, "part", "quantity", "gain") == (Part.LONG, 1, 10)
    assert told(unknown, "part", "quantity", "proceeds", "gain") == (Part.UNKNOWN, 2, 40, None)
    assert unknown.reason == "sold more than was ever bought here"
    held = position(rows)
    assert told(held, "quantity", "unexplained", "quality", "realised") == (0, 2, Quality.PARTIAL, 10)


def test_where_units_are_lent_they_may_be_owed() -> None:
    facts = Facts(
        all_trades=[
            trade("2025-01-01", "sell", "3", "20", fee="1"),
            trade("2025-01-02", "buy", "4", "10", fee="2"),
        ],
        kinds={"spot": AccountKind.WALLET_MARGIN},
    )
    owed = Facts(all_trades=facts.all_trades[:1], kinds=facts.kinds, rates=EUR_OF_X).rows()
    assert told(position(owed), "quantity", "cost", "unrealised") == (-3, -59, 29)
    for method in Basis:
        rows = facts.rows()
        (covered,) = of(rows, Realised, method)
        assert told(covered, "part", "proceeds", "cost", "fee", "gain") == (
            Part.SHORT, 59, 30, D("1.5"), D("27.5"),
        )  # fmt: skip
        assert told(position(rows, method), "quantity", "cost") == (1, D("10.5"))


def test_a_contract_has_a_size_and_no_worth() -> None:
    rows = Facts(all_trades=[trade("2025-01-01", "sell", "3", "20", base="X/EUR:EUR")]).rows()
    held = position(rows, asset="X/EUR:EUR")
    assert told(held, "quantity", "cost", "value", "realised") == (-3, None, None, None)
    assert of(rows, Realised, asset="X/EUR:EUR") == []
    assert held.reason == "a contract: what it brings is booked as realised_pnl in what it settles in"


def test_rewards_cost_what_they_were_worth() -> None:
    rows = Facts(
        all_moves=[move("2025-01-01", "2", FlowClass.STAKING), move("2025-01-02", "1", FlowClass.INTEREST)],
        all_trades=[trade("2025-01-03", "sell", "1", "50")],
        all_dividends=[DividendFact(date(2025, 1, 5), "exchange", "spot", "X", D(7), "EUR")],
        rates={("X", "EUR"): {date(2025, 1, 1): D(10), date(2025, 1, 2): D(40)}},
    ).rows()
    held = position(rows)
    assert told(held, "staking_base", "interest_base", "dividends_base", "cost") == (20, 40, 7, 50)
    assert gains(rows) == [(date(2025, 1, 1), 1, 40)]
    assert gains(rows, Basis.AVERAGE) == [(None, 1, 30)]
    assert held.reason == "at its last known price, of 2025-01-03"


@pytest.mark.parametrize(
    ("kind", "gain", "income"),
    [
        (FlowClass.EXPENSE, 30, 0),
        (FlowClass.FEE, -10, 0),
        (FlowClass.FUNDING, 30, -40),
        (FlowClass.WITHDRAWAL, None, 0),
    ],
)
def test_units_that_leave(kind: FlowClass, gain: int | None, income: int) -> None:
    rows = Facts(
        all_trades=[trade("2025-01-01", "buy", "2", "10")],
        all_moves=[move("2025-01-02", "-1", kind)],
        rates={("X", "EUR"): {None: D(40)}},
    ).rows()
    assert [row.gain for row in of(rows, Realised)] == ([] if gain is None else [gain])
    held = position(rows)
    assert told(held, "quantity", "cost", "other_base") == (1, 10, income)
    assert held.fees_base == (40 if kind is FlowClass.FEE else 0)


def test_what_comes_from_elsewhere_costs_its_price_of_that_day() -> None:
    rows = Facts(all_moves=[move("2025-01-02", "2", FlowClass.DEPOSIT)], rates=EUR_OF_X).rows()
    held = position(rows)
    assert told(held, "cost", "quality") == (20, Quality.ESTIMATED)
    assert held.reason == "what came from elsewhere counts as bought at that day's price"


def test_between_own_accounts_units_keep_cost_and_age() -> None:
    rows = Facts(
        all_trades=[trade("2025-01-01", "buy", "2", "10"), trade("2025-02-01", "buy", "2", "20")],
        all_moves=[
            move("2025-03-01", "-3", FlowClass.WITHDRAWAL, id="out"),
            move("2025-03-02", "2.9", FlowClass.DEPOSIT, account="cold", origin="out"),
        ],
        rates={("X", "EUR"): {None: D(40)}},
    ).rows()
    cold = [row for row in of(rows, Position) if row.account == "cold"]
    assert [told(row, "quantity", "cost", "quality", "opened") for row in cold] == [
        (D("2.9"), 40, Quality.EXACT, date(2025, 1, 1))
    ]
    lots = [told(lot, "acquired", "quantity", "cost") for lot in of(rows, Lot) if lot.account == "cold"]
    # three were sent and 2.9 arrived: each of them arrived a little smaller
    assert lots == [(date(2025, 1, 1), D("1.933333333333"), 20), (date(2025, 2, 1), D("0.966666666667"), 20)]
    assert of(rows, Realised) == []


def test_older_lots_that_come_later_leave_first() -> None:
    rows = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "1", "10", account="cold"),
            trade("2025-02-01", "buy", "1", "20"),
            trade("2025-04-01", "sell", "1", "30"),
        ],
        all_moves=[
            move("2025-03-01", "-1", FlowClass.TRANSFER, account="cold", id="out"),
            move("2025-03-01", "1", FlowClass.TRANSFER, origin="out"),
        ],
    )
    # what is sent and what arrives at one time: the sending comes first where it is known (see StoredLedger.moves)
    rows.all_moves = [rows.all_moves[0], rows.all_moves[1]._replace(at=rows.all_moves[1].at.replace(minute=1))]
    assert gains(rows.rows()) == [(date(2025, 1, 1), 1, 20)]


def test_a_split_changes_the_number_and_not_the_cost() -> None:
    facts = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "10", "30"),
            trade("2025-01-02", "buy", "5", "30"),
            trade("2025-01-04", "sell", "20", "20"),
        ],
        all_splits=[split("2025-01-03", "3", "2"), split("2025-01-03", "9", "1", account="other")],
    )
    rows = facts.rows()
    assert told(position(rows), "quantity", "cost") == (D("2.5"), 50)
    assert position(rows, Basis.AVERAGE).cost == 50
    days = {row.day: row.quantity for row in of(rows, PositionDay) if row.day < date(2025, 1, 5)}
    assert list(days.values()) == [10, 15, D("22.5"), D("2.5")]


def test_books_are_kept_on_from_a_mark() -> None:
    facts = Facts(
        all_trades=[
            trade("2025-01-01", "buy", "10", "30", quote="USD", fee="1", fee_asset="BNB"),
            trade("2025-02-02", "sell", "5", "40", quote="USD"),
            trade("2025-03-02", "sell", "3", "40", quote="USD"),
        ],
        all_moves=[
            move("2025-01-31", "-1", FlowClass.WITHDRAWAL, id="out"),
            move("2025-02-01", "1", FlowClass.DEPOSIT, account="cold", origin="out"),
        ],
        rates={("USD", "EUR"): {None: D("0.9")}, ("X", "EUR"): {None: D(30)}, ("BNB", "EUR"): {None: D(300)},
               ("X", "USD"): {None: D(33)}},
        today=date(2025, 5, 15),
    )  # fmt: skip
    whole = facts.rows()
    marks = of(whole, Mark, None)
    assert [mark.day for mark in marks] == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]
    for mark in marks:
        rest = facts.rows(mark)
        expected = [row for row in whole if not hasattr(row, "day") or row.day > mark.day]
        assert [row for row in rest if not isinstance(row, Mark)] == [
            row for row in expected if not isinstance(row, Mark)
        ]
