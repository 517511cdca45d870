# ruff: noqa: E501 - an entry is as long as it is
"""Brokers' statements in OFX: trades with their costs, income, units in and out, splits, holdings and prices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from flowd.api import (
    AccountInfo,
    AccountKind,
    Balance,
    Event,
    FileRefused,
    FlowClass,
    Rate,
    Side,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.importers.ofx.importer import OfxImporter

from .ofx_files import broker, only, posting, read

OFX = OfxImporter()
ACME = "<SECID><UNIQUEID>123456789<UNIQUEIDTYPE>CUSIP</SECID>"
LISTED = f"<STOCKINFO><SECINFO>{ACME}<SECNAME>Acme Inc.<TICKER>acme b</SECINFO></STOCKINFO>"
D = Decimal


def tran(fitid: str = "t1", day: str = "20240115", more: str = "") -> str:
    return f"<INVTRAN><FITID>{fitid}<DTTRADE>{day}<MEMO>as asked{more}</INVTRAN>"


def buy(
    units: str = "100", price: str = "50.00", total: str = "-5025.00", costs: str = "<COMMISSION>25", **more: str
) -> str:
    kind = more.get("kind", "BUYSTOCK")
    fund = more.get("fund", "CASH")
    inner = "INVBUY" if kind.startswith("BUY") else "INVSELL"
    total = f"<TOTAL>{total}" if total else ""
    return (
        f"<{kind}><{inner}>{tran(more.get('fitid', 't1'))}{more.get('security', ACME)}<UNITS>{units}<UNITPRICE>{price}"
        f"{costs}{total}<SUBACCTSEC>CASH<SUBACCTFUND>{fund}</{inner}>{more.get('after', '')}</{kind}>"
    )


def test_a_trade_with_its_costs() -> None:
    text = broker(buy(costs="<COMMISSION>20<FEES>3<TAXES>2"), securities=LISTED)
    records, notes = read(OFX, text)
    assert only(Trade, records) == [
        Trade(
            account="B7", external_id="t1", at=datetime(2024, 1, 15, 12, tzinfo=UTC), base="ACME.B", quote="USD",
            side=Side.BUY, quantity=D(100), price=D("50.00"), fee=D(25), fee_asset="USD",
        )
    ]  # fmt: skip
    assert only(AccountInfo, records) == [
        AccountInfo(account="B7", name="Hill Bank B7", kind=AccountKind.BROKER, asset="USD")
    ]
    assert notes == []
    assert only(Transaction, records) == []


@pytest.mark.parametrize(
    ("entry", "side", "quantity", "price", "fee"),
    [
        pytest.param(buy(kind="SELLSTOCK", units="-10", price="5", total="48", costs="<FEES>2"), "sell", 10, "5", "2", id="sell"),
        pytest.param(buy(kind="SELLSTOCK", units="10", price="5", total="48", costs="<FEES>2"), "sell", 10, "5", "2", id="no minus"),
        pytest.param(buy(kind="SELLMF", units="-10", price="5", total="", costs=""), "sell", 10, "5", "0", id="no total"),
        pytest.param(buy(units="10", price="5", total="-52", costs="<COMMISSION>-2"), "buy", 10, "5", "2", id="cost as minus"),
        pytest.param(buy(units="-10", price="5", total="48", costs="<FEES>2"), "sell", 10, "5", "2", id="taken back"),
        pytest.param(buy(kind="BUYOPT", units="2", price="1.5", total="-301", costs="<FEES>1", after="<SHPERCTRCT>100"),
                     "buy", 2, "150", "1", id="option"),
        pytest.param(buy(kind="BUYDEBT", units="1000", price="99", total="-990", costs=""), "buy", 1000, "0.99", "0", id="bond"),
        pytest.param(buy(units="3", price="0", total="-10", costs=""), "buy", 3, "3.333333333333", "0", id="no price"),
    ],
)  # fmt: skip
def test_trades_of_all_sorts(entry: str, side: str, quantity: int, price: str, fee: str) -> None:
    (trade,) = only(Trade, read(OFX, broker(entry, securities=LISTED))[0])
    assert (trade.side.value, trade.quantity, trade.price, trade.fee) == (side, D(quantity), D(price), D(fee))


def test_accrued_interest_is_paid_besides() -> None:
    entry = buy(kind="BUYDEBT", units="1000", price="99", total="-995.50", costs="", after="<ACCRDINT>5.50")
    records, notes = read(OFX, broker(entry))
    (trade,) = only(Trade, records)
    (interest,) = only(Transaction, records)
    assert (trade.base, trade.price) == ("123456789", D("0.99"))
    assert (interest.external_id, interest.amount, interest.kind) == ("t1:accrued", D("-5.50"), FlowClass.INTEREST)
    assert notes == []


def test_a_price_that_does_not_fit_is_said() -> None:
    records, notes = read(OFX, broker(buy(total="-9999")))
    assert only(Trade, records)[0].price == D("50.00")
    assert any("do not make up its total of -9999" in note for note in notes)


def test_money_from_outside_of_the_account_is_a_transfer() -> None:
    records, _ = read(
        OFX,
        broker(
            buy(fund="OTHER"),
            buy(fitid="t2", kind="SELLSTOCK", units="-1", price="50", total="49", costs="<FEES>1", fund="OTHER"),
        ),
    )
    assert [(one.external_id, one.amount, one.kind, one.asset) for one in only(Transaction, records)] == [
        ("t1:fund", D("5025.00"), FlowClass.TRANSFER, "USD"),
        ("t2:fund", D(-49), FlowClass.TRANSFER, "USD"),
    ]


@pytest.mark.parametrize(
    ("entry", "amount", "kind"),
    [
        (f"<INCOME>{tran()}{ACME}<INCOMETYPE>DIV<TOTAL>12.30<SUBACCTSEC>CASH<SUBACCTFUND>CASH</INCOME>", "12.30", "dividend"),
        (f"<INCOME>{tran()}{ACME}<INCOMETYPE>INTEREST<TOTAL>1<SUBACCTSEC>CASH<SUBACCTFUND>CASH</INCOME>", "1", "interest"),
        (f"<INCOME>{tran()}{ACME}<INCOMETYPE>CGLONG<TOTAL>1<SUBACCTSEC>CASH<SUBACCTFUND>CASH</INCOME>", "1", "dividend"),
        (f"<RETOFCAP>{tran()}{ACME}<TOTAL>9<SUBACCTSEC>CASH<SUBACCTFUND>CASH</RETOFCAP>", "9", "refund"),
        (f"<INVEXPENSE>{tran()}{ACME}<TOTAL>-3<SUBACCTSEC>CASH<SUBACCTFUND>CASH</INVEXPENSE>", "-3", "fee"),
        (f"<MARGININTEREST>{tran()}<TOTAL>4<SUBACCTFUND>CASH</MARGININTEREST>", "-4", "fee"),
        (f"<INVBANKTRAN>{posting('t1', '7.00')}<SUBACCTFUND>CASH</INVBANKTRAN>", "7.00", None),
    ],
)  # fmt: skip
def test_money_that_comes_and_goes(entry: str, amount: str, kind: str | None) -> None:
    (record,) = only(Transaction, read(OFX, broker(entry, securities=LISTED))[0])
    assert (record.amount, record.kind, record.external_id) == (D(amount), kind, "t1")
    assert record.booked_at == date(2024, 1, 15)


def test_a_dividend_tells_of_what() -> None:
    entry = f"<INCOME>{tran()}{ACME}<INCOMETYPE>DIV<TOTAL>12.30<SUBACCTSEC>CASH<SUBACCTFUND>CASH</INCOME>"
    (record,) = only(Transaction, read(OFX, broker(entry, securities=LISTED))[0])
    assert (record.counterparty, record.description) == ("Acme Inc.", "as asked")
    assert (record.raw or {})["security"] == "ACME.B"


def test_a_reinvested_dividend_is_income_and_a_trade() -> None:
    entry = f"<REINVEST>{tran()}{ACME}<INCOMETYPE>DIV<TOTAL>-20<SUBACCTSEC>CASH<UNITS>4<UNITPRICE>5</REINVEST>"
    records, _ = read(OFX, broker(entry))
    assert [(one.amount, one.kind) for one in only(Transaction, records)] == [(D(20), FlowClass.DIVIDEND)]
    assert [(one.side, one.quantity, one.price) for one in only(Trade, records)] == [(Side.BUY, D(4), D(5))]


def test_units_that_come_and_go() -> None:
    entries = (
        f"<TRANSFER>{tran('t1')}{ACME}<SUBACCTSEC>CASH<UNITS>5<TFERACTION>IN<POSTYPE>LONG</TRANSFER>",
        f"<TRANSFER>{tran('t2')}{ACME}<SUBACCTSEC>CASH<UNITS>-2<TFERACTION>OUT<POSTYPE>LONG</TRANSFER>",
        f"<TRANSFER>{tran('t3')}{ACME}<SUBACCTSEC>CASH<UNITS>2<TFERACTION>OUT<POSTYPE>LONG</TRANSFER>",
        f"<JRNLSEC>{tran('t4')}{ACME}<SUBACCTFROM>CASH<SUBACCTTO>MARGIN<UNITS>9</JRNLSEC>",
    )
    records, notes = read(OFX, broker(*entries, securities=LISTED))
    assert [(one.asset, one.amount, one.kind) for one in only(Transaction, records)] == [
        ("ACME.B", D(5), FlowClass.TRANSFER),
        ("ACME.B", D(-2), FlowClass.TRANSFER),
        ("ACME.B", D(-2), FlowClass.TRANSFER),
    ]
    assert notes == []


def test_a_split() -> None:
    entry = (
        f"<SPLIT>{tran()}{ACME}<SUBACCTSEC>CASH<OLDUNITS>10<NEWUNITS>30<NUMERATOR>3<DENOMINATOR>1<FRACCASH>0.40</SPLIT>"
    )
    records, _ = read(OFX, broker(entry))
    assert only(Event, records) == [
        Event(
            type="split", key="B7:t1", at=datetime(2024, 1, 15, 12, tzinfo=UTC),
            data={"account": "B7", "asset": "123456789", "numerator": "3", "denominator": "1"},
        )
    ]  # fmt: skip
    assert [one.amount for one in only(Transaction, records)] == [D("0.40")]


def test_an_option_that_ends_is_sold_for_nothing() -> None:
    entry = f"<CLOSUREOPT>{tran()}{ACME}<OPTACTION>EXPIRE<UNITS>-1<SHPERCTRCT>100<SUBACCTSEC>CASH</CLOSUREOPT>"
    (trade,) = only(Trade, read(OFX, broker(entry))[0])
    assert (trade.side, trade.quantity, trade.price) == (Side.SELL, D(1), D(0))


def holding(units: str, price: str, value: str, kind: str = "LONG", security: str = ACME) -> str:
    return (
        f"<POSSTOCK><INVPOS>{security}<HELDINACCT>CASH<POSTYPE>{kind}<UNITS>{units}<UNITPRICE>{price}<MKTVAL>{value}"
        "<DTPRICEASOF>20240131160000[-5:EST]</INVPOS></POSSTOCK>"
    )


def test_holdings_prices_and_cash() -> None:
    other = "<SECID><UNIQUEID>US0378331005<UNIQUEIDTYPE>ISIN</SECID>"
    after = (
        "<INVPOSLIST>" + holding("3", "10", "30") + holding("2", "10", "20") + holding("4", "99", "3.96", "SHORT", other)
        + "</INVPOSLIST><INVBAL><AVAILCASH>250.10<MARGINBALANCE>-5<SHORTBALANCE>0</INVBAL>"
    )  # fmt: skip
    records, notes = read(OFX, broker(after=after, securities=LISTED))
    at = datetime(2024, 1, 31, 21, tzinfo=UTC)
    assert only(Snapshot, records) == [
        Snapshot(account="B7", asset="ACME.B", quantity=D(5), at=at),
        Snapshot(account="B7", asset="US0378331005", quantity=D(-4), at=at),
    ]
    assert [(one.base, one.quote, one.value, one.at) for one in only(Rate, records)] == [
        ("ACME.B", "USD", D(10), at),
        ("ACME.B", "USD", D(10), at),
        ("US0378331005", "USD", D("0.99"), at),
    ]
    assert only(Balance, records) == [Balance(account="B7", asset="USD", day=date(2024, 1, 31), amount=D("250.10"))]
    assert any("MARGINBALANCE of -5" in note for note in notes)


def test_what_was_sold_and_is_listed_no_more_is_not_held() -> None:
    listed = "<INVPOSLIST></INVPOSLIST>"
    records, _ = read(OFX, broker(buy(), after=listed, securities=LISTED))
    at = datetime(2024, 1, 31, 21, tzinfo=UTC)
    assert only(Snapshot, records) == [Snapshot(account="B7", asset="ACME.B", quantity=D(0), at=at)]
    # without a list of holdings nothing is known of them
    assert only(Snapshot, read(OFX, broker(buy(), securities=LISTED))[0]) == []
    assert only(Snapshot, read(OFX, broker(after=listed, securities=LISTED))[0]) == []


def test_two_securities_of_one_ticker_keep_their_numbers() -> None:
    twin = LISTED.replace("123456789", "987654321")
    records, _ = read(OFX, broker(buy(), securities=LISTED + twin))
    assert only(Trade, records)[0].base == "123456789"


def test_a_ticker_that_is_the_currency_is_not_money() -> None:
    records, _ = read(OFX, broker(buy(), securities=LISTED.replace("acme b", "USD")))
    assert only(Trade, records)[0].base == "123456789"


def test_trades_without_ids_are_named_by_what_they_are() -> None:
    text = broker(buy(fitid=""), buy(fitid=""), buy(fitid="", units="1", total="-75"))
    one, two = (only(Trade, read(OFX, text)[0]) for _ in range(2))
    assert [trade.external_id for trade in one] == [trade.external_id for trade in two]
    assert len({trade.external_id for trade in one}) == 3


def test_a_broker_may_hold_several_currencies() -> None:
    entry = buy().replace("<SUBACCTSEC>", "<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY><SUBACCTSEC>", 1)
    (trade,) = only(Trade, read(OFX, broker(entry))[0])
    assert (trade.quote, trade.fee_asset) == ("EUR", "EUR")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (buy(units="many"), "<UNITS> 'many' in <INVBUY> is not a number"),
        (buy(security=""), "names no security"),
        (buy().replace("20240115", "20241315"), "<DTTRADE> '20241315'"),
        (f"<INCOME>{tran()}{ACME}<INCOMETYPE>DIV</INCOME>", "<INCOME> without <TOTAL>"),
        (f"<SPLIT>{tran()}{ACME}<SUBACCTSEC>CASH</SPLIT>", "without its ratio"),
    ],
)
def test_what_cannot_be_read_is_refused(entry: str, says: str) -> None:
    with pytest.raises(FileRefused, match=says):
        read(OFX, broker(entry))


def test_what_is_not_known_is_said() -> None:
    assert any("<LOAN> was left out" in note for note in read(OFX, broker(f"<LOAN>{tran()}</LOAN>"))[1])
