"""Rows in the shapes Binance documents, read by flowd and by ccxt's own parsers: both must say the same."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import FlowClass, Removal, Transaction
from flowd_binance import income, trades, transfers, wallets
from flowd_binance.reading import since_epoch
from flowd_binance.settings import Wallet

AT = 1_718_000_123_456
Row = dict[str, Any]


def market(name: str, base: str, quote: str, settle: str | None = None) -> Row:
    symbol = f"{base}/{quote}:{settle}" if settle else f"{base}/{quote}"
    return {
        "id": name, "symbol": symbol, "base": base, "quote": quote, "settle": settle, "baseId": base, "quoteId": quote,
        "settleId": settle, "type": "swap" if settle else "spot", "spot": not settle, "swap": bool(settle),
        "margin": False, "future": False, "option": False, "active": True, "contract": bool(settle),
        "linear": settle == quote if settle else None, "inverse": settle == base if settle else None,
        "contractSize": 10 if settle == base and settle else (1 if settle else None),
        "precision": {"amount": 1e-8, "price": 1e-8}, "limits": {}, "info": {},
    }  # fmt: skip


@pytest.fixture(scope="module")
def ccxt() -> Any:
    made = pytest.importorskip("ccxt").binance()
    made.set_markets(
        [
            market("LTCUSDT", "LTC", "USDT"),
            market("BNBUSDT", "BNB", "USDT"),
            market("BTCUSDT", "BTC", "USDT", "USDT"),
            market("ETHUSD_PERP", "ETH", "USD", "ETH"),
        ]
    )
    return made


def same(mine: object, theirs: object) -> bool:
    return Decimal(str(mine)) == Decimal(str(theirs))


def main_of(records: list[Any]) -> Transaction:
    [found] = [one for one in records if isinstance(one, Transaction) and one.kind is not FlowClass.FEE]
    return found


def spot_row(**more: object) -> Row:
    row: Row = {"symbol": "LTCUSDT", "id": 71, "orderId": 5, "price": "81.25", "qty": "0.40", "quoteQty": "32.5"}
    row |= {"commission": "0.0004", "commissionAsset": "LTC", "time": AT, "isBuyer": True, "isMaker": False}
    return {**row, **more}


def swap_row(**more: object) -> Row:
    row: Row = {"symbol": "BTCUSDT", "id": 9, "orderId": 5, "side": "SELL", "price": "60100.5", "qty": "0.003"}
    row |= {"realizedPnl": "-1.2", "quoteQty": "180.3", "commission": "0.07212", "commissionAsset": "USDT"}
    row |= {"time": AT, "positionSide": "BOTH", "maker": False, "buyer": False, "marginAsset": "USDT"}
    return {**row, **more}


COIN = {
    "symbol": "ETHUSD_PERP", "pair": "ETHUSD", "marginAsset": "ETH", "commissionAsset": "ETH", "baseQty": "0.02",
    "price": "2500", "qty": "5", "commission": "0.000008",
}  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        spot_row(),
        spot_row(isBuyer=False, commission="0.0001", commissionAsset="BNB"),
        spot_row(id="28457", time=str(AT), commission="0"),
        swap_row(),
        swap_row(side="BUY", buyer=True, maker=True, commission="-0.018"),
        swap_row(**COIN),
        swap_row(**COIN, side="BUY", buyer=True),
    ],
)
def test_a_trade_is_the_same(ccxt: Any, row: Row) -> None:
    future = "positionSide" in row
    theirs = ccxt.parse_trade(dict(row), ccxt.safe_market(row["symbol"], None, None, "swap" if future else "spot"))
    mine = trades.futures_trade(row, Wallet.USDM) if future else trades.spot_trade(row)
    assert (mine.external_id, since_epoch(mine.at)) == (f"{row['symbol']}:{theirs['id']}", theirs["timestamp"])
    assert (mine.base if future else f"{mine.base}/{mine.quote}") == theirs["symbol"]
    assert mine.side == theirs["side"]
    assert same(mine.quantity, theirs["amount"])
    assert same(mine.price, theirs["price"])
    # With its sign: a maker's rebate is below zero.
    assert (same(mine.fee, theirs["fee"]["cost"]), mine.fee_asset) == (True, theirs["fee"]["currency"])


@pytest.mark.parametrize("status", [0, 1, 6, "1"])
def test_a_deposit_is_the_same(ccxt: Any, status: object) -> None:
    row = {"amount": "4500.5", "coin": "USDT", "network": "BSC", "status": status, "insertTime": AT, "txId": "0xa1"}
    row |= {"id": "769800519366885376", "walletType": 0, "transferType": 0}
    theirs = ccxt.parse_transaction({**row, "type": "deposit"})
    mine = main_of(list(transfers.deposit(row)))
    check_move(mine, theirs, 1)
    assert mine.kind is FlowClass.DEPOSIT


@pytest.mark.parametrize("status", [0, 2, 4, 6])
def test_a_withdrawal_is_the_same(ccxt: Any, status: int) -> None:
    row = {"id": "69e5", "amount": "28.75", "transactionFee": "0.25", "coin": "XRP", "status": status}
    row |= {"applyTime": "2024-06-10 06:15:23", "network": "XRP", "transferType": 0, "txId": "19A5"}
    theirs = ccxt.parse_transaction({**row, "type": "withdrawal"})
    records = list(transfers.withdrawal(row))
    check_move(main_of(records), theirs, -1)
    [fee] = [one for one in records if isinstance(one, Transaction) and one.kind is FlowClass.FEE]
    assert (same(-fee.amount, theirs["fee"]["cost"]), fee.asset) == (True, theirs["fee"]["currency"])


@pytest.mark.parametrize("status", [1, 3, 5])
def test_a_withdrawal_that_did_not_happen_is_none(ccxt: Any, status: int) -> None:
    row = {"id": "69e5", "amount": "28.75", "transactionFee": "0.25", "coin": "XRP", "status": status}
    row |= {"applyTime": "2024-06-10 06:15:23"}
    assert ccxt.parse_transaction({**row, "type": "withdrawal"})["status"] in ("canceled", "failed")
    assert all(isinstance(one, Removal) for one in transfers.withdrawal(row))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (status, kind)
        for status in ("Processing", "Failed", "Successful", "Refunding", "Refunded", "Refund Failed")
        for kind in (0, 1)
    ],
)
def test_ordinary_money_is_the_same(ccxt: Any, status: str, kind: int) -> None:
    row: Row = {
        "orderNo": "CJW68",
        "fiatCurrency": "GBP",
        "indicatedAmount": "29.99",
        "amount": "28.49",
        "totalFee": "1.5",
    }
    row |= {"method": "bank transfer", "status": status, "createTime": AT, "updateTime": AT + 9}
    theirs = ccxt.parse_transaction({**row, "transactionType": kind})
    records = list(transfers.fiat_order(row, kind))
    if theirs["status"] in ("failed", "canceled"):
        assert all(isinstance(one, Removal) for one in records)
        return
    check_move(main_of(records), theirs, -1 if kind else 1)


def check_move(mine: Transaction, theirs: Mapping[str, Any], sign: int) -> None:
    assert mine.external_id == theirs["id"]
    assert since_epoch(mine.booked_at) == theirs["timestamp"]  # type: ignore[arg-type]
    assert mine.asset == theirs["currency"]
    assert same(mine.amount, sign * Decimal(str(theirs["amount"])))
    assert mine.pending == (theirs["status"] == "pending")


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("FUNDING_FEE", "0.00134317", FlowClass.FUNDING),
        ("FUNDING_FEE", "-0.21", FlowClass.FUNDING),
        ("REALIZED_PNL", "-12.5", FlowClass.REALISED_PNL),
        ("COMMISSION", "-0.04", FlowClass.FEE),
        ("API_REBATE", "0.02", FlowClass.REBATE),
        ("COMMISSION_REBATE", "0.02", FlowClass.REBATE),
        ("INSURANCE_CLEAR", "-3", FlowClass.REALISED_PNL),
        ("TRANSFER", "-10", FlowClass.TRANSFER),
        ("COIN_SWAP_DEPOSIT", "10", FlowClass.FX),
    ],
)
def test_a_futures_booking_is_the_same(ccxt: Any, kind: str, said: str, expected: FlowClass) -> None:
    row = {"symbol": "BTCUSDT", "incomeType": kind, "income": said, "asset": "USDT", "time": str(AT), "info": kind}
    row |= {"tranId": "4480321991774044580", "tradeId": ""}
    ledger, paid = ccxt.parse_ledger_entry(dict(row)), ccxt.parse_income(dict(row))
    [mine] = income.futures_row(row, Wallet.USDM)
    assert str(mine.external_id).split(":")[0] == ledger["id"] == paid["id"]
    assert since_epoch(mine.booked_at) == ledger["timestamp"] == paid["timestamp"]  # type: ignore[arg-type]
    assert mine.asset == ledger["currency"] == paid["code"]
    assert same(mine.amount, paid["amount"])
    assert same(abs(mine.amount), ledger["amount"])
    assert (mine.amount > 0) == (ledger["direction"] == "in")
    assert mine.kind is expected


def test_bookings_of_one_moment_without_a_number_stay_apart() -> None:
    row = {"symbol": "BTCUSDT", "incomeType": "REALIZED_PNL", "income": "1", "asset": "USDT", "time": AT}
    found = {one.external_id for trade in ("7", "8") for one in income.futures_row({**row, "tradeId": trade}, "x")}
    assert len(found) == 2


def test_a_move_between_wallets_is_the_same(ccxt: Any) -> None:
    row = {"timestamp": AT, "asset": "USDT", "amount": "25", "type": "MAIN_UMFUTURE", "status": "CONFIRMED"}
    row |= {"tranId": 43000126248}
    theirs = ccxt.parse_transfer(dict(row))
    legs = [one for one in transfers.move(row, futures=True) if isinstance(one, Transaction)]
    assert {(one.account, one.amount) for one in legs} == {("spot", Decimal(-25)), ("futures_usdm", Decimal(25))}
    for leg in legs:
        assert (leg.external_id, since_epoch(leg.booked_at)) == (theirs["id"], theirs["timestamp"])  # type: ignore[arg-type]
        assert (leg.asset, same(abs(leg.amount), theirs["amount"])) == (theirs["currency"], True)


def test_what_a_card_paid_left_no_wallet(ccxt: Any) -> None:
    row = {"orderType": "PAY", "transactionId": "M_1", "transactionTime": AT, "amount": "-23.5", "currency": "EUR"}
    [paid] = transfers.pay({**row, "walletType": 1})
    assert isinstance(paid, Transaction)
    assert same(paid.amount, ccxt.parse_transfer({**row, "walletType": 1})["amount"])
    assert [list(transfers.pay({**row, "walletType": card})) for card in (4, 6)] == [[], []]
    # What is refunded to a wallet comes in all the same.
    assert len(list(transfers.pay({**row, "amount": "5", "walletType": 1}))) == 1


@pytest.mark.parametrize("symbol", [None, "LTCUSDT"])
def test_interest_on_a_loan_is_the_same(ccxt: Any, symbol: str | None) -> None:
    row = {"txId": 1352286576452864727, "interestAccuredTime": AT, "asset": "USDT", "principal": "45.3"}
    row |= {"interest": "0.00024995", "interestRate": "0.00013233", "type": "ON_BORROW"}
    if symbol:
        row["isolatedSymbol"] = symbol
    theirs = ccxt.parse_borrow_interest(dict(row))
    [mine] = income.margin_interest(row)
    assert (since_epoch(mine.booked_at), mine.asset) == (theirs["timestamp"], theirs["currency"])  # type: ignore[arg-type]
    assert same(-mine.amount, theirs["interest"])
    assert mine.account == ("isolated_margin" if theirs["marginMode"] == "isolated" else "cross_margin")


@pytest.mark.parametrize(
    "row",
    [
        {"quoteId": "f3b9", "orderId": 940708407462087195, "orderStatus": "SUCCESS", "fromAsset": "USDT",
         "fromAmount": "20", "toAsset": "BNB", "toAmount": "0.0625", "ratio": "0.003125", "createTime": AT},
        {"tranId": 118263615991, "type": 244, "time": AT, "deductedAsset": "BUSD", "deductedAmount": "1",
         "targetAsset": "USDC", "targetAmount": "1", "status": "S", "accountType": "MAIN"},
    ],
)  # fmt: skip
def test_a_conversion_is_the_same(ccxt: Any, row: Row) -> None:
    theirs = ccxt.parse_conversion(dict(row))
    [mine] = trades.conversion(row)
    assert mine.external_id == f"convert:{theirs['id']}"
    assert (since_epoch(mine.at), mine.base, mine.quote) == (
        theirs["timestamp"], theirs["fromCurrency"], theirs["toCurrency"],
    )  # fmt: skip
    assert same(mine.quantity, theirs["fromAmount"])
    assert same(mine.quantity * mine.price, theirs["toAmount"])


@pytest.mark.parametrize("asset", ["LTC", "USDT", "GBP"])
def test_dust_is_the_same(ccxt: Any, asset: str) -> None:
    row = {
        "fromAsset": asset,
        "amount": "0.00966",
        "transferedAmount": "0.00002992",
        "serviceChargeAmount": "0.0000006",
    }
    row |= {"operateTime": str(AT), "transId": "71416578712"}
    if asset == "GBP":
        # flowd knows markets of BNB that this ccxt was not told of.
        ccxt.set_markets([*ccxt.markets.values(), market("BNBGBP", "BNB", "GBP")])
    theirs = ccxt.parse_dust_trade(dict(row))
    mine = trades.dust(row)
    assert (f"{mine.base}/{mine.quote}", mine.side.value, since_epoch(mine.at)) == (
        theirs["symbol"], theirs["side"], theirs["timestamp"],
    )  # fmt: skip
    assert same(mine.quantity, theirs["amount"])
    assert (same(mine.fee, theirs["fee"]["cost"]), mine.fee_asset) == (True, theirs["fee"]["currency"])


def margin_row(asset: str, free: str, locked: str, borrowed: str = "0", interest: str = "0") -> Row:
    return {"asset": asset, "free": free, "locked": locked, "borrowed": borrowed, "interest": interest}


PAPI = {
    "asset": "USDT", "totalWalletBalance": "122.6", "crossMarginAsset": "92.2", "crossMarginBorrowed": "10",
    "crossMarginFree": "90.2", "crossMarginInterest": "0.7", "crossMarginLocked": "2", "umWalletBalance": "20",
    "umUnrealizedPNL": "-3.7", "cmWalletBalance": "10.4", "cmUnrealizedPNL": "1.5", "updateTime": 0,
    "negativeBalance": "0",
}  # fmt: skip
MARGIN = [margin_row("BTC", "0.5", "0.1"), margin_row("USDT", "100", "5", "40", "0.25"), margin_row("VET", "0", "0")]
FUTURES = [
    {"asset": "USDT", "walletBalance": "72.7", "unrealizedProfit": "-2.2", "marginBalance": "70.5",
     "availableBalance": "60", "initialMargin": "10.5", "updateTime": AT},
    {"asset": "BTC", "walletBalance": "0", "unrealizedProfit": "0", "marginBalance": "0", "availableBalance": "0.001",
     "initialMargin": "0", "updateTime": 0},
]  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "answer", "how"),
    [
        (wallets.spot, {"balances": [{"asset": "LTC", "free": "1.5", "locked": "0.25"},
                                     {"asset": "LDO", "free": "7", "locked": "0"}]}, ("spot",)),
        (wallets.cross, {"userAssets": MARGIN}, ("margin",)),
        (wallets.isolated, {"assets": [{"symbol": "BTCUSDT", "baseAsset": MARGIN[0], "quoteAsset": MARGIN[1]},
                                       {"symbol": "VETUSDT", "baseAsset": MARGIN[2], "quoteAsset": MARGIN[1]}]},
         ("margin", "isolated")),
        (wallets.funding, [{"asset": "USDT", "free": "1", "locked": "2", "freeze": "3", "withdrawing": "4.5"}],
         ("funding",)),
        (lambda answer: wallets.futures(answer, Wallet.USDM), {"assets": FUTURES}, ("linear",)),
        (lambda answer: wallets.futures(answer, Wallet.COINM), {"assets": FUTURES}, ("inverse",)),
        (wallets.portfolio, [PAPI], ("papi", None, True)),
    ],
)  # fmt: skip
def test_a_wallet_holds_the_same(ccxt: Any, mine: Any, answer: Any, how: tuple[Any, ...]) -> None:
    theirs = {asset: total for asset, total in ccxt.parse_balance_custom(answer, *how)["total"].items() if total}
    held: dict[str, Decimal] = {}
    for account, holds in mine(answer).accounts.items():
        for asset, quantity in holds.items():
            # What is owed stands in an account of its own.
            held[asset] = held.get(asset, Decimal(0)) + (0 if account.endswith(":borrowed") else quantity)
    assert set(held) == set(theirs)
    assert all(same(held[asset], total) for asset, total in theirs.items())


def test_what_is_owed_is_taken_off_once() -> None:
    parts = wallets.portfolio([PAPI]).accounts
    assert {name: holds.get("USDT") for name, holds in parts.items()} == {
        "portfolio_margin": Decimal("92.2"),
        "portfolio_margin:usdm": Decimal("16.3"),
        "portfolio_margin:coinm": Decimal("11.9"),
        "portfolio_margin:borrowed": Decimal("-10.7"),
    }
