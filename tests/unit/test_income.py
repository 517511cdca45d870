"""Income per day: of schedules, of receipts and of value, each summing to what came in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.analytics.cadence import CADENCES, detect, spans
from flowd.analytics.income import Income
from flowd.analytics.spread import Spread
from flowd.api import (
    Flow,
    FlowClass,
    IncomeDay,
    Level,
    Method,
    Quality,
    Receipt,
    ScheduleTerm,
    Span,
    Stream,
)
from flowd.domain.time import days
from flowd.testing.facts import FactsView

TODAY = date(2026, 6, 30)
FIRST, LAST = date(2020, 1, 1), date(2030, 1, 1)


def rows(view: FactsView, since: date = FIRST, until: date = LAST) -> list[IncomeDay]:
    return [row for row in Income().compute(view, since, until) if isinstance(row, IncomeDay)]


def total(found: Iterable[IncomeDay], name: str) -> Decimal:
    return sum((getattr(row, name) for row in found), Decimal(0))


# --- schedules ---


def scheduled(*terms: dict[str, Any], today: date = TODAY, **more: Any) -> FactsView:
    whole = [
        ScheduleTerm(**{"stream": "s", "currency": "EUR", "every": "month on L", "end": None, **term}) for term in terms
    ]
    return FactsView(
        today=today, stream=Stream(stream="s", method=Method.SCHEDULE, connection="s"), terms=whole, **more
    )


def test_a_month_sums_to_its_amount_and_the_last_day_has_the_remainder() -> None:
    view = scheduled({"amount": Decimal(4200), "start": date(2026, 5, 1), "end": date(2026, 5, 31)})
    found = rows(view)
    assert [row.earned for row in found] == [Decimal("135.48")] * 30 + [Decimal("135.60")]
    assert [row.day for row in found if row.received] == [date(2026, 5, 31)]
    assert total(found, "received") == total(found, "earned") == 4200
    assert {row.quality for row in found} == {Quality.EXACT}


def test_a_part_of_a_month_earns_its_days_and_is_paid_on_the_due_day() -> None:
    begins = {"amount": Decimal(3000), "start": date(2026, 4, 21), "end": date(2026, 4, 30), "every": "month on 1"}
    found = rows(scheduled(begins))
    assert [row.earned for row in found] == [Decimal(100)] * 10
    # the 1st had passed when it began
    assert [(row.day.day, row.received) for row in found if row.received] == [(21, Decimal(1000))]


def test_terms_follow_one_another_within_a_month() -> None:
    terms = (
        {"amount": Decimal(3000), "start": date(2026, 4, 1), "end": date(2026, 4, 10)},
        {"amount": Decimal(6000), "start": date(2026, 4, 11), "end": date(2026, 4, 30)},
    )
    found = rows(scheduled(*terms))
    assert total(found, "earned") == Decimal(1000) + Decimal(4000)
    assert [(row.day.day, row.received) for row in found if row.received] == [(30, Decimal(5000))]


@given(
    every=st.sampled_from(
        ["month on 25", "week on fri", "quarter on 1", "year on 02-29", "every 9 days from 2026-01-02"]
    ),
    amount=st.decimals(Decimal("0.01"), Decimal("1e6"), places=2),
    start=st.dates(date(2024, 1, 1), date(2025, 6, 1)),
    length=st.integers(0, 500),
)
def test_what_is_earned_is_what_is_received(every: str, amount: Decimal, start: date, length: int) -> None:
    end = start + timedelta(days=length)
    found = rows(scheduled({"amount": amount, "start": start, "end": end, "every": every}, today=date(2027, 12, 31)))
    assert total(found, "earned") == total(found, "received") == total(found, "earned_base")
    assert [row.day for row in found if row.earned][-1:] <= [end]


@given(cut=st.integers(0, 180))
def test_a_window_has_the_rows_of_the_whole(cut: int) -> None:
    view = scheduled({"amount": Decimal(1000), "start": date(2026, 1, 5), "every": "month on 15"})
    day = date(2026, 1, 5) + timedelta(days=cut)
    assert rows(view, FIRST, day) + rows(view, day + timedelta(days=1), LAST) == rows(view)


# --- receipts ---


def receipt(day: str, amount: str, **more: Any) -> Receipt:
    values: dict[str, Any] = {
        "account": "bank/main",
        "payer": "acme",
        "flow_class": FlowClass.SALARY,
        "asset": "EUR",
        "day": date.fromisoformat(day),
        "amount": Decimal(amount),
        "guessed": False,
    }
    return Receipt(**{**values, **more})


def received(*receipts: Receipt, every: str | None = None, **more: Any) -> FactsView:
    stream = Stream(stream="bank/salary", method=Method.TRANSACTIONS, connection="bank", every=every)
    return FactsView(today=TODAY, stream=stream, all_receipts=receipts, **more)


def test_two_receipts_are_no_rhythm() -> None:
    found = rows(received(receipt("2026-01-25", "3000"), receipt("2026-02-25", "3000")))
    assert [(row.day, row.earned) for row in found] == [
        (date(2026, 1, 25), Decimal(3000)),
        (date(2026, 2, 25), Decimal(3000)),
    ]


def test_a_rhythm_spreads_each_receipt_over_the_days_since_the_one_before() -> None:
    view = received(*(receipt(f"2026-0{month}-25", "2800") for month in (1, 2, 3, 4)))
    found = rows(view)
    assert found[0].day == date(2025, 12, 26)
    by_day = {row.day: row for row in found}
    assert by_day[date(2026, 3, 10)].earned == Decimal(100)
    assert by_day[date(2026, 3, 10)].quality is Quality.ESTIMATED
    assert by_day[date(2026, 3, 25)].received == 2800
    assert total(found, "earned") == total(found, "earned_base") == 4 * 2800
    assert len(found) == 31 + 31 + 28 + 31


def test_what_was_taken_back_stays_below_zero_on_its_day() -> None:
    view = received(*(receipt(f"2026-0{month}-25", "2800") for month in (1, 2, 3)), receipt("2026-03-27", "-300"))
    found = {row.day: row for row in rows(view)}
    assert found[date(2026, 3, 27)].received == found[date(2026, 3, 27)].earned == Decimal(-300)


def test_a_missed_month_is_not_made_up() -> None:
    view = received(*(receipt(f"2026-0{month}-25", "3000") for month in (1, 2, 3, 4, 6)))
    earned = {row.day: row.earned for row in rows(view)}
    assert date(2026, 5, 10) not in earned
    assert earned[date(2026, 6, 10)] == Decimal("96.77")


def test_what_the_next_payment_will_be_for_is_not_known_yet_and_no_zero() -> None:
    monthly = [receipt(f"2026-0{month}-25", "3000") for month in (3, 4, 5)]
    found = {row.day: row for row in rows(received(*monthly))}
    waiting = [row for row in found.values() if row.day > date(2026, 5, 25)]
    assert [row.day for row in waiting] == list(days(date(2026, 5, 26), TODAY))
    assert {(row.earned, row.received, row.quality) for row in waiting} == {(None, Decimal(0), Quality.ESTIMATED)}
    # what somebody else paid meanwhile is known
    other = receipt("2026-06-02", "50", payer="once")
    known = {row.day: row.earned for row in rows(received(*monthly, other))}
    assert (known[date(2026, 6, 1)], known[date(2026, 6, 2)]) == (None, Decimal(50))


def test_what_is_overdue_is_not_waited_for() -> None:
    last_chance = [receipt(f"2026-0{month}-25", "3000") for month in (3, 4, 5)]
    assert max(row.day for row in rows(received(*last_chance))) == TODAY
    too_late = [receipt(f"2026-0{month}-24", "3000") for month in (3, 4, 5)]
    assert max(row.day for row in rows(received(*too_late))) == date(2026, 5, 24)


def test_a_declared_payment_is_waited_for_until_a_week_after_it_is_due() -> None:
    found = rows(received(receipt("2026-05-25", "3100"), every="month on 25"))
    assert {row.earned for row in found if row.day > date(2026, 5, 31)} == {None}
    late = rows(received(receipt("2026-04-25", "3100"), every="month on 25"))
    assert max(row.day for row in late) == date(2026, 4, 30)


def test_gains_of_trading_are_never_spread() -> None:
    view = received(*(receipt(f"2026-0{month}-25", "9", flow_class=FlowClass.FUNDING) for month in (1, 2, 3, 4)))
    assert [row.earned for row in rows(view)] == [Decimal(9)] * 4


def test_a_declared_period_is_believed_from_the_first_receipt_on() -> None:
    found = rows(received(receipt("2026-03-27", "3100"), every="month on 25"))
    assert [row.earned for row in found if row.day != date(2026, 3, 27)] == [Decimal(100)] * 30
    assert {row.quality for row in found} == {Quality.EXACT}


def test_payers_have_rhythms_of_their_own() -> None:
    mine = [receipt(f"2026-0{month}-25", "3000") for month in (1, 2, 3)]
    other = [receipt("2026-02-11", "50", payer="once")]
    found = {row.day: row.earned for row in rows(received(*mine, *other))}
    assert found[date(2026, 3, 1)] == Decimal("107.14")
    assert found[date(2026, 2, 11)] == Decimal("96.77") + 50


def test_a_guess_is_only_an_estimate() -> None:
    (row,) = rows(received(receipt("2026-01-25", "10", flow_class=FlowClass.OTHER, guessed=True)))
    assert row.quality is Quality.ESTIMATED


def test_another_currency_is_worth_what_it_was_on_its_day() -> None:
    rates = {("USD", "EUR"): {date(2026, month, 25): Decimal(f"0.{month}") for month in (1, 2)}}
    view = received(*(receipt(f"2026-0{month}-25", "310", asset="USD") for month in (1, 2, 3)), rates=rates)
    found = rows(view)
    priced = [row for row in found if row.day <= date(2026, 2, 25)]
    assert total(priced, "earned_base") == total(priced, "received_base") == Decimal(31) + Decimal(62)
    unpriced = [row for row in found if row.day > date(2026, 2, 25)]
    assert {row.earned_base for row in unpriced} == {None}
    assert {row.quality for row in unpriced} == {Quality.PARTIAL}
    assert total(unpriced, "earned") == 310


def test_what_is_postdated_has_not_come_yet() -> None:
    assert rows(received(receipt("2026-07-01", "10"))) == []


def test_rhythms() -> None:
    for cadence in CADENCES:
        received_on = [date(2020, 1, 31)]
        for _ in range(4):
            received_on.insert(0, cadence.before(received_on[0]))
        assert detect(received_on) == cadence
        assert [span.last for span in spans(received_on, cadence)] == received_on
        gaps = list(spans(received_on, cadence))
        assert all(after.first == before.last + timedelta(days=1) for before, after in pairwise(gaps))
    assert detect([date(2026, 1, day) for day in (1, 2, 3, 4)]) is None
    assert detect([date(2026, 1, 1), date(2026, 1, 8), date(2026, 3, 1), date(2026, 6, 1)]) is None


@given(
    parts=st.lists(
        st.tuples(
            st.dates(date(2025, 1, 1), date(2025, 12, 31)),
            st.integers(0, 60),
            st.decimals(Decimal("-1e6"), Decimal("1e6"), places=2),
        ),
        max_size=12,
    )
)
def test_spread_is_the_sum_of_its_parts(parts: list[tuple[date, int, Decimal]]) -> None:
    whole, expected = Spread(2), dict[date, Decimal]()
    for first, length, amount in parts:
        span = Span(first=first, last=first + timedelta(days=length))
        whole.add(span, amount)
        alone = Spread(2)
        alone.add(span, amount)
        for day, value in alone.daily():
            expected[day] = expected.get(day, Decimal(0)) + value
    assert {day: value for day, value in whole.daily() if value} == {day: v for day, v in expected.items() if v}
    assert sum((value for _, value in whole.daily()), Decimal(0)) == sum((amount for *_, amount in parts), Decimal(0))


# --- value ---


def level(day: str, quantity: str, asset: str = "EUR", hour: int = 20, first: str | None = None) -> Level:
    on = date.fromisoformat(day)
    at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    return Level(
        connection="exchange",
        account="spot",
        asset=asset,
        day=on,
        at=at,
        quantity=Decimal(quantity),
        first_at=at - timedelta(hours=4),
        first=Decimal(quantity if first is None else first),
    )


def flow(day: str, amount: str, hour: int | None = None, asset: str = "EUR") -> Flow:
    on = date.fromisoformat(day)
    return Flow(
        connection="exchange",
        account="spot",
        day=on,
        at=None if hour is None else datetime(on.year, on.month, on.day, hour, tzinfo=UTC),
        amount=Decimal(amount),
        asset=asset,
        flow_class=FlowClass.DEPOSIT,
        stream=None,
    )


def valued(levels: Iterable[Level], flows: Iterable[Flow] = (), *, today: str = "2026-03-10", **more: Any) -> FactsView:
    return FactsView(
        today=date.fromisoformat(today),
        stream=Stream(stream="exchange", method=Method.VALUE, connection="exchange"),
        all_levels=list(levels),
        all_flows=list(flows),
        **more,
    )


def gains(view: FactsView) -> list[tuple[int, str | None, str]]:
    return [
        (row.day.day, None if row.earned is None else f"{row.earned.normalize():f}", row.quality) for row in rows(view)
    ]


def test_the_first_day_counts_from_its_first_reading() -> None:
    assert gains(valued([level("2026-03-10", "105", first="100")])) == [(10, "5", "partial")]


def test_a_deposit_is_no_gain() -> None:
    levels = [level("2026-03-08", "100"), level("2026-03-09", "603"), level("2026-03-10", "604")]
    assert gains(valued(levels, [flow("2026-03-09", "500")])) == [
        (8, "0", "partial"),
        (9, "3", "exact"),
        (10, "1", "exact"),
    ]


def test_a_deposit_after_the_last_reading_of_its_day_counts_on_the_next() -> None:
    levels = [level("2026-03-08", "100"), level("2026-03-09", "101"), level("2026-03-10", "602")]
    view = valued(levels, [flow("2026-03-09", "500", hour=21)])
    assert [gain for _, gain, _ in gains(view)] == ["0", "1", "1"]


def test_a_deposit_just_made_is_not_yet_in_the_value() -> None:
    levels = [level("2026-03-09", "100"), level("2026-03-10", "101")]
    assert gains(valued(levels, [flow("2026-03-10", "500", hour=21)]))[-1] == (10, "1", "exact")


def test_a_gap_is_spread_exactly_and_stays_empty_until_it_is_over() -> None:
    known = [level("2026-03-01", "100"), level("2026-03-02", "101")]
    view = valued(known)
    assert gains(view)[2:] == [(day, None, "stale") for day in range(3, 10)]
    view = valued([*known, level("2026-03-09", "111")])
    spread = [row for row in rows(view) if row.day >= date(2026, 3, 3)]
    assert {row.quality for row in spread} == {Quality.SPREAD}
    assert total(spread, "earned") == 10
    assert [row.earned for row in spread][:2] == [Decimal("1.42857142")] * 2
    assert spread[-1].earned == Decimal("1.42857148")


def test_an_asset_without_a_price_leaves_no_number() -> None:
    levels = [level("2026-03-09", "1", asset="BTC"), level("2026-03-10", "2", asset="BTC")]
    assert gains(valued(levels)) == [(9, None, "partial"), (10, None, "partial")]
    prices = {date(2026, 3, 9): Decimal(100), date(2026, 3, 10): Decimal(110)}
    assert gains(valued(levels, rates={("BTC", "EUR"): prices})) == [(9, "0", "partial"), (10, "120", "exact")]


def test_money_from_outside_without_a_price_leaves_no_number_for_its_day_only() -> None:
    levels = [level("2026-03-08", "100"), level("2026-03-09", "150"), level("2026-03-10", "151")]
    assert gains(valued(levels, [flow("2026-03-09", "1", asset="BTC")]))[1:] == [
        (9, None, "partial"),
        (10, "1", "exact"),
    ]


def test_what_is_gone_needs_no_further_reading() -> None:
    levels = [level(f"2026-03-{day:02}", "100") for day in range(1, 11)]
    gone = [level("2026-03-01", "7", asset="USD"), level("2026-03-02", "0", asset="USD")]
    rates = {("USD", "EUR"): {date(2026, 3, day): Decimal(1) for day in (1, 2)}}
    assert gains(valued([*levels, *gone], rates=rates))[1:] == [
        (2, "-7", "exact"),
        *((d, "0", "exact") for d in range(3, 11)),
    ]


@pytest.mark.parametrize("fresh", [1, 3])
def test_a_reading_tells_as_many_days_as_the_feed_is_slow(fresh: int) -> None:
    view = valued([level("2026-03-07", "100"), level("2026-03-09", "104")])
    view.stream = Stream(stream="exchange", method=Method.VALUE, connection="exchange", fresh=timedelta(days=fresh))
    expected = {
        1: [(8, "2", "spread"), (9, "2", "spread")],
        3: [(8, "0", "exact"), (9, "4", "exact"), (10, "0", "exact")],
    }
    assert gains(view)[1:] == expected[fresh]


@given(data=st.data())
def test_gains_add_up_to_the_change_in_value_without_deposits(data: st.DataObject) -> None:
    every_day = list(days(date(2026, 2, 1), date(2026, 3, 10)))
    read = data.draw(st.sets(st.sampled_from(every_day), min_size=2))
    amounts = st.decimals(Decimal("0.01"), Decimal("9999"), places=2)
    levels = [level(str(day), str(data.draw(amounts)), first=None) for day in sorted(read)]
    deposits = [flow(str(day), "12.34") for day in data.draw(st.sets(st.sampled_from(every_day), max_size=5))]
    found = rows(valued(levels, deposits))
    known = [row for row in found if row.earned is not None]
    inside = [one for one in deposits if min(read) < one.day <= max(read)]
    expected = levels[-1].quantity - levels[0].quantity - sum((one.amount for one in inside), Decimal(0))
    assert total(known, "earned") == expected
    # any window has the rows of the whole
    cut = data.draw(st.sampled_from(every_day))
    view = valued(levels, deposits)
    assert rows(view, FIRST, cut) + rows(view, cut + timedelta(days=1), LAST) == found
