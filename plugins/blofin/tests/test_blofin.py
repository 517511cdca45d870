"""BloFin against a local server: wallets, paging, resuming, faults, clocks, and what never leaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import flowd_blofin
from flowd.api import (
    AccountInfo,
    AuthError,
    Covers,
    FlowClass,
    PartlyRead,
    Rate,
    Removal,
    RetryLater,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Asked, Replay, Reply

pytest_plugins = ("blofin_server",)
NOW = round(TICK.timestamp() * 1000)
DAY = 86_400_000


def good(data: Any) -> Reply:
    return Reply(body={"code": "0", "msg": "success", "data": data})


def bad(code: str, message: str) -> Reply:
    return Reply(body={"code": code, "msg": message, "data": None})


def equity(*rows: tuple[str, str]) -> Reply:
    return good({"details": [{"currency": name, "equity": total, "available": "0"} for name, total in rows]})


def harness(config: Mapping[str, object], **more: object) -> Harness:
    return Harness(flowd_blofin.CONNECTOR, {**config, **more})


def balances(by_wallet: Mapping[str, Reply]) -> Any:
    return lambda asked: by_wallet.get(asked.query["accountType"], good([]))


def test_every_wallet_becomes_an_account_at_its_equity(blofin: Replay, config: dict[str, object]) -> None:
    blofin.on(
        "GET",
        "/api/v1/asset/balances",
        balances({"funding": good([{"currency": "USDT", "balance": "10.5"}, {"currency": "DUST", "balance": "1"}])}),
    )
    blofin.on(
        "GET",
        "/api/v1/account/balance",
        lambda asked: equity(("BTC", "0.5")) if asked.query["productType"] == "COIN-FUTURES" else equity(("USDT", "7")),
    )
    blofin.on("GET", "/api/v1/copytrading/account/balance", equity(("USDT", "3.25")))
    tickers = [{"instId": "BTC-USDT", "last": "60000.5", "ts": str(NOW)}, {"instId": "X-USDT", "last": "0", "ts": "1"}]
    blofin.on("GET", "/api/v1/spot/market/tickers", good(tickers))

    ran = harness(config, ignore=["DUST"]).sync("balances")

    assert ran.error is None
    assert {(one.account, one.asset): one.quantity for one in ran.of(Snapshot)} == {
        ("funding", "USDT"): Decimal("10.5"),
        ("futures", "USDT"): Decimal(7),
        ("copy_trading", "USDT"): Decimal("3.25"),
        ("inverse_contract", "BTC"): Decimal("0.5"),
    }
    assert {one.account for one in ran.of(AccountInfo)} == {
        "funding", "futures", "copy_trading", "earn", "spot", "inverse_contract",
    }  # fmt: skip
    assert [(one.base, one.quote, one.value, one.at) for one in ran.of(Rate)] == [
        ("BTC", "USDT", Decimal("60000.5"), TICK)
    ]
    assert [one.covers for one in ran.batches] == [Covers.CONNECTION]


def test_a_unified_account_is_not_counted_twice(blofin: Replay, config: dict[str, object]) -> None:
    blofin.on("GET", "/api/v1/account/balance", equity(("USDT", "7")))
    blofin.on("GET", "/api/v1/account/config", good({"accountLevel": "3"}))
    ran = harness(config).sync("balances")
    assert [(one.account, one.quantity) for one in ran.of(Snapshot)] == [("futures", Decimal(7))]
    assert ran.batches[0].covers is Covers.ITS_ACCOUNTS


def test_a_wallet_that_fails_keeps_its_value_and_the_others_land(blofin: Replay, config: dict[str, object]) -> None:
    one = harness(config)
    first = one.sync("balances")
    blofin.on("GET", "/api/v1/account/balance", equity(("USDT", "7")))
    blofin.on("GET", "/api/v1/asset/balances", balances({"earn": Reply(status=502, body="<html>bad gateway</html>")}))
    second = one.sync("balances", first.cursor)
    assert isinstance(second.error, PartlyRead)
    assert "earn" in str(second.error)
    assert second.batches[0].covers is Covers.ITS_ACCOUNTS
    assert "earn" not in {info.account for info in second.of(AccountInfo)}
    assert next((s.account, s.quantity) for s in second.of(Snapshot)) == ("futures", Decimal(7))

    blofin.on("GET", "/api/v1/asset/balances", good([]))
    assert one.sync("balances", second.cursor).error is None


def test_a_wallet_never_opened_is_said_and_one_that_was_there_is_missed(
    blofin: Replay, config: dict[str, object]
) -> None:
    refused = bad("152002", "Parameter accountType error.")
    blofin.on("GET", "/api/v1/asset/balances", balances({"earn": refused}))
    blofin.on("GET", "/api/v1/account/balance", equity(("USDT", "7")))
    ran = harness(config).sync("balances")
    assert ran.error is None
    assert ran.batches[0].covers is Covers.ITS_ACCOUNTS
    assert any(line.startswith("earn: ") for line in harness(config).check().unread)

    blofin.on("GET", "/api/v1/asset/balances", balances({"spot": refused}))
    later = harness(config).sync("balances", ran.cursor)
    assert isinstance(later.error, PartlyRead)
    assert "spot" in str(later.error)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (bad("152409", "Signature verification failed"), AuthError, "Signature"),
        (bad("152401", "Access key does not exist"), AuthError, "key"),
        (bad("152404", "This operation is not supported"), AuthError, "right"),
        (Reply(status=401, body={"code": "401", "msg": "x"}), AuthError, ""),
        (bad("429", "Too Many Requests"), RetryLater, "too many"),
        (Reply(status=429, body="slow down", headers={"Retry-After": "77"}), RetryLater, ""),
        (Reply(status=403, body="<html>firewall</html>"), RetryLater, ""),
        (Reply(status=503, body="maintenance"), RetryLater, ""),
        (bad("500", "Internal Server Error"), RetryLater, ""),
        (Reply(body="<html>hello</html>"), RetryLater, "JSON"),
        (Reply(body=b'{"code":"0","data":[{"curr', cut=20), RetryLater, ""),
        (Reply(body={"msg": "success"}), RetryLater, "code"),
        (Reply(body={"code": "0", "msg": "success"}), RetryLater, "data"),
        (good([{"currency": "USDT"}]), RetryLater, ""),
        (good([{"currency": "USDT", "balance": "NaN", "equity": "x"}]), RetryLater, ""),
        (good("nothing"), RetryLater, ""),
        (Reply(drop=True), RetryLater, ""),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:1/steal"}), RetryLater, ""),
    ],
)
@pytest.mark.parametrize("feed", ["balances", "transfers"])
def test_faults_say_what_happens_next_and_nothing_is_written(
    feed: str, answer: Reply, error: type[Exception], says: str, blofin: Replay, config: dict[str, object]
) -> None:
    with blofin.failing(answer):
        ran = harness(config, since="2026-02-01").sync(feed)
    assert type(ran.error) is error, ran.error
    assert says.lower() in str(ran.error).lower()
    assert ran.records == []
    for secret in ("key-7f3a91c2", "secret-b18de0", "phrase-55aa"):
        assert secret not in f"{ran.error}{ran.log}{ran.cursor}"


def test_the_pause_a_source_asks_for_is_kept(blofin: Replay, config: dict[str, object]) -> None:
    with blofin.failing(Reply(status=429, body="slow down", headers={"Retry-After": "77"})):
        error = harness(config).sync("balances").error
    assert isinstance(error, RetryLater)
    assert error.after == timedelta(seconds=77)
    with blofin.failing(Reply(status=403, body="<html>firewall</html>")):
        error = harness(config).sync("balances").error
    assert isinstance(error, RetryLater)
    assert error.after == timedelta(minutes=5)


def bills(count: int, *, per_moment: int = 1) -> list[dict[str, str]]:
    return [
        {
            "transferId": f"t{number}", "currency": "USDT", "fromAccount": "funding", "toAccount": "futures",
            "amount": f"{number + 1}", "ts": str(NOW - 5 * DAY - (number // per_moment) * 60_000), "clientId": "",
        }
        for number in range(count)
    ]  # fmt: skip


def paged(rows: list[dict[str, str]], limit: int = 100) -> Any:
    def answer(asked: Asked) -> Reply:
        newer, older = int(asked.query["before"]), int(asked.query["after"])
        return good([row for row in rows if newer < int(row["ts"]) < older][:limit])

    return answer


def test_pages_are_read_to_their_end_and_a_resume_gives_the_same(blofin: Replay, config: dict[str, object]) -> None:
    blofin.on("GET", "/api/v1/asset/bills", paged(bills(350, per_moment=3)))
    one = harness(config, since="2025-11-05")
    full = one.sync("transfers")
    assert full.error is None
    assert len({record.external_id for record in full.of(Transaction)}) == 700
    for stop in range(1, len(full.batches) + 1):
        part = harness(config, since="2025-11-05").sync("transfers", batches=stop)
        rest = harness(config, since="2025-11-05").sync("transfers", part.cursor)
        merged = {r.external_id: r for r in [*part.of(Transaction), *rest.of(Transaction)]}
        assert merged == {r.external_id: r for r in full.of(Transaction)}
    again = one.sync("transfers", full.cursor)
    assert again.of(Transaction) == []
    assert len(json.dumps(full.cursor.data if full.cursor else None)) < 2_000


def test_pages_that_repeat_themselves_end(blofin: Replay, config: dict[str, object]) -> None:
    same = bills(100, per_moment=100)
    blofin.on("GET", "/api/v1/asset/bills", good(same))
    ran = harness(config, since="2026-02-01").sync("transfers")
    assert ran.error is None
    assert len({r.external_id for r in ran.of(Transaction)}) == 200


def test_what_is_pending_is_read_again_until_it_is_settled_or_gone(blofin: Replay, config: dict[str, object]) -> None:
    def withdrawal(name: str, state: str, days: int) -> dict[str, str]:
        return {"currency": "USDT", "chain": "Tron (TRC20)", "address": "T", "txId": "x", "type": "0", "amount": "29",
                "fee": "1", "feeCurrency": "USDT", "state": state, "ts": str(NOW - days * DAY),
                "withdrawId": name}  # fmt: skip

    path = "/api/v1/asset/withdrawal-history"
    blofin.on("GET", path, paged([withdrawal("late", "7", 1), withdrawal("lost", "0", 2), withdrawal("done", "3", 3)]))
    one = harness(config, since="2026-02-01")
    first = one.sync("transfers")
    assert {r.external_id: (r.amount, r.pending) for r in first.of(Transaction)} == {
        "late": (Decimal(-29), True), "late:fee": (Decimal(-1), True),
        "lost": (Decimal(-29), True), "lost:fee": (Decimal(-1), True),
        "done": (Decimal(-29), False), "done:fee": (Decimal(-1), False),
    }  # fmt: skip
    blofin.on("GET", path, paged([withdrawal("late", "3", 1), withdrawal("lost", "4", 2), withdrawal("done", "3", 3)]))
    second = one.sync("transfers", first.cursor, tick=TICK + timedelta(hours=1))
    assert {r.external_id: r.pending for r in second.of(Transaction)} == {"late": False, "late:fee": False}
    assert [r.external_id for r in second.of(Removal)] == ["lost", "lost:fee"]
    third = one.sync("transfers", second.cursor, tick=TICK + timedelta(hours=2))
    assert third.records == []


def fill(name: str, pnl: str, fee: str, *, market: str = "BTC-USDT", at: int = NOW - DAY) -> dict[str, str]:
    return {"instId": market, "tradeId": name, "orderId": "1", "fillPrice": "60000", "fillSize": "2", "fillPnl": pnl,
            "positionSide": "net", "side": "sell", "fee": fee, "ts": str(at), "brokerId": ""}  # fmt: skip


def test_fills_realise_net_of_fees_and_contracts_are_no_coins(blofin: Replay, config: dict[str, object]) -> None:
    fills = [
        fill("1", "12.5", "0.5"),
        fill("2", "0", "0.3"),
        fill("3", "-4", "-0.1"),
        fill("4", "0", "0", market="OLD-USDT"),
    ]
    blofin.on("GET", "/api/v1/trade/fills-history", good(fills))
    income = harness(config, since="2026-02-01").sync("income")
    assert {r.external_id: (r.amount, r.kind) for r in income.of(Transaction)} == {
        "1:pnl": (Decimal("12.0"), FlowClass.REALISED_PNL),
        "2:fee": (Decimal("-0.3"), FlowClass.FEE),
        "3:pnl": (Decimal("-3.9"), FlowClass.REALISED_PNL),
    }
    assert income.of(Transaction)[0].raw == {"gross": "12.5", "fee": "0.5"}
    trades = {r.external_id: r for r in harness(config, since="2026-02-01").sync("trades").of(Trade)}
    assert (trades["1"].base, trades["1"].quantity, trades["1"].fee) == ("BTC/USDT:USDT", Decimal(2), Decimal("0.5"))
    assert (trades["4"].base, trades["4"].quantity, trades["4"].fee_asset) == ("OLD/USDT:USDT", Decimal(2), "USDT")


def test_hostile_values_pass_or_are_refused_by_name(blofin: Replay, config: dict[str, object]) -> None:
    held = [
        {"currency": "DOGE💎", "balance": "1e-18"},
        {"currency": "币安", "balance": "-3"},
        {"currency": "SHIB", "balance": "999999999999999999999.123456789012345678"},
        {"currency": "NIL", "balance": "0.000000000000000000"},
    ]
    blofin.on("GET", "/api/v1/asset/balances", balances({"spot": good(held)}))
    ran = harness(config).sync("balances")
    assert ran.error is None
    assert {one.asset: one.quantity for one in ran.of(Snapshot)} == {
        "DOGEU1F48E": Decimal("1e-18"),
        "U5E01U5B89": Decimal(-3),
        "SHIB": Decimal("999999999999999999999.123456789012345678"),
    }
    blofin.on("GET", "/api/v1/asset/balances", balances({"spot": good([{"currency": "BIG", "balance": "1e30"}])}))
    ran = harness(config).sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert "spot" in str(ran.error)


def test_a_clock_that_is_wrong_is_set_by_the_answers_date(blofin: Replay, config: dict[str, object]) -> None:
    from flowd_blofin.profile import BLOFIN
    from flowd_ccxt.connector import Exchange

    one = harness(config)
    real = __import__("time").time
    one.connector = Exchange(BLOFIN, one.config, now=lambda: real() - 3_600)
    stamps: list[int] = []

    def strict(asked: Asked) -> Reply:
        stamps.append(int(asked.headers["access-timestamp"]))
        late = abs(stamps[-1] - real() * 1000) > 60_000
        return bad("152405", "Timestamp in header or signature has expired") if late else good([])

    blofin.on("GET", "/api/v1/asset/balances", strict)
    assert one.sync("balances").error is None
    assert abs(stamps[-1] - real() * 1000) < 5_000
    assert len(set(stamps)) == len(stamps)
    warnings = one.check().warnings
    assert any("clock is 3600 s behind" in text or "clock is 3599 s behind" in text for text in warnings), warnings


def test_check_says_what_the_key_may_do_and_when_it_ends(blofin: Replay, config: dict[str, object]) -> None:
    found = harness(config).check()
    assert (list(found.permissions), found.expires_at) == (["read"], datetime.fromisoformat("2030-02-11T07:46:23.085Z"))
    assert not any("may trade" in text for text in found.warnings)
    assert len(found.covers) == 6
    assert any("bots" in text for text in found.unread)
    blofin.on("GET", "/api/v1/user/query-apikey", good({"readOnly": 0, "ips": [], "expireTime": "0"}))
    found = harness(config).check()
    assert any("may trade and transfer" in text for text in found.warnings)
    assert found.expires_at is None


def test_the_keys_end_is_told_while_there_is_time(blofin: Replay, config: dict[str, object]) -> None:
    ran = harness(config, since="2026-02-20").sync("transfers")
    assert [at.year for at in ran.expires] == [2030]


def test_requests_weigh_what_the_exchange_publishes(blofin: Replay, config: dict[str, object]) -> None:
    one = harness(config, since="2026-02-01")
    one.sync("trades")
    assert {weight for weight, _ in one.turns} == {200.0, 334.0}


def test_nothing_secret_is_shown(config: dict[str, object]) -> None:
    one = harness(config)
    for secret in ("key-7f3a91c2", "secret-b18de0", "phrase-55aa"):
        assert secret not in f"{one.config!r} {one.connector!r} {vars(one.connector)!r}"
