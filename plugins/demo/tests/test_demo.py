"""The made-up world is the same for everybody at any time, says that it is made up, and earns like something real."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from flowd.api import (
    AccountInfo,
    AccountKind,
    Batch,
    ConfigError,
    Context,
    Covers,
    Cursor,
    FlowClass,
    Rate,
    Record,
    Snapshot,
    Transaction,
)
from flowd_demo import CONNECTOR, payouts
from flowd_demo.chance import between, swings
from flowd_demo.connector import DemoConfig
from flowd_demo.exchange import BEGIN, Moment, moments

NOW = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)


class NoHttp:
    """There is nobody to ask."""

    def get(self, url: str, **_: object) -> object:
        raise AssertionError(f"demo asked {url}")

    post = get


def context(tick: datetime = NOW) -> Context:
    return Context(
        connection="demo",
        tick=tick,
        http=NoHttp(),  # type: ignore[arg-type]
        log=logging.LoggerAdapter(logging.getLogger("test")),
        time_left=lambda: timedelta(seconds=60),
    )


def sync(cursor: Cursor | None = None, tick: datetime = NOW, **values: object) -> tuple[list[Record], Cursor | None]:
    """Run it once; the records and the cursor after them."""
    settings = DemoConfig.model_validate({"months": 2, **values})
    batches: list[Batch] = list(CONNECTOR.connect(settings).sync("balances", cursor, context(tick)))
    if not batches:
        return [], cursor
    (batch,) = batches
    assert batch.covers is Covers.NOTHING
    return list(batch.records), batch.cursor


def key(record: Record) -> tuple[object, ...]:
    match record:
        case Snapshot():
            return "snapshot", record.account, record.asset, record.at
        case Rate():
            return "rate", record.base, record.quote, record.at
        case Transaction():
            return "transaction", record.account, record.external_id
        case AccountInfo():
            return "account", record.account
        case _:
            raise AssertionError(record)


def told(records: Iterable[Record]) -> dict[tuple[object, ...], Record]:
    return {key(record): record for record in records}


def test_however_often_it_runs_it_tells_the_same() -> None:
    at_once, _ = sync(tick=NOW + timedelta(days=15))
    often: list[Record] = []
    cursor: Cursor | None = None
    for hours in (0, 1, 5, 7, 30, 31, 200, 360):
        records, cursor = sync(cursor, NOW + timedelta(hours=hours))
        often += records
    assert told(often) == told(at_once)
    assert len([record for record in often if not isinstance(record, AccountInfo)]) == len(at_once) - 3


def test_a_day_is_the_same_however_much_of_the_past_was_asked_for() -> None:
    short, _ = sync(months=1)
    long, _ = sync(months=30)
    assert told(short).items() <= told(long).items()
    assert len(long) > 10 * len(short)


def test_it_is_the_same_on_every_machine() -> None:
    """Written down once: a change of these numbers would change what people have stored."""
    assert [str(value) for value in swings(1, "x")[:3]] == ["0.9250", "0.0199", "1.9842"]
    assert [between(1, f"{n}", 1, 30) for n in range(6)] == [14, 21, 28, 9, 5, 18]
    (moment,) = moments(1, NOW.replace(hour=6, minute=0), NOW)
    assert {asset: str(price) for asset, price in moment.prices.items()} == PRICES
    assert {"/".join(where): str(quantity) for where, quantity in moment.held.items()} == HELD


PRICES = {"DEMO-BTC": "57549.626365", "DEMO-ETH": "3122.679578", "DEMO-USD": "0.908889", "DEMO-USDT": "0.908525"}
HELD = {
    "spot/DEMO-USDT": "14023.4421",
    "spot/DEMO-BTC": "0.02",
    "spot/DEMO-ETH": "0.3",
    "futures/DEMO-USDT": "12426.49",
}


def test_another_seed_is_another_world() -> None:
    one, _ = sync(seed=1)
    other, _ = sync(seed=2)
    assert {key(record) for record in one if isinstance(record, Snapshot)} == {
        key(record) for record in other if isinstance(record, Snapshot)
    }
    assert told(one) != told(other)


def test_a_seed_is_not_changed_under_way() -> None:
    _, cursor = sync(seed=1)
    with pytest.raises(ConfigError, match="Set seed back, or give the connection another name"):
        sync(cursor, NOW + timedelta(days=1), seed=2)


def test_nothing_is_told_before_the_next_moment_and_after_the_clock_went_back() -> None:
    _, cursor = sync()
    assert sync(cursor, NOW + timedelta(hours=2)) == ([], cursor)
    assert sync(cursor, NOW - timedelta(days=2)) == ([], cursor)
    records, _ = sync(cursor, datetime(2026, 3, 14, 12, 0, tzinfo=UTC))
    assert {record.at for record in records if isinstance(record, Snapshot)} == {datetime(2026, 3, 14, 12, tzinfo=UTC)}


def test_nothing_lies_in_the_future_or_before_the_past_asked_for() -> None:
    records, _ = sync()
    times = [record.at for record in records if isinstance(record, Snapshot | Rate)]
    times += [
        record.booked_at
        for record in records
        if isinstance(record, Transaction) and isinstance(record.booked_at, datetime)
    ]
    assert min(times) == datetime(2026, 1, 1, tzinfo=UTC)
    assert max(times) == datetime(2026, 3, 14, 6, tzinfo=UTC)


def test_everything_says_that_it_is_made_up() -> None:
    records, _ = sync()
    accounts = [record for record in records if isinstance(record, AccountInfo)]
    assert all("Demo" in account.name and "(made up)" in account.name for account in accounts)
    assert {account.kind for account in accounts} == {
        AccountKind.WALLET_SPOT,
        AccountKind.WALLET_FUTURES,
        AccountKind.PAYOUT,
    }
    for record in records:
        match record:
            case Snapshot() | Transaction():
                assert record.asset.startswith("DEMO-")
            case Rate():
                assert (record.base.startswith("DEMO-"), record.quote) == (True, "EUR")
    assert "nothing of it is real" in CONNECTOR.connect(DemoConfig()).check(context()).summary


@pytest.mark.parametrize("seed", [1, 2, 3, 99])
def test_it_earns_most_days_and_never_absurdly(seed: int) -> None:
    gains: dict[date, Decimal] = {}
    before: Decimal | None = None
    outside: dict[date, Decimal] = defaultdict(Decimal)
    for moment in moments(seed, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 6, 30, 18, tzinfo=UTC)):
        day = moment.at.date()
        outside[day] += sum((one.amount * moment.prices[one.asset] for one in moment.booked), Decimal(0))
        if moment.at.hour == 18:
            worth = value(moment)
            assert 24_000 < worth < 32_000
            if before is not None:
                gains[day] = worth - before - outside[day]
            before = worth
    mean = sum(gains.values()) / len(gains)
    losses = sum(gain < 0 for gain in gains.values()) / len(gains)
    assert 28 < mean < 48
    assert 0.03 < losses < 0.15
    assert all(-400 < gain < 200 for gain in gains.values())


def value(moment: Moment) -> Decimal:
    return sum((quantity * moment.prices[asset] for (_, asset), quantity in moment.held.items()), Decimal(0))


def test_money_that_comes_and_goes_is_named_for_what_it_is() -> None:
    booked = [
        one
        for moment in moments(1, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
        for one in moment.booked
    ]
    by_class = defaultdict(list)
    for one in booked:
        by_class[one.kind].append(one.amount)
    assert set(by_class) == {FlowClass.TRANSFER, FlowClass.DEPOSIT, FlowClass.WITHDRAWAL}
    assert sum(by_class[FlowClass.TRANSFER]) == 0
    assert all(amount > 0 for amount in by_class[FlowClass.DEPOSIT])
    assert all(amount < 0 for amount in by_class[FlowClass.WITHDRAWAL])


def test_a_reading_holds_what_was_booked_before_it() -> None:
    for before, after in pairwise(moments(1, BEGIN, BEGIN + timedelta(days=200))):
        assert all(before.at < one.booked_at < after.at for one in after.booked if isinstance(one.booked_at, datetime))
        moved = sum((one.amount for one in after.booked), Decimal(0))
        held = [sum(moment.held[where, "DEMO-USDT"] for where in ("spot", "futures")) for moment in (before, after)]
        assert abs(held[1] - held[0] - moved) < 300


def test_payouts_come_monthly_with_their_fee_and_refunds_stay_negative() -> None:
    booked = list(payouts.booked(1, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)))
    gross = [one.amount for one in booked if one.kind is FlowClass.PAYOUT and one.amount > 0]
    fees = [one.amount for one in booked if one.kind is FlowClass.FEE]
    refunds = [one.amount for one in booked if one.kind is FlowClass.PAYOUT and one.amount < 0]
    assert (len(gross), len(fees)) == (24, 24)
    assert all(
        fee == -(amount * Decimal("0.029")).quantize(Decimal("0.01")) for amount, fee in zip(gross, fees, strict=True)
    )
    assert 2 <= len(refunds) <= 12


def test_payouts_are_told_once_wherever_the_line_is_drawn() -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    whole = list(payouts.booked(1, begin, end))
    for hours in range(0, int((end - begin).total_seconds() // 3600), 3):
        line = begin + timedelta(hours=hours)
        assert [*payouts.booked(1, begin, line), *payouts.booked(1, line, end)] == whole


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"months": 0}, "greater than or equal to 1"),
        ({"months": 61}, "less than or equal to 60"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"currency": "euro"}, "pattern"),
        ({"sed": 1}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_said(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        DemoConfig.model_validate(values)


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    assert DemoConfig.model_validate(sample["config"]).months == 24
