"""Performance: parts that sum exactly, returns that money from outside does not touch, examples that are true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.analytics.combining import combine, day_return
from flowd.analytics.income import Income
from flowd.analytics.performance import DailyPerformance
from flowd.analytics.portfolios import Portfolios
from flowd.api import About, Flow, FlowClass, IncomeDay, Level, Method, Performance, Quality, Stream
from flowd.testing.facts import FactsView

BEGIN = date(2026, 3, 1)
STREAM = Stream(stream="x", method=Method.VALUE, connection="x")
PARTS = ("income", "price", "fx", "fees", "other")
AMOUNTS = ("value", "flow", "pnl", *PARTS)
Rates = dict[tuple[str, str], dict[date, Decimal]]


def level(day: int, quantity: Decimal, asset: str = "EUR", account: str = "a", hour: int = 20) -> Level:
    on = BEGIN + timedelta(days=day)
    at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    return Level(
        connection="x", account=account, asset=asset, day=on, at=at, quantity=quantity, first_at=at, first=quantity
    )


def flow(
    day: int,
    amount: Decimal,
    flow_class: FlowClass,
    asset: str = "EUR",
    account: str = "a",
    hour: int | None = None,
) -> Flow:
    on = BEGIN + timedelta(days=day)
    return Flow(
        connection="x",
        account=account,
        day=on,
        at=None if hour is None else datetime(on.year, on.month, on.day, hour, tzinfo=UTC),
        amount=amount,
        asset=asset,
        flow_class=flow_class,
        stream=None,
    )


def rows(view: FactsView, scope: About = About.CONNECTION) -> list[Performance]:
    found = DailyPerformance().compute(view, date(2020, 1, 1), date(2030, 1, 1))
    return [row for row in found if row.scope is scope]


def linked(days: Iterable[Performance]) -> Decimal:
    index = Decimal(1)
    for row in days:
        index *= 1 + (row.day_return or Decimal(0))
    return index


# --- the example of docs/numbers.md -----------------------------------------------------------------------------------

TEXT = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text(encoding="utf-8")
CLASSES = {"deposit": FlowClass.DEPOSIT, "funding": FlowClass.FUNDING, "fee": FlowClass.FEE}


def test_the_documented_example_is_what_is_computed() -> None:
    blocks = [yaml.load(block, yaml.BaseLoader) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
    (example,) = [block for block in blocks if block.get("example") == "performance"]
    view = view_of(example)
    found = {str(row.day): row for row in rows(view)}
    assert set(found) == set(example["gives"])
    for day, expected in example["gives"].items():
        for column, value in expected.items():
            assert getattr(found[day], column) == Decimal(value), (day, column)


def view_of(example: Mapping[str, Any]) -> FactsView:
    days = {day: (date.fromisoformat(day) - BEGIN).days for day in example["held"]}
    rates: Rates = {
        (pair.split("/")[0], pair.split("/")[1]): {date.fromisoformat(day): Decimal(rate) for day, rate in one.items()}
        for pair, one in example["rates"].items()
    }
    for day, price in rates["BTC", "USD"].items():
        rates.setdefault(("BTC", "EUR"), {})[day] = price * rates["USD", "EUR"][day]
    flows = [
        flow(days[day], Decimal(amount), CLASSES[word], "USD")
        for day, booked in example["booked"].items()
        for word, amount in booked.items()
    ]
    return FactsView(
        today=BEGIN + timedelta(days=max(days.values())),
        base_currency=example["base"],
        stream=STREAM,
        all_levels=[
            level(days[day], Decimal(quantity), asset)
            for day, held in example["held"].items()
            for asset, quantity in held.items()
        ],
        all_flows=[one for one in flows if one.flow_class is FlowClass.DEPOSIT],
        all_gains=[one for one in flows if one.flow_class is not FlowClass.DEPOSIT],
        rates=rates,
        quotes={"BTC": "USD"},
    )


# --- properties -------------------------------------------------------------------------------------------------------

cents = st.decimals(min_value=1, max_value=100_000, places=2)
prices = st.decimals(min_value=Decimal("0.05"), max_value=5000, places=4)


@settings(max_examples=60, deadline=None)
@given(
    prices=st.lists(prices, min_size=3, max_size=12),
    moves=st.lists(st.tuples(st.integers(1, 11), st.decimals(min_value=-50, max_value=50, places=3)), max_size=6),
)
def test_twr_is_unchanged_by_money_that_comes_or_leaves_at_fair_value(
    prices: Sequence[Decimal], moves: Sequence[tuple[int, Decimal]]
) -> None:
    """What comes buys at the price of the day before, what leaves sells at the day's: neither changes any return."""
    units = [Decimal(10)] * len(prices)
    flows: dict[int, Decimal] = {}
    for day, amount in moves:
        if day < len(prices) and day not in flows:
            amount = max(amount, -min(units[day:]) + 1)
            price = prices[day - 1] if amount > 0 else prices[day]
            flows[day] = amount * price
            # what leaves does so at the end of the day: it is not in the value of that day's end any more
            for later in range(day, len(prices)):
                units[later] += amount
    worth = [count * price for count, price in zip(units, prices, strict=True)]
    view = FactsView(
        today=BEGIN + timedelta(days=len(prices) - 1),
        stream=STREAM,
        all_levels=[level(day, value) for day, value in enumerate(worth)],
        all_flows=[flow(day, amount, FlowClass.DEPOSIT) for day, amount in flows.items()],
    )
    found = rows(view)
    assert abs(linked(found) / (prices[-1] / prices[0]) - 1) < Decimal("1e-6")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals(min_value=-99, max_value=10_000, places=2), min_size=1, max_size=8))
def test_where_prices_stand_still_no_flow_gives_a_return(moves: Sequence[Decimal]) -> None:
    value, levels, flows = Decimal(100), [level(0, Decimal(100))], []
    for day, amount in enumerate(moves, 1):
        moved = max(amount, -value)
        value += moved
        levels.append(level(day, value))
        flows.append(flow(day, moved, FlowClass.WITHDRAWAL if moved < 0 else FlowClass.DEPOSIT))
    view = FactsView(today=BEGIN + timedelta(days=len(moves)), stream=STREAM, all_levels=levels, all_flows=flows)
    for row in rows(view):
        assert row.pnl == 0
        assert row.day_return == 0 or (row.day_return is None and "nothing was invested" in row.reason)


@settings(max_examples=40, deadline=None)
@given(st.lists(prices, min_size=2, max_size=8), st.integers(1, 7), st.sampled_from([2, 3, 10]))
def test_a_split_changes_no_return(quoted: Sequence[Decimal], on: int, parts: int) -> None:
    """From the split on there are so many times more shares at so much less: the chain runs through it."""
    days = range(len(quoted))
    rates = {BEGIN + timedelta(days=day): price / (parts if day >= on else 1) for day, price in enumerate(quoted)}
    view = FactsView(
        today=BEGIN + timedelta(days=len(quoted) - 1),
        stream=STREAM,
        all_levels=[level(day, Decimal(1000 * (parts if day >= on else 1)), "SHARE") for day in days],
        rates={("SHARE", "EUR"): rates},
    )
    found = rows(view)
    assert abs(linked(found) / (quoted[-1] / quoted[0]) - 1) < Decimal("1e-6")
    assert all(row.pnl == sum(getattr(row, part) for part in PARTS) for row in found)


@st.composite
def histories(draw: st.DrawFn) -> FactsView:
    """Two to three accounts of one connection: gaps, foreign money, missing rates, flows and gains of any day."""
    length = draw(st.integers(2, 14))
    levels: list[Level] = []
    for account in draw(st.sampled_from([("a", "b"), ("a", "b", "c")])):
        for asset in draw(st.sampled_from([("EUR",), ("EUR", "USD"), ("BTC", "USDT")])):
            for day in draw(st.sets(st.integers(0, length), min_size=1)):
                quantity = draw(st.decimals(min_value=0, max_value=999, places=3))
                levels.append(level(day, quantity, asset, account, draw(st.integers(1, 22))))
    booked = st.tuples(
        st.integers(0, length),
        st.decimals(min_value=-99, max_value=99, places=2),
        st.sampled_from(["EUR", "USD"]),
        st.sampled_from(["a", "b", "unread"]),
        st.none() | st.integers(0, 22),
    )
    rates: Rates = {}
    for pair in (("USD", "EUR"), ("BTC", "USDT"), ("USDT", "EUR")):
        known = draw(st.sets(st.integers(0, length), min_size=length - 1))
        rates[pair] = {BEGIN + timedelta(days=day): draw(prices) for day in sorted(known)}
    for on in set(rates["BTC", "USDT"]) & set(rates["USDT", "EUR"]):
        rates.setdefault(("BTC", "EUR"), {})[on] = rates["BTC", "USDT"][on] * rates["USDT", "EUR"][on]
    outside = [FlowClass.DEPOSIT, FlowClass.WITHDRAWAL, FlowClass.TRANSFER]
    gains = [FlowClass.REALISED_PNL, FlowClass.FEE, FlowClass.REFUND, FlowClass.DIVIDEND]
    return FactsView(
        today=BEGIN + timedelta(days=length),
        stream=STREAM,
        all_levels=draw(st.permutations(levels)),
        all_flows=[
            flow(day, amount, draw(st.sampled_from(outside)), asset, account, hour)
            for day, amount, asset, account, hour in draw(st.lists(booked, max_size=5))
        ],
        all_gains=[
            flow(day, amount, draw(st.sampled_from(gains)), asset, account, hour)
            for day, amount, asset, account, hour in draw(st.lists(booked, max_size=5))
        ],
        rates=rates,
        quotes={"BTC": "USDT"},
    )


@settings(max_examples=200, deadline=None)
@given(histories())
def test_everything_sums_exactly_and_is_the_income(view: FactsView) -> None:
    accounts, connections = rows(view, About.ACCOUNT), rows(view)
    for row in [*accounts, *connections]:
        parts = [getattr(row, part) for part in PARTS]
        if row.pnl is not None and None not in parts:
            assert row.pnl == sum(parts)
        assert (row.day_return is None) <= bool(row.reason)
        assert (row.quality is not Quality.EXACT) <= bool(row.reason)
    for row in connections:
        own = [one for one in accounts if one.day == row.day]
        for amount in AMOUNTS:
            told = [getattr(one, amount) for one in own]
            assert getattr(row, amount) == (None if None in told else sum(told))
    names = {row.name for row in accounts}
    for name in ["x", *names]:
        before: Decimal | None = Decimal(0)
        for row in [row for row in (*accounts, *connections) if row.name == name]:
            if row.value is not None and row.flow is not None and row.pnl is not None and before is not None:
                assert row.value - before - row.flow == row.pnl
            before = row.value
    income = {row.day: row for row in Income().compute(view, BEGIN, view.today) if isinstance(row, IncomeDay)}
    found = {row.day: row for row in connections}
    assert set(income) <= set(found)
    for day, one in income.items():
        assert found[day].pnl == one.earned_base
        assert found[day].quality is one.quality


@settings(max_examples=40, deadline=None)
@given(histories(), st.integers(0, 14), st.integers(0, 14))
def test_a_stretch_of_days_is_the_same_by_itself(view: FactsView, since: int, until: int) -> None:
    first, last = BEGIN + timedelta(days=since), BEGIN + timedelta(days=until)
    whole = [row for row in DailyPerformance().compute(view, BEGIN, view.today) if first <= row.day <= last]
    assert list(DailyPerformance().compute(view, first, last)) == whole


@settings(max_examples=40, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_accounts_and_of_parts_does_not_matter(view: FactsView, order: Any) -> None:
    accounts = rows(view, About.ACCOUNT)
    day = accounts[0].day
    parts = [row for row in accounts if row.day == day]
    expected = combine(About.TOTAL, "", day, parts)
    order.shuffle(parts)
    assert combine(About.TOTAL, "", day, parts) == expected


# --- single cases -----------------------------------------------------------------------------------------------------


def test_no_return_without_a_base_above_zero() -> None:
    assert day_return(Decimal(0), Decimal(-5), Decimal(5)) == (None, "nothing was invested, so there is no return")
    assert day_return(Decimal(-3), Decimal(0), Decimal(5))[0] is None
    assert day_return(Decimal(0), Decimal(50), Decimal(5)) == (Decimal("0.1"), "")
    assert day_return(Decimal(100), Decimal(-105), Decimal(5)) == (Decimal("0.05"), "")


def test_an_asset_that_is_gone_needs_no_rate() -> None:
    view = FactsView(
        today=BEGIN + timedelta(days=1),
        stream=STREAM,
        all_levels=[level(0, Decimal(3), "OLD"), level(1, Decimal(0), "OLD"), level(1, Decimal(7))],
        rates={("OLD", "EUR"): {BEGIN: Decimal(2)}},
    )
    last = rows(view)[-1]
    assert [last.value, last.pnl, last.price, last.fx, last.other] == [Decimal(one) for one in (7, 1, 0, 0, 1)]


def test_groups_and_the_total_wait_for_all_their_parts() -> None:
    def row(name: str, day: int) -> Performance:
        amounts: dict[str, Any] = dict.fromkeys(AMOUNTS, Decimal(1))
        about: dict[str, Any] = {"scope": About.CONNECTION, "name": name, "day": BEGIN + timedelta(days=day)}
        return Performance(**about, day_return=None, quality=Quality.EXACT, **amounts)

    streams = [replace(STREAM, stream=name, connection=name, group=group) for name, group in ("ag", "bg", "ch")]
    view = FactsView(
        today=BEGIN + timedelta(days=1),
        more_streams=streams,
        all_performance=[row("a", 0), row("b", 0), row("c", 0), row("a", 1), row("c", 1)],
    )
    found = [
        (one.scope.value, one.name, (one.day - BEGIN).days, str(one.value))
        for one in Portfolios().compute(view, BEGIN, view.today)
    ]
    assert found == [("total", "", 0, "3"), ("group", "g", 0, "2"), ("group", "h", 0, "1"), ("group", "h", 1, "1")]


@pytest.mark.parametrize("scope", [About.ACCOUNT, About.CONNECTION])
def test_nothing_read_gives_nothing(scope: About) -> None:
    assert rows(FactsView(today=BEGIN, stream=STREAM), scope) == []
