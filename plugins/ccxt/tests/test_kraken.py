"""Kraken against a local server: one balance in two wallets, the ledger in pages, nonces that only rise."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

import flowd_ccxt
from flowd.api import (
    AuthError,
    Covers,
    FlowClass,
    PartlyRead,
    Rate,
    RetryLater,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.testing.harness import TICK, Harness, Ran
from flowd.testing.replay import Asked, Replay, Reply

NOW = TICK.timestamp()
SECRET = "c2VjcmV0LWIxOGRlMC1hbmQtbW9yZQ=="


def good(result: Any) -> Reply:
    return Reply(body={"error": [], "result": result})


def bad(text: str) -> Reply:
    return Reply(body={"error": [text]})


ASSETS = {
    name: {"aclass": "currency", "altname": alt, "decimals": 10, "display_decimals": 5, "status": "enabled"}
    for name, alt in (
        ("XXBT", "XBT"),
        ("ZEUR", "EUR"),
        ("ZUSD", "USD"),
        ("DOT", "DOT"),
        ("XETH", "ETH"),
        ("USDT", "USDT"),
    )
}


def pair(name: str, alt: str, base: str, quote: str) -> dict[str, Any]:
    row = {
        "altname": alt, "wsname": f"{base}/{quote}", "aclass_base": "currency", "base": base,
        "aclass_quote": "currency", "quote": quote, "pair_decimals": 1, "cost_decimals": 5,
        "lot_decimals": 8, "lot_multiplier": 1,
        "leverage_buy": [], "leverage_sell": [], "fees": [[0, 0.26]], "fees_maker": [[0, 0.16]], "ordermin": "0.0001",
        "costmin": "0.5", "tick_size": "0.1", "status": "online",
    }  # fmt: skip
    return {name: row}


PAIRS = {
    **pair("XXBTZEUR", "XBTEUR", "XXBT", "ZEUR"),
    **pair("XXBTZUSD", "XBTUSD", "XXBT", "ZUSD"),
    **pair("DOTEUR", "DOTEUR", "DOT", "ZEUR"),
    **pair("USDTZUSD", "USDTUSD", "USDT", "ZUSD"),
    **pair("EURUSD", "EURUSD", "ZEUR", "ZUSD"),
}
LAST = {"XXBTZEUR": "90000.1", "XXBTZUSD": "99000", "DOTEUR": "4.5", "USDTZUSD": "0.9991", "EURUSD": "1.1"}


def tickers(asked: Asked) -> Reply:
    names = asked.query["pair"].split(",")
    found = {name: row for name, row in PAIRS.items() if name in names or row["altname"] in names}
    rows = {
        name: {"a": [LAST[name], "1", "1"], "b": [LAST[name], "1", "1"], "c": [LAST[name], "1"], "v": ["1", "1"],
               "p": ["1", "1"], "t": [1, 1], "l": ["1", "1"], "h": ["1", "1"], "o": "1"}
        for name in found
    }  # fmt: skip
    return good(rows)


@pytest.fixture
def kraken() -> Iterator[Replay]:
    with Replay() as server:
        server.on("GET", "/0/public/Assets", good(ASSETS))
        server.on("GET", "/0/public/AssetPairs", good(PAIRS))
        server.on("GET", "/0/public/Ticker", tickers)
        server.on("GET", "/0/public/Time", lambda _: good({"unixtime": int(time.time()), "rfc1123": ""}))
        server.on("POST", "/0/private/TradeBalance", good({"eb": "1", "tb": "1", "n": "0.0"}))
        server.on("POST", "/0/private/BalanceEx", good({}))
        yield server


def harness(kraken: Replay, **more: object) -> Harness:
    return Harness(
        flowd_ccxt.CONNECTOR,
        {"exchange": "kraken", "key": "key-7f3a91c2", "secret": SECRET, "url": kraken.url, **more},
    )


def balance(**held: str) -> Reply:
    return good({name.replace("_", "."): {"balance": total, "hold_trade": "0"} for name, total in held.items()})


def test_one_balance_is_two_wallets_and_what_earns_is_the_asset_itself(kraken: Replay) -> None:
    kraken.on(
        "POST",
        "/0/private/BalanceEx",
        balance(
            XXBT="0.5", XBT_F="0.25", DOT28_S="100", ZEUR="12.3456", ETH2_S="1", KFEE="500", EUR_HOLD="1", AIRDROP="7"
        ),
    )
    kraken.on("POST", "/0/private/TradeBalance", good({"n": "-12.5"}))
    ran = harness(kraken, quote="EUR", ignore=["AIRDROP"]).sync("balances")
    assert ran.error is None
    assert {(one.account, one.asset): one.quantity for one in ran.of(Snapshot)} == {
        ("spot", "BTC"): Decimal("0.5"),
        ("spot", "EUR"): Decimal("13.3456"),
        ("earn", "BTC"): Decimal("0.25"),
        ("earn", "DOT"): Decimal(100),
        ("earn", "ETH"): Decimal(1),
        ("margin", "USD"): Decimal("-12.5"),
    }
    assert ran.batches[0].covers is Covers.CONNECTION
    rates = {(one.base, one.quote): one.value for one in ran.of(Rate)}
    assert rates[("DOT", "EUR")] == Decimal("4.5")
    assert rates[("BTC", "EUR")] == Decimal("90000.1")
    assert rates[("EUR", "USD")] == Decimal("1.1")
    assert "ETH" not in {base for base, _ in rates}


def test_only_the_quotes_that_are_used_are_asked_for(kraken: Replay) -> None:
    kraken.on("POST", "/0/private/BalanceEx", balance(DOT="5"))
    ran = harness(kraken, quote="EUR").sync("balances")
    assert {(one.base, one.quote) for one in ran.of(Rate)} == {("DOT", "EUR")}
    assert kraken.paths().count("GET /0/public/Ticker") == 1


def test_markets_are_loaded_once_for_as_long_as_the_connector_lives(kraken: Replay) -> None:
    kraken.on("POST", "/0/private/BalanceEx", balance(XXBT="1"))
    one = harness(kraken)
    one.sync("balances")
    one.sync("balances")
    assert kraken.paths().count("GET /0/public/AssetPairs") == 1


def ledger(rows: list[dict[str, Any]]) -> Any:
    """Answer as Kraken does: 50 lines from an offset, the newest first, the beginning excluded, the end included."""

    def answer(asked: Asked) -> Reply:
        begin, end = Decimal(asked.form["start"]), Decimal(asked.form["end"])
        found = [row for row in sorted(rows, key=lambda one: -one["time"]) if begin < Decimal(str(row["time"])) <= end]
        first = int(asked.form["ofs"])
        page = {row["id"]: {k: v for k, v in row.items() if k != "id"} for row in found[first : first + 50]}
        return good({"ledger": page, "count": len(found)})

    return answer


def line(
    name: str, sort: str, amount: str, *, asset: str = "XXBT", fee: str = "0", sub: str = "", ago: float = 3600.5
) -> dict[str, Any]:
    return {"id": name, "refid": f"r{name}", "time": NOW - ago, "type": sort, "subtype": sub, "aclass": "currency",
            "asset": asset, "amount": amount, "fee": fee, "balance": "0"}  # fmt: skip


LINES = [
    line("d", "deposit", "1.5"),
    line("w", "withdrawal", "-0.5", fee="0.0002"),
    line("s", "staking", "0.01", asset="DOT.S", fee="0.001"),
    line("e", "earn", "0.02", asset="DOT.S", sub="reward"),
    line("a", "earn", "-5", asset="DOT", sub="allocation"),
    line("b", "earn", "5", asset="DOT.S", sub="allocation"),
    line("t", "trade", "-100", asset="ZEUR", fee="0.2"),
    line("m", "margin", "7", asset="ZUSD", fee="0.5"),
    line("r", "rollover", "0", asset="ZUSD", fee="0.3"),
    line("v", "dividend", "2", asset="ZUSD"),
]


def test_the_ledger_is_income_and_moves_each_in_its_feed(kraken: Replay) -> None:
    kraken.on("POST", "/0/private/Ledgers", ledger(LINES))
    income = harness(kraken, since="2026-02-25").sync("income")
    assert income.error is None
    assert {one.external_id: (one.account, one.amount, one.asset, one.kind) for one in income.of(Transaction)} == {
        "s": ("earn", Decimal("0.009"), "DOT", FlowClass.STAKING),
        "e": ("earn", Decimal("0.02"), "DOT", FlowClass.STAKING),
        "m:pnl": ("spot", Decimal("6.5"), "USD", FlowClass.REALISED_PNL),
        "r:fee": ("spot", Decimal("-0.3"), "USD", FlowClass.FEE),
        "v": ("spot", Decimal(2), "USD", FlowClass.DIVIDEND),
    }
    moves = harness(kraken, since="2026-02-25").sync("transfers")
    assert {one.external_id: (one.account, one.amount, one.asset, one.kind) for one in moves.of(Transaction)} == {
        "d": ("spot", Decimal("1.5"), "BTC", FlowClass.DEPOSIT),
        "w": ("spot", Decimal("-0.5"), "BTC", FlowClass.WITHDRAWAL),
        "w:fee": ("spot", Decimal("-0.0002"), "BTC", FlowClass.FEE),
        "a": ("spot", Decimal(-5), "DOT", FlowClass.TRANSFER),
        "b": ("earn", Decimal(5), "DOT", FlowClass.TRANSFER),
    }


def test_every_page_of_the_ledger_is_read_and_a_resume_gives_the_same(kraken: Replay) -> None:
    rows = [line(f"n{number}", "staking", "1", ago=1800 + number * 18_000) for number in range(240)]
    kraken.on("POST", "/0/private/Ledgers", ledger(rows))
    one = harness(kraken, since="2025-10-05")
    full = one.sync("income")
    # What Kraken's counter takes for a page of the ledger, in milliseconds of its slowest tier.
    assert {weight for weight, _ in one.turns if weight > 1000} == {6000.0}
    names = {one.external_id for one in full.of(Transaction)}
    assert len(names) == 240
    assert len(full.batches) == 2
    part = harness(kraken, since="2025-10-05").sync("income", batches=1)
    rest = harness(kraken, since="2025-10-05").sync("income", part.cursor)
    assert {one.external_id for one in [*part.of(Transaction), *rest.of(Transaction)]} == names


def test_an_earlier_since_is_filled_in_once(kraken: Replay) -> None:
    rows = [line(f"n{number}", "staking", "1", ago=1800 + number * 18_000) for number in range(240)]
    kraken.on("POST", "/0/private/Ledgers", ledger(rows))
    first = harness(kraken).sync("income", None)
    late = harness(kraken, since="2026-02-20").sync("income")
    early = harness(kraken, since="2026-01-10").sync("income", late.cursor, batches=1)
    rest = harness(kraken, since="2026-01-10").sync("income", early.cursor)
    found = {one.external_id for ran in (late, early, rest) for one in ran.of(Transaction)}
    assert found == {one.external_id for one in first.of(Transaction)}
    assert {one.external_id for one in late.of(Transaction)} < found
    asked = len(kraken.asked)
    for since in ("2026-01-10", "2026-02-20"):
        assert len(harness(kraken, since=since).sync("income", rest.cursor).of(Transaction)) <= 1
    assert len(kraken.asked) - asked <= 4


def test_a_trade_has_its_fee_and_side(kraken: Replay) -> None:
    row = {"ordertxid": "O1", "pair": "XXBTZEUR", "time": NOW - 3600.25, "type": "sell", "ordertype": "limit",
           "price": "90000.1", "cost": "45000.05", "fee": "72.00008", "vol": "0.50000000",
           "margin": "0.0", "misc": ""}  # fmt: skip
    kraken.on("POST", "/0/private/TradesHistory", good({"trades": {"T1": row}, "count": 1}))
    ran = harness(kraken, since="2026-02-25").sync("trades")
    assert ran.error is None
    (trade,) = ran.of(Trade)
    assert (trade.external_id, trade.base, trade.quote, trade.side.value) == ("T1", "BTC", "EUR", "sell")
    assert (trade.quantity, trade.price, trade.fee, trade.fee_asset) == (
        Decimal("0.5"), Decimal("90000.1"), Decimal("72.00008"), "EUR",
    )  # fmt: skip


# --- Nonces and clocks -----------------------------------------------------------------------------------------------


class Counting:
    """A Kraken that refuses a nonce which is not above the last one."""

    def __init__(self) -> None:
        self.last = 0
        self.refused = 0

    def __call__(self, asked: Asked) -> Reply:
        nonce = int(asked.form["nonce"])
        if nonce <= self.last:
            self.refused += 1
            return bad("EAPI:Invalid nonce")
        self.last = nonce
        return balance(XXBT="1")


def exchange(kraken: Replay, now: Any) -> Harness:
    from flowd_ccxt.connector import Exchange
    from flowd_ccxt.maps.kraken import KRAKEN

    one = harness(kraken, wallets=["spot"])
    one.connector = Exchange(KRAKEN, one.config, now=now)
    return one


def nonce(ran: Ran) -> int:
    data = ran.cursor.data if ran.cursor is not None else None
    assert isinstance(data, dict)
    assert isinstance(data["nonce"], int)
    return data["nonce"]


def test_nonces_never_go_back_over_a_restart_with_the_clock_put_back(kraken: Replay) -> None:
    server = Counting()
    kraken.on("POST", "/0/private/BalanceEx", server)
    before = exchange(kraken, lambda: time.time() + 900).sync("balances")
    assert before.error is None
    after = exchange(kraken, lambda: time.time()).sync("balances", before.cursor)
    assert after.error is None
    assert server.refused == 0
    assert nonce(after) > nonce(before) > 0


def test_nonces_rise_while_the_clock_stands_still(kraken: Replay) -> None:
    server = Counting()
    kraken.on("POST", "/0/private/BalanceEx", server)
    one = exchange(kraken, lambda: 1_772_000_000.0)
    for _ in range(3):
        assert one.sync("balances").error is None
    assert server.refused == 0


def test_a_clock_that_is_behind_is_set_once_by_the_exchanges(kraken: Replay) -> None:
    server = Counting()
    server.last = int(time.time() * 1000) - 60_000
    kraken.on("POST", "/0/private/BalanceEx", server)
    one = exchange(kraken, lambda: time.time() - 7200)
    assert one.sync("balances").error is None
    assert one.sync("balances").error is None
    assert server.refused == 1
    assert kraken.paths().count("GET /0/public/Time") == 1


def test_a_nonce_that_another_feed_put_far_ahead_is_overtaken(kraken: Replay) -> None:
    server = Counting()
    server.last = int(time.time() * 1000) + 600_000
    kraken.on("POST", "/0/private/BalanceEx", server)
    assert exchange(kraken, time.time).sync("balances").error is None
    assert server.refused == 2


# --- Faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (bad("EAPI:Invalid key"), AuthError),
        (bad("EGeneral:Permission denied"), AuthError),
        (bad("EAPI:Rate limit exceeded"), RetryLater),
        (bad("EService:Unavailable"), RetryLater),
        (bad("EGeneral:Temporary lockout"), RetryLater),
        (bad("EQuery:something new"), RetryLater),
        (Reply(status=401, body="no"), AuthError),
        (Reply(status=403, body="no"), AuthError),
        (Reply(status=520, body="<html>"), RetryLater),
        (Reply(body="<html>"), RetryLater),
        (Reply(body={"error": []}), RetryLater),
        (Reply(body={"error": [], "result": []}), RetryLater),
        (Reply(body={"error": [], "result": {"XXBT": {"balance": "1"}, "DOT.S": 1, "X": {}, "ledger": 1}}), RetryLater),
        (Reply(drop=True), RetryLater),
    ],
)
def test_faults_say_what_happens_next(kraken: Replay, answer: Reply, error: type[Exception]) -> None:
    with kraken.failing(answer):
        for feed in ("balances", "income", "transfers"):
            ran = harness(kraken, since="2026-02-25").sync(feed)
            assert type(ran.error) is error, (feed, ran.error)
            assert ran.records == []
            for secret in ("key-7f3a91c2", SECRET):
                assert secret not in f"{ran.error}{ran.log}"


def test_prices_that_fail_do_not_take_the_balances_with_them(kraken: Replay) -> None:
    kraken.on("POST", "/0/private/BalanceEx", balance(XXBT="1"))
    kraken.on("GET", "/0/public/Ticker", Reply(status=503, body="down"))
    ran = harness(kraken).sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert "prices" in str(ran.error)
    assert [one.quantity for one in ran.of(Snapshot)] == [Decimal(1)]


def test_check_names_rights_unpriced_assets_and_what_is_not_read(kraken: Replay) -> None:
    kraken.on("POST", "/0/private/BalanceEx", balance(XXBT="1", SCAM="5"))
    kraken.on(
        "POST", "/0/private/GetApiKeyInfo",
        good({"api_key_name": "x", "permissions": ["query-funds", "withdraw-funds"], "valid_until": "1897026383"}),
    )  # fmt: skip
    found = harness(kraken).check()
    assert "withdraw" in found.permissions
    assert any("may withdraw" in text for text in found.warnings)
    assert any("SCAM" in text for text in found.warnings)
    assert any("krakenfutures" in text for text in found.unread)
    assert found.expires_at is not None

    kraken.on("POST", "/0/private/GetApiKeyInfo", bad("EGeneral:Permission denied"))
    assert any("does not say what the key may do" in text for text in harness(kraken).check().warnings)


def test_a_run_with_little_time_stops_after_a_window_and_goes_on_from_there(kraken: Replay) -> None:
    kraken.on("POST", "/0/private/Ledgers", ledger([line("old", "staking", "1", ago=150 * 86_400)]))
    first = harness(kraken).sync("income", seconds=9.0)
    assert first.error is None
    assert len(first.batches) == 1
    rest = harness(kraken).sync("income", first.cursor)
    assert {one.external_id for one in rest.of(Transaction)} == {"old"}
    assert harness(kraken).sync("income", rest.cursor, tick=TICK + timedelta(hours=1)).of(Transaction) == []
