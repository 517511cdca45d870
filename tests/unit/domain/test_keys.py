"""Natural keys: the same fact has the same key, and nothing else has."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.keys import data_of, digest, occurred_at, subject_of, type_of
from flowd.domain.records import AccountInfo, Balance, Event, Transaction

TEXTS = st.lists(st.text(max_size=8), max_size=5)


def row(**changes: Any) -> Transaction:
    known = {
        "account": "main",
        "external_id": None,
        "booked_at": date(2026, 3, 1),
        "amount": Decimal("5"),
        "asset": "EUR",
    }
    return Transaction(**{**known, **changes})


@given(TEXTS, TEXTS)
def test_only_equal_parts_have_equal_digests(left: list[str], right: list[str]) -> None:
    assert (digest(*left) == digest(*right)) == (left == right)


def test_a_row_without_id_is_keyed_by_what_it_says() -> None:
    assert subject_of("bank", row()) == subject_of("bank", row(amount=Decimal("5.00"), description="  "))
    others = [
        row(amount=Decimal("5.01")),
        row(booked_at=date(2026, 3, 2)),
        row(asset="USD"),
        row(account="second"),
        row(counterparty="ACME"),
        row(external_id="5"),
    ]
    keys = {subject_of("bank", other) for other in others} | {subject_of("other", row())}
    assert len(keys) == len(others) + 1
    assert subject_of("bank", row()) not in keys


def test_a_row_with_an_id_keeps_its_key_when_its_content_is_revised() -> None:
    first, second = row(external_id="t1"), row(external_id="t1", amount=Decimal("7"))
    assert subject_of("bank", first) == subject_of("bank", second)
    assert data_of(first) != data_of(second)


def test_data_is_json_that_keeps_every_digit_and_leaves_out_what_is_empty() -> None:
    data = json.loads(data_of(row(amount=Decimal("1E-18"), kind=FlowClass.INTEREST, pending=True, raw={"x": "ü"})))
    assert data == {
        "account": "main",
        "amount": "0.000000000000000001",
        "asset": "EUR",
        "day": "2026-03-01",
        "kind": "interest",
        "pending": True,
        "raw": {"x": "ü"},
    }


def test_events_say_their_type_and_time() -> None:
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    event = Event(type="schedule", key="salary", at=at, data={"b": 1, "a": [None, True]})
    assert (type_of(event), data_of(event), occurred_at(event)) == ("schedule", '{"a":[null,true],"b":1}', at)
    assert occurred_at(row()) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    account = AccountInfo(account="a", name="A", kind=AccountKind.BANK)
    assert (type_of(account), occurred_at(account)) == ("account", None)


def test_a_balance_is_one_for_each_account_asset_and_day() -> None:
    first = Balance(account="a", asset="EUR", day=date(2026, 3, 1), amount=Decimal("12.50"))
    later = Balance(account="a", asset="EUR", day=date(2026, 3, 1), amount=Decimal("13"))
    other = Balance(account="a", asset="USD", day=date(2026, 3, 1), amount=Decimal("12.50"))
    assert subject_of("bank", first) == subject_of("bank", later) != subject_of("bank", other)
    assert (type_of(first), data_of(first)) == (
        "balance",
        '{"account":"a","amount":"12.5","asset":"EUR","day":"2026-03-01"}',
    )
    assert occurred_at(first) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(TypeError, match="a date without a time"):
        Balance(account="a", asset="EUR", day=datetime(2026, 3, 1, tzinfo=UTC), amount=Decimal(1))
