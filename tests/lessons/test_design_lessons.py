"""What other projects paid for (DESIGN §9), held for the numbers flowd derives: lessons 1, 2, 6, 8 and 10.

Lessons 3, 4, 7, 9 and 11 are about running feeds and are held where feeds run; 5 is about returns.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from flowd.api import AccountInfo, AccountKind, Batch, Covers, FlowClass, Rate
from flowd.errors import BatchRefused
from flowd.storage.database import Database
from tests.deriving import SPOT, Store, reading, transaction


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def test_lesson_1_a_deposit_or_top_up_leaves_income_unchanged(store: Store) -> None:
    days = ("2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19")
    store.write("plain", SPOT, *(reading(f"{day}T20:00:00", str(1000 + n)) for n, day in enumerate(days)))
    store.write("topped-up", SPOT, *(reading(f"{day}T20:00:00", str(1000 + n)) for n, day in enumerate(days[:2])))
    store.write(
        "topped-up",
        transaction("2026-03-18", "5000", account="spot", kind=FlowClass.DEPOSIT),
        *(reading(f"{day}T20:00:00", str(6002 + n)) for n, day in enumerate(days[2:])),
    )
    store.derivation.catch_up()
    assert store.income("topped-up") == store.income("plain")
    assert store.income("plain")["2026-03-18"] == "1"


def test_lesson_1_own_legs_cancel_and_the_fee_between_them_does_not(store: Store) -> None:
    for account in ("main", "savings"):
        store.write("bank", AccountInfo(account=account, name=account, kind=AccountKind.BANK))
    store.write(
        "bank",
        transaction("2026-03-02", "-500", description="to the other"),
        transaction("2026-03-03", "500", account="savings", description="from the other"),
        transaction("2026-03-02", "-1.50", description="Gebühr"),
    )
    store.derivation.catch_up()
    assert store.rows("SELECT 1 FROM derived.income_daily") == []
    classes = store.rows("SELECT flow_class, sum(amount)::text FROM derived.flow GROUP BY 1 ORDER BY 1")
    assert classes == [("fee", "-1.5"), ("transfer", "0")]


def test_lesson_2_a_read_that_breaks_off_writes_no_zero(store: Store) -> None:
    store.write(
        "exchange", SPOT, reading("2026-03-19T20:00:00", "100"), reading("2026-03-19T20:00:00", "1", asset="BTC")
    )

    def broken() -> object:
        yield reading("2026-03-20T10:00:00", "101")
        raise BatchRefused("the source went away in the middle of its list")

    batch = Batch(records=broken(), covers=Covers.CONNECTION)  # type: ignore[arg-type]
    with pytest.raises(BatchRefused):
        store.rawlog.write_batch("exchange", batch, tick=store.clock.now(), now=store.clock.now())
    store.derivation.catch_up()
    assert store.rows("SELECT quantity::text FROM raw.snapshot ORDER BY 1") == [("1",), ("100",)]
    # and what was not read today is not known today
    assert "2026-03-20" not in store.income("exchange")


def test_lesson_2_an_asset_that_was_not_read_leaves_the_value_unknown_not_lower(store: Store) -> None:
    store.write("other", SPOT, reading("2026-03-17T20:00:00", "50"), reading("2026-03-18T20:00:00", "51"))
    store.write(
        "exchange", SPOT, reading("2026-03-17T20:00:00", "100"), reading("2026-03-17T20:00:00", "7", account="b")
    )
    store.write("exchange", AccountInfo(account="b", name="b", kind=AccountKind.WALLET_FUNDING))
    store.write("exchange", reading("2026-03-18T20:00:00", "101"))
    store.derivation.catch_up()
    assert store.income("exchange")["2026-03-18"] is None
    assert store.income("exchange", "quality")["2026-03-18"] == "stale"
    assert store.income("other")["2026-03-18"] == "1"


def test_lesson_6_no_sum_across_currencies_without_a_dated_rate(store: Store) -> None:
    store.write(
        "exchange", SPOT, reading("2026-03-18T20:00:00", "100"), reading("2026-03-18T20:00:00", "1", asset="USDT")
    )
    store.write("exchange", reading("2026-03-19T20:00:00", "100"), reading("2026-03-19T20:00:00", "3", asset="USDT"))
    store.derivation.catch_up()
    assert set(store.income("exchange").values()) == {None}
    assert store.rows("SELECT base, quote, days FROM derived.rate_missing") == [("USDT", "EUR", 2)]
    store.write("prices", Rate(base="USDT", quote="EUR", at=datetime(2026, 3, 18, tzinfo=UTC), value=Decimal("0.9")))
    store.derivation.catch_up()
    assert store.income("exchange")["2026-03-19"] == "1.8"


def test_lesson_8_gaps_stay_gaps_and_what_was_missed_is_caught_up(store: Store) -> None:
    store.write("exchange", SPOT, *(reading(f"2026-03-1{day}T20:00:00", str(day)) for day in (0, 1)))
    store.derivation.catch_up()
    assert [store.income("exchange")[f"2026-03-1{day}"] for day in (2, 3, 9)] == [None, None, None]
    # the daemon was away for days: the source still has its history
    store.clock.step(timedelta(days=3))
    store.write("exchange", *(reading(f"2026-03-1{day}T20:00:00", str(day * 2)) for day in range(2, 10)))
    store.derivation.catch_up()
    assert store.income("exchange")["2026-03-12"] == "3"
    assert store.income("exchange")["2026-03-19"] == "2"
    assert store.income("exchange")["2026-03-20"] is None


def test_lesson_10_a_reversal_stays_negative_and_a_replay_changes_nothing(store: Store) -> None:
    records = [
        transaction("2026-03-02", "12.34", description="Dividende ACME"),
        transaction("2026-03-05", "-12.34", description="Storno Dividende ACME"),
        transaction("2026-03-06", "-4", kind=FlowClass.INTEREST),
    ]
    store.write("bank", *records)
    store.derivation.catch_up()
    assert store.income("bank/dividend") == {"2026-03-02": "12.34", "2026-03-05": "-12.34"}
    assert store.income("bank/interest") == {"2026-03-06": "-4"}
    before = store.everything()
    store.write("bank", *records)
    assert store.rows("SELECT 1 FROM ops.pending") == []
    store.derivation.catch_up()
    store.derivation.rebuild()
    assert store.everything() == before
