"""What accounts were worth, what came and went, and why the rest changed: stored, added up, and followed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import AccountInfo, AccountKind, FlowClass, Rate
from flowd.storage.database import Database
from tests.deriving import SPOT, Store, reading, transaction


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def rows(store: Store, scope: str, name: str, *columns: str) -> dict[str, tuple[Any, ...]]:
    wanted = ", ".join(f"{column}::text" for column in columns)
    found = store.rows(
        f"SELECT day::text, {wanted} FROM derived.performance WHERE scope = '{scope}' AND name = '{name}' ORDER BY day"
    )
    return {row[0][8:]: row[1:] for row in found}


def wallet(account: str) -> AccountInfo:
    return AccountInfo(account=account, name=account, kind=AccountKind.WALLET_SPOT)


def rate(base: str, quote: str, day: int, value: str) -> Rate:
    return Rate(base=base, quote=quote, at=datetime(2026, 3, day, 18, tzinfo=UTC), value=Decimal(value))


def test_an_account_its_connection_its_group_and_everything(store: Store) -> None:
    store.write(
        "exchange",
        SPOT,
        reading("2026-03-17T20:00:00", "1000"),
        reading("2026-03-18T20:00:00", "1522"),
        reading("2026-03-19T20:00:00", "1218"),
        transaction("2026-03-18", "500", account="spot", kind=FlowClass.DEPOSIT),
        transaction("2026-03-18", "25", account="spot", kind=FlowClass.REALISED_PNL),
        transaction("2026-03-18", "-2", account="spot", kind=FlowClass.FEE),
        transaction("2026-03-19", "-304", account="spot", kind=FlowClass.WITHDRAWAL),
    )
    store.derivation.catch_up()
    expected = {
        "17": ("1000", "1000", "0", "0", "0", "0", "0"),
        "18": ("1522", "500", "22", "0.014666666666667", "25", "-2", "-1"),
        "19": ("1218", "-304", "0", "0", "0", "0", "0"),
    }
    columns = ("value", "flow", "pnl", "day_return", "income", "fees", "other")
    for scope, name in [
        ("account", "exchange/spot"), ("connection", "exchange"), ("group", "investments"), ("total", "")
    ]:  # fmt: skip
        assert rows(store, scope, name, *columns) == expected, scope
    assert rows(store, "total", "", "quality", "reason")["17"] == (
        "partial",
        "exchange: read for the first time: what was there counts as money from outside",
    )
    # today is not known yet
    assert "20" not in rows(store, "total", "", "value")


def test_gaps_are_spread_once_they_are_over_and_unknown_until_then(store: Store) -> None:
    store.write("exchange", SPOT, reading("2026-03-16T20:00:00", "1000"))
    store.derivation.catch_up()
    assert rows(store, "total", "", "value", "pnl", "day_return", "quality")["18"] == (None, None, None, "stale")
    assert rows(store, "connection", "exchange", "reason")["18"] == ("no reading that is new enough: spot EUR",)
    store.write("exchange", reading("2026-03-19T20:00:00", "1030"))
    store.derivation.catch_up()
    assert rows(store, "total", "", "value", "pnl", "day_return", "quality") == {
        "16": ("1000", "0", "0", "partial"),
        "17": ("1010", "10", "0.01", "spread"),
        "18": ("1020", "10", "0.00990099009901", "spread"),
        "19": ("1030", "10", "0.009803921568627", "spread"),
    }


def test_money_on_its_way_between_two_connections_is_no_loss(store: Store) -> None:
    for name in ("one", "two"):
        store.write(name, SPOT)
    for day in (16, 17, 18, 19):
        gone, come = day >= 17, day >= 18
        store.write("one", reading(f"2026-03-{day}T20:00:00", "600" if gone else "1000"))
        store.write("two", reading(f"2026-03-{day}T20:00:00", "700" if come else "300"))
    store.write("one", transaction("2026-03-17", "-400", account="spot", kind=FlowClass.TRANSFER))
    store.write("two", transaction("2026-03-18", "400", account="spot", kind=FlowClass.TRANSFER))
    store.derivation.catch_up()
    assert rows(store, "total", "", "value", "flow", "pnl", "day_return") == {
        "16": ("1300", "1300", "0", "0"),
        "17": ("900", "-400", "0", "0"),
        "18": ("1300", "400", "0", "0"),
        "19": ("1300", "0", "0", "0"),
    }
    # both legs on one day are no flow of the whole at all
    store.write("one", transaction("2026-03-19", "-50", account="spot", kind=FlowClass.TRANSFER))
    store.write("two", transaction("2026-03-19", "50", account="spot", kind=FlowClass.TRANSFER))
    store.write("one", reading("2026-03-19T21:00:00", "550"))
    store.write("two", reading("2026-03-19T21:00:00", "755"))
    store.derivation.catch_up()
    assert rows(store, "total", "", "value", "flow", "pnl")["19"] == ("1305", "0", "5")
    assert rows(store, "connection", "one", "flow")["19"] == ("-50",)


def test_price_and_currency_are_told_apart(store: Store) -> None:
    store.write("rates", rate("BTC", "USD", 17, "100"), rate("EUR", "USD", 17, "1.25"))
    store.write("rates", rate("BTC", "USD", 18, "110"), rate("EUR", "USD", 18, "1"))
    for day in (17, 18):
        store.write(
            "exchange",
            SPOT,
            reading(f"2026-03-{day}T20:00:00", "2", asset="BTC"),
            reading(f"2026-03-{day}T20:00:00", "50", asset="USD"),
        )
    store.derivation.catch_up()
    # 2 BTC: 2 * 10 USD * 0.8 by price, 2 * 110 USD * 0.2 by the dollar; 50 USD * 0.2 by the dollar
    found = rows(store, "account", "exchange/spot", "value", "pnl", "price", "fx", "other")
    assert found["17"] == ("200", "0", "0", "0", "0")
    assert found["18"] == ("270", "70", "16", "54", "0")


def test_a_missing_rate_leaves_the_total_unknown_and_says_whose_it_is(store: Store) -> None:
    for name, asset in (("one", "EUR"), ("two", "XYZ")):
        store.write(name, SPOT, *(reading(f"2026-03-{day}T20:00:00", "10", asset=asset) for day in (18, 19)))
    store.derivation.catch_up()
    assert rows(store, "connection", "one", "value")["19"] == ("10",)
    assert rows(store, "total", "", "value", "pnl", "quality", "reason")["19"] == (
        None, None, "partial", "two: no rate: XYZ"
    )  # fmt: skip
    store.write("rates", rate("XYZ", "EUR", 18, "2"))
    store.derivation.catch_up()
    assert rows(store, "total", "", "value", "pnl", "quality", "reason")["19"] == ("30", "0", "exact", "")


def test_without_a_base_above_zero_there_is_no_return(store: Store) -> None:
    readings = {16: "100", 17: "0", 18: "0", 19: "-5"}
    store.write("exchange", SPOT, *(reading(f"2026-03-{day}T20:00:00", held) for day, held in readings.items()))
    store.write("exchange", transaction("2026-03-17", "-101", account="spot", kind=FlowClass.WITHDRAWAL))
    store.derivation.catch_up()
    nothing = "nothing was invested, so there is no return"
    assert rows(store, "connection", "exchange", "pnl", "day_return", "reason") == {
        "16": ("0", "0", "read for the first time: what was there counts as money from outside"),
        "17": ("1", "0.01", ""),
        "18": ("0", None, nothing),
        "19": ("-5", None, nothing),
    }


def test_groups_follow_how_streams_are_shown_and_the_method_does_not_matter(store: Store) -> None:
    for name in ("one", "two"):
        store.write(name, SPOT, reading("2026-03-19T20:00:00", "10"))
    store.set(connections={"two": {"type": "any", "income": "ledger"}})
    store.derivation.catch_up()
    groups = "SELECT name, value::text FROM derived.performance WHERE scope = 'group' ORDER BY 1"
    assert store.rows(groups) == [("investments", "20")]
    store.set(
        connections={"two": {"type": "any", "income": "ledger"}},
        streams={"two": {"group": "play"}},
    )
    assert not store.derivation.catch_up().rebuilt
    assert store.rows(groups) == [("investments", "10"), ("play", "10")]


def test_what_is_worth_nothing_any_more_leaves_no_rows(store: Store) -> None:
    store.write("bank", wallet("main"), reading("2026-03-19T20:00:00", "10", account="main"))
    store.derivation.catch_up()
    assert rows(store, "total", "", "value") == {"19": ("10",)}
    store.write("bank", AccountInfo(account="main", name="Giro", kind=AccountKind.BANK))
    store.derivation.catch_up()
    assert store.rows("SELECT * FROM derived.performance") == []
    store.set(analytics={"performance": {"enabled": False}})
    store.derivation.catch_up()


def test_pnl_is_the_income_by_value_also_of_several_accounts_across_gaps(store: Store) -> None:
    store.write("exchange", *(wallet(account) for account in ("spot", "futures", "earn")))
    for day, spot, futures, earn in (
        (2, "100", "33.33", None),
        (3, "101.7", "30", None),
        (6, "111.11", "31", None),
        (7, "90", "28", "20"),
        (10, "99.99999999", "10", "27"),
        (13, "100", "11", "31"),
    ):
        for account, quantity in (("spot", spot), ("futures", futures), ("earn", earn)):
            if quantity is not None:
                store.write("exchange", reading(f"2026-03-{day:02}T20:00:00", quantity, account=account))
    store.write("exchange", transaction("2026-03-09", "7.77", account="earn", kind=FlowClass.DEPOSIT))
    store.write("exchange", transaction("2026-03-12", "1", account="never read", kind=FlowClass.DEPOSIT))
    store.derivation.catch_up()
    income = store.income("exchange")
    assert {day[8:]: (pnl,) for day, pnl in income.items()} == rows(store, "connection", "exchange", "pnl")
    sums = store.rows(
        "SELECT count(*) FROM derived.performance c JOIN ("
        " SELECT day, sum(value) AS value, sum(flow) AS flow, sum(pnl) AS pnl, sum(other) AS other, count(value) AS n"
        " FROM derived.performance WHERE scope = 'account' GROUP BY day) a USING (day)"
        " WHERE c.scope = 'connection' AND (c.value, c.flow, c.pnl, c.other) = (a.value, a.flow, a.pnl, a.other)"
        " AND c.pnl = c.income + c.price + c.fx + c.fees + c.other"
    )
    assert sums == [(12,)]
    chained = store.rows(
        "SELECT count(*), count(*) FILTER (WHERE value - before - flow = pnl) FROM ("
        " SELECT *, lag(value, 1, 0) OVER (PARTITION BY scope, name ORDER BY day) AS before"
        " FROM derived.performance WHERE value IS NOT NULL) chained"
    )
    assert chained[0][0] == chained[0][1] > 40


def test_the_report_links_the_days_and_begins_anew_where_the_chain_breaks(store: Store) -> None:
    held = {7: "-5", 8: "10", 9: "100", 10: "110", 11: "88", 12: "0", 13: "0", 14: "50", 15: "55"}
    store.write("exchange", SPOT, *(reading(f"2026-03-{day:02}T20:00:00", value) for day, value in held.items()))
    store.write("exchange", transaction("2026-03-12", "-88", account="spot", kind=FlowClass.WITHDRAWAL))
    store.write("exchange", transaction("2026-03-14", "50", account="spot", kind=FlowClass.DEPOSIT))
    store.write("exchange", transaction("2026-03-09", "90", account="spot", kind=FlowClass.DEPOSIT))
    store.derivation.catch_up()
    with store.database.transaction() as session:
        found = session.execute(
            "SELECT extract(day FROM day)::int, trim_scale(twr)::text, extract(day FROM twr_since)::int,"
            " trim_scale(drawdown)::text FROM report.performance WHERE scope = 'total'"
            " AND day < '2026-03-16' ORDER BY day"
        ).fetchall()
    assert found == [
        (7, None, None, None),
        (8, None, None, None),
        (9, "0", 9, "0"),
        (10, "0.1", 9, "0"),
        (11, "-0.12", 9, "-0.2"),
        (12, "-0.12", 9, "-0.2"),
        # nothing was there, and nothing came: the chain goes on when something does
        (13, "-0.12", 9, "-0.2"),
        (14, "-0.12", 9, "-0.2"),
        (15, "-0.032", 9, "-0.12"),
    ]


def test_a_rate_that_only_the_worth_needs_is_asked_for(store: Store) -> None:
    store.set(connections={"exchange": {"type": "any", "income": "ledger"}})
    store.write("exchange", SPOT, *(reading(f"2026-03-{day}T20:00:00", "10", asset="XYZ") for day in (18, 19)))
    store.derivation.catch_up()
    assert [gap[:2] for gap in store.derivation.missing_rates()] == [("XYZ", "EUR")]
    store.write("rates", rate("XYZ", "EUR", 18, "2"))
    store.derivation.catch_up()
    assert store.derivation.missing_rates() == []
    assert rows(store, "total", "", "value")["19"] == ("20",)
