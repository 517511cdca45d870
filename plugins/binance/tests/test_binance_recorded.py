"""Every recorded answer becomes what ccxt makes of it, or is listed here with the reason why it does not."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.api import FlowClass, Record, Trade, Transaction
from flowd_binance import income, prices, trades, transfers, wallets
from flowd_binance.assets import contract, split
from flowd_binance.reading import since_epoch
from flowd_binance.settings import COINM_PART, DEBT, USDM_PART, Wallet

FILE = Path(__file__).parents[4] / "shared" / "data" / "exchanges" / "binance.subset.json"

#: What differs from ccxt on purpose, by method and description; "*" stands for all of a method's.
DIFFERS = {
    ("fetchMyTrades", "*"): "the id is behind the market's name, for Binance numbers each market's trades by itself",
    ("fetchPositions", "*"): "no record: an open position's gain is in the equity of its wallet (marginBalance)",
    ("fetchConvertQuote", "*"): "no record: an offer moves nothing",
    ("fetchLedger", "*"): "the id begins with ccxt's, which rows share: kind, market, asset and time follow it; "
    "amounts are signed, where ccxt tells the direction beside them",
    ("fetchFundingHistory", "*"): "the id begins with ccxt's, as in fetchLedger",
    ("fetchWithdrawals", "*"): "amounts are negative, for money goes out; the fee is a line of its own, negative too",
    ("fetchTransfers", "*"): "each side has its own sign; a futures wallet's side is in its income history",
    ("fetchBorrowInterest", "*"): "negative, for it is paid",
    ("fetchConvertTradeHistory", "*"): "the id is behind 'convert:'",
    ("fetchMyDustTrades", "*"): "the id is ccxt's order with the asset, for one order turns many; ccxt has none",
}


def cases() -> list[Any]:
    if not FILE.exists():
        return [pytest.param("", {}, marks=pytest.mark.skip(reason="no recorded answers beside the project"))]
    listed = json.loads(FILE.read_text(), parse_float=Decimal)["methods"]
    return [
        pytest.param(method, case, id=f"{method}: {case['description']}")
        for method, some in listed.items()
        for case in some
    ]


def near(one: object, other: object) -> bool:
    return Decimal(str(one)) == Decimal(str(other))


def stamp(record: Transaction | Trade) -> int:
    when = record.booked_at if isinstance(record, Transaction) else record.at
    return since_epoch(when)  # type: ignore[arg-type]


def totals(held: wallets.Held, *accounts: str) -> dict[str, Decimal]:
    """What is held in all, by asset, in the named accounts; in all but those of debts where none is named."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for account, holds in held.accounts.items():
        if account in accounts or (not accounts and not account.endswith(DEBT)):
            for asset, quantity in holds.items():
                found[asset] += quantity
    return found


def balance(case: Mapping[str, Any]) -> dict[str, Decimal]:
    params: dict[str, Any] = next((one for one in case["input"] if isinstance(one, dict)), {})
    kind, mode, answer = params.get("type"), params.get("marginMode"), case["httpResponse"]
    if kind == "papi" or params.get("portfolioMargin"):
        held = wallets.portfolio(answer)
        part = {"linear": USDM_PART, "inverse": COINM_PART}.get(str(params.get("subType")))
        if part is None and (mode == "cross" or kind == "margin"):
            part = ""
        return totals(held) if part is None else totals(held, f"{Wallet.PORTFOLIO}{part}")
    if mode == "isolated":
        return totals(wallets.isolated(answer))
    if kind == "margin" or mode == "cross":
        return totals(wallets.cross(answer))
    if kind == "funding":
        return totals(wallets.funding(answer))
    if kind in ("swap", "future", "delivery") or params.get("subType"):
        return totals(wallets.futures(answer, Wallet.USDM))
    return totals(wallets.spot(answer))


def check_balance(case: Mapping[str, Any]) -> None:
    mine = balance(case)
    theirs = {asset: total for asset, total in case["parsedResponse"]["total"].items() if total}
    assert set(mine) == set(theirs)
    for asset, total in theirs.items():
        assert near(mine[asset], total), asset


def check_trades(case: Mapping[str, Any]) -> None:
    for row, theirs in zip(case["httpResponse"], case["parsedResponse"], strict=True):
        future = ":" in theirs["symbol"]
        mine = trades.futures_trade(row, Wallet.USDM) if future else trades.spot_trade(row)
        assert mine.external_id == f"{row['symbol']}:{theirs['id']}"
        assert stamp(mine) == theirs["timestamp"]
        assert theirs["symbol"] == (mine.base if future else f"{mine.base}/{mine.quote}")
        assert mine.side == theirs["side"]
        assert near(mine.quantity, theirs["amount"])
        assert near(mine.price, theirs["price"])
        assert near(mine.fee, theirs["fee"]["cost"])
        assert mine.fee_asset == theirs["fee"]["currency"]
        if not mine.base.endswith(f":{mine.fee_asset}") or "USD:" not in mine.base:
            assert near(mine.quantity * mine.price, theirs["cost"])


def entries(answer: Any) -> list[dict[str, Any]]:
    """The rows of an answer, whatever they are wrapped in."""
    if isinstance(answer, list):
        return answer
    for name in ("data", "rows", "list", "userAssetDribblets"):
        if name in answer:
            return entries(answer[name])
    raise AssertionError(f"no rows in {list(answer)}")


def check_moves(kind: str, case: Mapping[str, Any]) -> None:
    sign = 1 if kind == "deposit" else -1
    for row, theirs in zip(entries(case["httpResponse"]), case["parsedResponse"], strict=True):
        if "orderNo" in row:
            records = list(transfers.fiat_order(row, 0 if sign > 0 else 1))
        else:
            records = list(transfers.deposit(row) if sign > 0 else transfers.withdrawal(row))
        if theirs["status"] not in ("ok", "pending"):
            assert not [one for one in records if isinstance(one, Transaction)]
            continue
        main, fees = booked(records)
        assert theirs["id"] is None or main.external_id == theirs["id"]
        assert stamp(main) == theirs["timestamp"]
        assert main.asset == theirs["currency"]
        assert near(main.amount, sign * theirs["amount"])
        assert main.pending == (theirs["status"] == "pending")
        if sign < 0 and theirs["fee"] and theirs["fee"]["cost"]:
            assert near(-fees, theirs["fee"]["cost"])


def booked(records: Iterable[Record]) -> tuple[Transaction, Decimal]:
    made = [one for one in records if isinstance(one, Transaction)]
    main = next(one for one in made if one.kind is not FlowClass.FEE)
    return main, sum((one.amount for one in made if one.kind is FlowClass.FEE), Decimal(0))


def check_ledger(case: Mapping[str, Any]) -> None:
    for row, theirs in zip(case["httpResponse"], case["parsedResponse"], strict=True):
        [mine] = income.futures_row(row, Wallet.USDM)
        assert str(mine.external_id).split(":")[0] == theirs["id"]
        assert stamp(mine) == theirs["timestamp"]
        assert mine.asset == (theirs.get("currency") or theirs.get("code"))
        direction = {"in": 1, "out": -1}.get(theirs.get("direction", ""), 1)
        assert near(mine.amount, direction * theirs["amount"])


def check_transfers(case: Mapping[str, Any]) -> None:
    for row, theirs in zip(entries(case["httpResponse"]), case["parsedResponse"], strict=True):
        paid = "transactionId" in row
        records = list(transfers.pay(row) if paid else transfers.move(row, futures=True))
        for mine in records:
            assert isinstance(mine, Transaction)
            assert mine.external_id == theirs["id"]
            assert stamp(mine) == theirs["timestamp"]
            assert mine.asset == theirs["currency"]
            assert near(mine.amount if paid else abs(mine.amount), theirs["amount"])
        assert paid or sum(one.amount for one in records if isinstance(one, Transaction)) == 0


def check_interest(case: Mapping[str, Any]) -> None:
    for row, theirs in zip(entries(case["httpResponse"]), case["parsedResponse"], strict=True):
        [mine] = income.margin_interest(row)
        assert stamp(mine) == theirs["timestamp"]
        assert mine.asset == theirs["currency"]
        assert near(-mine.amount, theirs["interest"])


def check_conversions(case: Mapping[str, Any]) -> None:
    parsed = case["parsedResponse"]
    rows = [case["httpResponse"]] if isinstance(parsed, dict) else entries(case["httpResponse"])
    for row, theirs in zip(rows, [parsed] if isinstance(parsed, dict) else parsed, strict=True):
        [mine] = trades.conversion(entries(row)[0] if "rows" in row else row)
        assert mine.external_id == f"convert:{theirs['id']}"
        assert stamp(mine) == theirs["timestamp"]
        assert (mine.base, mine.quote) == (theirs["fromCurrency"], theirs["toCurrency"])
        assert near(mine.quantity, theirs["fromAmount"])
        assert abs(mine.quantity * mine.price - Decimal(str(theirs["toAmount"]))) < Decimal("1e-15")


def check_dust(case: Mapping[str, Any]) -> None:
    details = [one for row in entries(case["httpResponse"]) for one in row["userAssetDribbletDetails"]]
    for row, theirs in zip(details, case["parsedResponse"], strict=True):
        mine = trades.dust(row)
        assert str(mine.external_id).split(":")[1] == theirs["order"]
        assert stamp(mine) == theirs["timestamp"]
        assert near(mine.fee, theirs["fee"]["cost"])
        assert near(mine.quantity, theirs["amount"])
        assert f"{mine.base}/{mine.quote}" == theirs["symbol"]


def check_candles(case: Mapping[str, Any]) -> None:
    rates = list(prices.closes(case["httpResponse"], "BTC", "USDT"))
    for rate, row, theirs in zip(rates, case["httpResponse"], case["parsedResponse"], strict=True):
        assert near(rate.value, theirs[4])
        # A candle's price is that of its end, where ccxt names it by its beginning.
        assert since_epoch(rate.at) == row[6] >= theirs[0]


CHECKS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "fetchBalance": check_balance,
    "fetchMyTrades": check_trades,
    "fetchDeposits": lambda case: check_moves("deposit", case),
    "fetchWithdrawals": lambda case: check_moves("withdrawal", case),
    "fetchLedger": check_ledger,
    "fetchFundingHistory": check_ledger,
    "fetchTransfers": check_transfers,
    "fetchBorrowInterest": check_interest,
    "fetchConvertTrade": check_conversions,
    "fetchConvertTradeHistory": check_conversions,
    "fetchMyDustTrades": check_dust,
    "fetchOHLCV": check_candles,
}


@pytest.mark.parametrize(("method", "case"), cases())
def test_a_recorded_answer_becomes_what_ccxt_makes_of_it(method: str, case: dict[str, Any]) -> None:
    check = CHECKS.get(method)
    if check is None:
        assert (method, "*") in DIFFERS or (method, case["description"]) in DIFFERS, "neither read nor explained"
        return
    check(case)


@pytest.mark.parametrize("method", ["fetchPositions"])
def test_open_positions_are_in_the_equity(method: str) -> None:
    answer = {"assets": [{"asset": "USDT", "walletBalance": "10", "unrealizedProfit": "-2.5", "marginBalance": "7.5"}]}
    assert wallets.futures(answer, Wallet.USDM).accounts == {Wallet.USDM: {"USDT": Decimal("7.5")}}


def test_what_is_owed_stands_beside_what_is_held() -> None:
    held = wallets.cross(
        {"userAssets": [{"asset": "USDT", "free": "5", "locked": "1", "borrowed": "4", "interest": "0.5"}]}
    )
    assert held.accounts == {Wallet.CROSS: {"USDT": Decimal(6)}, f"{Wallet.CROSS}{DEBT}": {"USDT": Decimal("-4.5")}}


def test_contracts_are_no_coins() -> None:
    assert contract("BTCUSDT", "USDT")[0] == "BTC/USDT:USDT"
    assert contract("ETHUSD_PERP", "ETH") == ("ETH/USD:ETH", "USD")
    assert split("LDOUSDT") == ("LDO", "USDT")


def test_a_worth_becomes_a_snapshot_in_dollars() -> None:
    listed = wallets.wallet_list(
        [
            {"activate": True, "balance": "12.5", "walletName": "Trading Bots"},
            {"activate": False, "balance": "0", "walletName": "Options"},
        ]
    )
    assert listed == {Wallet.BOTS: Decimal("12.5"), Wallet.OPTIONS: None}
    assert wallets.worth(listed, Wallet.BOTS).accounts == {Wallet.BOTS: {"USDT": Decimal("12.5")}}


def test_dust_of_a_quote_buys_bnb_and_other_dust_is_sold_for_it() -> None:
    row = {"amount": "0.009669", "transferedAmount": "0.00002992", "serviceChargeAmount": "0.00000059"}
    row |= {"operateTime": "1628076010000", "transId": "71416578712"}
    bought, sold = trades.dust({**row, "fromAsset": "USDT"}), trades.dust({**row, "fromAsset": "DOT"})
    assert (bought.base, bought.quote, bought.side, bought.quantity) == ("BNB", "USDT", "buy", Decimal("0.00002992"))
    assert (sold.base, sold.quote, sold.side, sold.quantity) == ("DOT", "BNB", "sell", Decimal("0.009669"))
    assert abs(bought.quantity * bought.price - Decimal("0.009669")) < Decimal("1e-25")


@pytest.mark.parametrize(
    ("kind", "row", "expected"),
    [
        (
            "deposit",
            {"amount": "0.01844487", "coin": "BCH", "status": 1, "insertTime": 1610784980000, "txId": "bafc"},
            [("bafc:BCH:1610784980000", "0.01844487", "deposit")],
        ),
        (
            "withdrawal",
            {
                "id": "69e53a",
                "amount": "28.75",
                "transactionFee": "0.25",
                "coin": "XRP",
                "status": 6,
                "applyTime": "2021-04-15 12:09:16",
            },
            [("69e53a", "-28.75", "withdrawal"), ("69e53a:fee", "-0.25", "fee")],
        ),
    ],
)
def test_old_answers_without_newer_fields_are_read(kind: str, row: dict[str, Any], expected: list[Any]) -> None:
    records = transfers.deposit(row) if kind == "deposit" else transfers.withdrawal(row)
    found = [(one.external_id, str(one.amount), one.kind) for one in records if isinstance(one, Transaction)]
    assert found == expected


def test_money_paid_with_binance_pay_goes_out_and_what_is_received_comes_in() -> None:
    row = {"orderType": "C2C", "transactionId": "M_P_1", "transactionTime": 1610090460133, "currency": "BNB"}
    [paid] = transfers.pay({**row, "amount": "-23.5", "walletType": 1, "receiverInfo": {"name": "Alan"}})
    [got] = transfers.pay({**row, "amount": "23.5", "walletType": 2, "payerInfo": {"name": "Jack"}})
    assert isinstance(paid, Transaction)
    assert isinstance(got, Transaction)
    assert (paid.account, paid.kind, paid.counterparty) == ("funding", FlowClass.WITHDRAWAL, "Alan")
    assert (got.account, got.kind, got.counterparty) == ("spot", FlowClass.DEPOSIT, "Jack")


def test_coins_bought_by_card_come_in_and_those_bought_with_a_balance_are_exchanged() -> None:
    row = {
        "orderNo": "1",
        "sourceAmount": "20",
        "fiatCurrency": "EUR",
        "obtainAmount": "4.46",
        "cryptoCurrency": "LUNA",
    }
    row |= {"status": "Completed", "createTime": 1624529919000}  # type: ignore[dict-item]
    card = list(transfers.fiat_payment({**row, "paymentMethod": "Credit Card"}, 0))
    own = list(transfers.fiat_payment({**row, "paymentMethod": "Cash Balance"}, 0))
    told = [
        [(one.asset, str(one.amount), one.kind) for one in some if isinstance(one, Transaction)] for some in (card, own)
    ]
    assert told[0] == [("LUNA", "4.46", FlowClass.DEPOSIT)]
    assert told[1] == [("LUNA", "4.46", FlowClass.FX), ("EUR", "-20", FlowClass.FX)]


def test_person_to_person_is_a_deposit_or_a_withdrawal_with_its_fee() -> None:
    row = {"orderNumber": "20", "asset": "USDT", "fiat": "EUR", "amount": "100", "totalPrice": "95", "createTime": 1}
    row |= {"orderStatus": "COMPLETED", "tradeType": "SELL", "commission": "0.1"}
    sold = [one for one in transfers.p2p(row) if isinstance(one, Transaction)]
    assert [(one.kind, str(one.amount)) for one in sold] == [(FlowClass.WITHDRAWAL, "-100"), (FlowClass.FEE, "-0.1")]
    assert list(transfers.p2p({**row, "orderStatus": "CANCELLED"})) == []


def test_a_move_from_another_account_of_the_owner_is_a_transfer() -> None:
    row = {
        "counterParty": "master",
        "type": 1,
        "asset": "BTC",
        "qty": "10",
        "status": "SUCCESS",
        "tranId": 11,
        "time": 5,
    }
    [got] = transfers.sub_account({**row, "fromAccountType": "SPOT", "toAccountType": "SPOT"})
    assert isinstance(got, Transaction)
    assert (got.account, got.kind, got.amount) == ("spot", FlowClass.TRANSFER, Decimal(10))
    assert list(transfers.sub_account({**row, "toAccountType": "USDT_FUTURE"})) == []
