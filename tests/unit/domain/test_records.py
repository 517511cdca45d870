"""What records refuse, and that they say why."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from flowd.domain.flows import AccountKind, FlowClass, Side
from flowd.domain.records import AccountInfo, Cursor, Event, Rate, Snapshot, Trade, Transaction

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snapshot(**changes: Any) -> Snapshot:
    return Snapshot(**{"account": "spot", "asset": "BTC", "quantity": Decimal("0.5"), "at": AT, **changes})


def transaction(**changes: Any) -> Transaction:
    known = {"account": "main", "external_id": "t1", "booked_at": AT, "amount": Decimal("-12.30"), "asset": "EUR"}
    return Transaction(**{**known, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantity": 0.5}, "never a float"),
        ({"quantity": Decimal("NaN")}, "finite"),
        ({"quantity": Decimal("-Infinity")}, "finite"),
        ({"quantity": Decimal("1e30")}, "absurdly large"),
        ({"quantity": Decimal("1E+99999999")}, "absurdly large"),
        ({"quantity": Decimal("1e-31")}, "decimal places"),
        ({"quantity": 1}, "Decimal"),
        ({"at": datetime(2026, 3, 1)}, "no time zone"),
        ({"at": datetime(1, 1, 1, tzinfo=UTC)}, "out of range"),
        ({"at": "2026-03-01"}, "must be a datetime"),
        ({"asset": "btc"}, "capital letters"),
        ({"asset": ""}, "asset"),
        ({"asset": 7}, "must be a string"),
        ({"account": " "}, "non-empty"),
        ({"account": "a\x00b"}, "NUL"),
        ({"account": "x" * 201}, "longer than"),
        ({"account": "\ud800"}, "half a character"),
    ],
)
def test_a_bad_snapshot_is_refused_with_its_reason(changes: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        snapshot(**changes)


@pytest.mark.parametrize("quantity", ["0", "-0.00", "1e-18", "999999999999999999999999999999.9", "-3.5"])
def test_odd_but_possible_quantities_are_kept_as_they_are(quantity: str) -> None:
    assert snapshot(quantity=Decimal(quantity)).quantity == Decimal(quantity)


def test_time_is_kept_in_utc() -> None:
    moment = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    kept = snapshot(at=moment).at
    assert kept == AT
    assert kept.tzinfo is UTC


def test_a_day_without_a_time_stays_a_day() -> None:
    assert transaction(booked_at=date(2026, 3, 1)).booked_at == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "salary"}, "FlowClass"),
        ({"external_id": ""}, "external_id"),
        ({"raw": {"balance": 1.5}}, "write amounts as strings"),
        ({"raw": {"balance": Decimal(1)}}, "write amounts as strings"),
        ({"raw": {1: "a"}}, "not a string"),
        ({"description": "x" * 4001}, "longer than"),
        ({"booked_at": date(1583, 1, 1)}, "out of range"),
    ],
)
def test_a_bad_transaction_is_refused_with_its_reason(changes: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        transaction(**changes)


def test_a_transaction_may_lack_an_id_and_carry_a_kind() -> None:
    assert transaction(external_id=None, kind=FlowClass.INTEREST).kind is FlowClass.INTEREST


def test_trades_and_rates_refuse_impossible_numbers() -> None:
    def trade(**changes: Any) -> Trade:
        known = {"account": "spot", "external_id": "1", "at": AT, "base": "BTC", "quote": "USDT", "side": Side.BUY}
        money = {"quantity": Decimal(1), "price": Decimal(2), "fee": Decimal(0), "fee_asset": "USDT"}
        return Trade(**{**known, **money, **changes})

    assert trade().side is Side.BUY
    with pytest.raises(ValueError, match="above zero"):
        trade(quantity=Decimal(-1))
    with pytest.raises(ValueError, match="not be negative"):
        trade(price=Decimal(-1))
    with pytest.raises(TypeError, match="Side"):
        trade(side="buy")
    with pytest.raises(ValueError, match="above zero"):
        Rate(base="EUR", quote="USD", at=AT, value=Decimal(0))
    with pytest.raises(ValueError, match="two different"):
        Rate(base="EUR", quote="EUR", at=AT, value=Decimal(1))


def test_accounts_and_events_are_checked() -> None:
    assert AccountInfo(account="a", name="A", kind=AccountKind.BANK).asset is None
    with pytest.raises(TypeError, match="AccountKind"):
        AccountInfo(account="a", name="A", kind="bank")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"data\.amount is a float"):
        Event(type="schedule", key="k", at=AT, data={"amount": 1.5})  # type: ignore[dict-item]


def test_a_cursor_holds_a_position_not_a_list() -> None:
    assert Cursor(data={"page": 3}).version == 1
    with pytest.raises(ValueError, match="keep a position"):
        Cursor(data=["x" * 100] * 200)
